"""CloudWatch log groups."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import build_tags


def declare_log_group(
    name: str,
    retention_days: pulumi.Input[int],
    tags: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
    prefix: str | None = None,
) -> aws.cloudwatch.LogGroup:
    """Declares a log group that is deleted with the stack. `prefix` begins its name in AWS, which is unique."""
    return aws.cloudwatch.LogGroup(
        name,
        name_prefix=prefix,
        retention_in_days=retention_days,
        tags=build_tags(name, tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )
