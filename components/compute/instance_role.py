"""The role of an instance, and the profile by which the instance takes it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from ..iam import Statement, assumed_by, policy
from ..scope import Scope


def instance_profile(
    scope: Scope,
    statements: pulumi.Input[Sequence[Statement]] | None,
    policy_arns: Mapping[str, pulumi.Input[str]] = MappingProxyType({}),
) -> aws.iam.InstanceProfile:
    """A profile whose role may do what the statements, if there are any, and the managed policies allow."""
    trust = pulumi.Output.json_dumps(assumed_by("ec2.amazonaws.com"))
    role = aws.iam.Role(f"{scope.name}-role", assume_role_policy=trust, tags=scope.tagged("role"), opts=scope.child())
    permissions: list[pulumi.Resource] = [
        aws.iam.RolePolicyAttachment(f"{scope.name}-policy-{key}", role=role.name, policy_arn=arn, opts=scope.child())
        for key, arn in policy_arns.items()
    ]
    if statements is not None:
        document = pulumi.Output.json_dumps(pulumi.Output.from_input(statements).apply(policy))
        permissions.append(
            aws.iam.RolePolicy(f"{scope.name}-permissions", role=role.name, policy=document, opts=scope.child())
        )
    # An instance that boots before its permissions exist fails its first calls.
    return aws.iam.InstanceProfile(
        f"{scope.name}-profile", role=role.name, tags=scope.tagged("profile"), opts=scope.child(depends_on=permissions)
    )
