"""The execution role of a Lambda function: its own log group, and its place in the VPC, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..aws_permissions import document_of
from ..iam import Statement, assumed_by
from ..scope import named

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


def function_role(
    name: str,
    log_group: aws.cloudwatch.LogGroup,
    tags: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
    *,
    in_vpc: bool,
    allowed: pulumi.Input[Sequence[Statement]] = (),
    attach: Callable[[aws.iam.Role], list[pulumi.Resource]] = lambda _: [],
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """The role and its policy; delete the function before the policy. `allowed` are statements for its own code.

    What `attach` attaches to the role is there before the policy loses what it takes over.
    """
    child = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{name}-role",
        assume_role_policy=json.dumps(assumed_by("lambda.amazonaws.com")),
        tags=named(f"{name}-role", tags),
        opts=child,
    )
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": pulumi.Output.concat(log_group.arn, ":*"),
        }
    ]
    if in_vpc:
        statements += _interfaces()
    policy = aws.iam.RolePolicy(
        f"{name}-policy",
        role=role.name,
        policy=document_of(parent, pulumi.Output.all(statements, allowed).apply(lambda known: [*known[0], *known[1]])),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=attach(role)),
    )
    return role, policy


def _interfaces() -> list[dict[str, Any]]:
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
