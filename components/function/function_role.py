"""The execution role of a Lambda function: its own log group, and its place in the VPC, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..facts import limits
from ..iam.role_policies import build_role_policy
from ..iam.statements import Statement, allow_log_writes, build_policy, build_trust_policy, measure_policy
from ..resource_options.scope import build_tags

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html: Lambda makes the interfaces with the function's
# role before anything has an ARN, so these take no narrower resource.
_INTERFACE_ACTIONS: Final = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


def declare_function_role(
    name: str,
    log_group: aws.cloudwatch.LogGroup,
    tags: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
    *,
    in_vpc: bool,
    may_leave: bool = False,
    allowed: pulumi.Input[Sequence[Statement]] = (),
    attach: Callable[[aws.iam.Role], list[pulumi.Resource]] = lambda _: [],
) -> tuple[aws.iam.Role, list[aws.iam.RolePolicy]]:
    """The role and its policies; delete the function before them. `allowed` are statements for its own code.

    A function that `may_leave` its VPC has the rights for its interfaces in a policy of their own. The engine deletes
    it last, and Lambda needs them until it has deleted the interfaces. https://github.com/aws/aws-cdk/issues/34400

    What `attach` attaches to the role is there before the policy loses what it takes over.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{name}-role",
        assume_role_policy=json.dumps(build_trust_policy("lambda.amazonaws.com")),
        tags=build_tags(f"{name}-role", tags),
        opts=child,
    )
    separate = in_vpc and may_leave
    interfaces = _build_interface_statements() if in_vpc and not separate else []
    both: pulumi.Output[list[Any]] = pulumi.Output.all(log_group.arn, allowed)
    held = both.apply(lambda known: [allow_log_writes(known[0]), *interfaces, *known[1]])
    most = limits.ROLE_POLICIES_CHARACTERS - (measure_policy(_build_interface_statements()) if separate else 0)
    own = aws.iam.RolePolicy(
        f"{name}-policy",
        role=role.name,
        policy=build_role_policy(parent, held, most),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=attach(role)),
    )
    if not separate:
        return role, [own]
    document = json.dumps(build_policy(_build_interface_statements()))
    return role, [own, aws.iam.RolePolicy(f"{name}-interfaces", role=role.name, policy=document, opts=child)]


def _build_interface_statements() -> list[dict[str, Any]]:
    """Lambda may manage interfaces; the function's own code, which runs under the same role, may not."""
    return [
        {"Effect": "Allow", "Action": list(_INTERFACE_ACTIONS), "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": list(_INTERFACE_ACTIONS),
            "Resource": "*",
            "Condition": {"Null": {"lambda:SourceFunctionArn": "false"}},
        },
    ]
