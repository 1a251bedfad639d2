"""CloudWatch log groups."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from .arguments import named


def log_group(
    name: str, retention_days: int, tags: Mapping[str, pulumi.Input[str]], parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """Create a log group that is deleted with the stack."""
    return aws.cloudwatch.LogGroup(
        name, retention_in_days=retention_days, tags=named(name, tags), opts=pulumi.ResourceOptions(parent=parent)
    )
