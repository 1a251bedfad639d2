"""The role of an instance, and the profile by which the instance takes it on."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from ..iam.role_policies import attach_policies, build_role_policy
from ..iam.statements import Statement, build_trust_policy
from ..resource_options.scope import Scope
from .backend_args import ProgramArgs


def declare_instance_profile(
    scope: Scope,
    statements: pulumi.Input[Sequence[Statement]] | None,
    program: ProgramArgs | None = None,
) -> aws.iam.InstanceProfile:
    """A profile whose role may do what the statements, if there are any, and managed policies of the program allow."""
    trust = pulumi.Output.json_dumps(build_trust_policy("ec2.amazonaws.com"))
    role = aws.iam.Role(
        f"{scope.name}-role", assume_role_policy=trust, tags=scope.build_tags("role"), opts=scope.child_options()
    )
    permissions: list[pulumi.Resource] = []
    if program is not None:
        permissions += attach_policies(scope, "Ec2Backend", role, program.permissions, program.policy_arns)
    if statements is not None:
        document = build_role_policy(scope.parent, statements)
        name, options = f"{scope.name}-permissions", scope.child_options(depends_on=permissions)
        permissions = [*permissions, aws.iam.RolePolicy(name, role=role.name, policy=document, opts=options)]
    # An instance that boots before its permissions exist fails its first calls.
    return aws.iam.InstanceProfile(
        f"{scope.name}-profile",
        role=role.name,
        tags=scope.build_tags("profile"),
        opts=scope.child_options(depends_on=permissions),
    )
