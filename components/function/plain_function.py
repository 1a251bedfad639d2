"""A Lambda function: its code or image, its role, and a log group that is deleted with it.

Costs nothing while idle; $0.20 a million calls and $0.0000133334 a GB-second on arm64 (us-east-1).
https://docs.aws.amazon.com/lambda/latest/dg/welcome.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pulumi
import pulumi_aws as aws

from ..arguments.names import SubnetIds
from ..arguments.words import Architecture
from ..facts import defaults
from ..iam.permission_args import PermissionArgs
from ..iam.role_policies import attach_policies
from ..iam.statements import Statement
from ..operations.log_groups import declare_log_group
from ..resource_options.scope import Scope
from .function_role import declare_function_role


@dataclass(frozen=True)
class Code:
    """The function's code and size."""

    description: str
    archive: pulumi.Archive | None = None
    image: pulumi.Input[str] | None = None
    """A container image in ECR, in place of the archive, which then names handler and runtime itself."""
    layers: Sequence[pulumi.Input[str]] = ()
    handler: str = defaults.LAMBDA_HANDLER
    runtime: str = defaults.LAMBDA_RUNTIME
    architecture: Architecture = "arm64"
    memory: pulumi.Input[int] = defaults.FUNCTION_MEMORY_MIB
    timeout_seconds: pulumi.Input[int] = defaults.FUNCTION_TIMEOUT_SECONDS
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    allowed: pulumi.Input[Sequence[Statement]] = ()
    """Statements of its role, besides its log."""
    permissions: Mapping[str, PermissionArgs] = field(default_factory=dict)
    policy_arns: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where in a VPC a function runs."""

    subnet_ids: SubnetIds
    group: aws.ec2.SecurityGroup
    rules: Sequence[pulumi.Resource]
    """The group's rules, which are there before the function's first call."""
    over_ipv6: bool = False
    """Whether it calls IPv6 addresses, from dual-stack subnets."""


def declare_function(
    scope: Scope, code: Code, log_retention_days: pulumi.Input[int], place: Place | None = None
) -> aws.lambda_.Function:
    """Declare function, role and log group. Without `place` the function is outside any VPC."""
    logs = declare_log_group(f"{scope.name}-log", log_retention_days, scope.tags, scope.parent)
    attach = partial(attach_policies, scope, "ApiFunction", permissions=code.permissions, policy_arns=code.policy_arns)
    role, policies = declare_function_role(
        scope.name,
        logs,
        scope.tags,
        scope.parent,
        in_vpc=place is not None,
        may_leave=True,
        allowed=code.allowed,
        attach=attach,
    )
    return aws.lambda_.Function(
        f"{scope.name}-function",
        description=code.description,
        **_build_code_inputs(code),
        role=role.arn,
        architectures=[code.architecture],
        memory_size=code.memory,
        timeout=code.timeout_seconds,
        environment=aws.lambda_.FunctionEnvironmentArgs(variables=dict(code.environment)) if code.environment else None,
        vpc_config=_build_vpc_config(place) if place else None,
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=logs.name),
        tags=scope.build_tags("function"),
        # The policies are deleted after the function, or Lambda could not remove its network interfaces.
        opts=scope.child_options(depends_on=[*policies, *(place.rules if place else ())]),
    )


def _build_code_inputs(code: Code) -> dict[str, Any]:
    if code.image is not None:
        return {"package_type": "Image", "image_uri": code.image}
    layers = {"layers": list(code.layers)} if code.layers else {}
    return {"code": code.archive, "handler": code.handler, "runtime": code.runtime, **layers}


def _build_vpc_config(place: Place) -> aws.lambda_.FunctionVpcConfigArgs:
    return aws.lambda_.FunctionVpcConfigArgs(
        subnet_ids=place.subnet_ids,
        security_group_ids=[place.group.id],
        ipv6_allowed_for_dual_stack=place.over_ipv6 or None,
    )
