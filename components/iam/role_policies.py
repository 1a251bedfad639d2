"""The policies of a program's role: its own, and those that are attached to it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pulumi
import pulumi_aws as aws

from ..arguments.errors import ArgumentError
from ..facts import limits
from ..refused_changes.attachments import list_attachment_changes
from ..resource_hooks.refused_updates import add_update_hooks
from ..resource_options.scope import Scope
from .managed_policies import NAME_FEWER, divide_permissions
from .permission_args import ARGUMENT, PermissionArgs
from .permission_statements import build_permission_statements
from .statements import Statement, build_policy, measure_policy


def attach_policies(
    scope: Scope,
    component: str,
    role: "aws.iam.Role",
    permissions: Mapping[str, PermissionArgs],
    policy_arns: Mapping[str, pulumi.Input[str]],
) -> list[pulumi.Resource]:
    """Attach `policy_arns`, and policies with the permissions that the role's own policy cannot hold.

    A further policy is attached before the others lose what it takes over.
    """
    named = {f"{scope.name}-policy-{key}": arn for key, arn in policy_arns.items()}
    attached: list[pulumi.Resource] = [_attach(scope, name, role, arn) for name, arn in named.items()]
    before: list[pulumi.Resource] = []
    for at, part in reversed([*enumerate(divide_permissions(permissions, policy_arns), start=1)]):
        held = build_permission_statements(component, part, scope.parent)
        document = build_role_policy(scope.parent, held, limits.MANAGED_POLICY_CHARACTERS)
        suffix = f"permissions-{at}"
        name, options = f"{scope.name}-{suffix}", scope.child_options(depends_on=before)
        made_of = aws.iam.Policy(name, policy=document, tags=scope.build_tags(suffix), opts=options)
        before = [_attach(scope, name, role, made_of.arn)]
        attached += before
    return attached


def add_attachment_hooks(
    component: pulumi.Resource,
    name: str,
    permissions: Mapping[str, PermissionArgs],
    policy_arns: Mapping[str, pulumi.Input[str]],
    opts: pulumi.ResourceOptions | None,
) -> pulumi.ResourceOptions:
    """The options of a component, with hooks that refuse more attachments than a role takes."""

    def check(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
        return list_attachments(permissions, policy_arns, before, after)

    return add_update_hooks(component, name, check, opts)


def list_attachments(
    permissions: Mapping[str, PermissionArgs],
    policy_arns: Collection[str],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Iterator[str]:
    """Yields that both sides together have more policies than a role takes."""
    attached = before.get("policy_arns", {})
    deleted = (
        divide_permissions(_read_old_permissions(permissions, before), attached)
        if isinstance(attached, Mapping)
        else ()
    )
    created = divide_permissions(permissions, policy_arns)
    return list_attachment_changes(before, after, of_permissions=max(len(created), len(deleted)))


def _read_old_permissions(
    permissions: Mapping[str, PermissionArgs], old: Mapping[str, Any]
) -> Mapping[str, PermissionArgs]:
    """The permissions of the state. A name that is an output now was one then, and its value was not counted."""
    stated = old.get(ARGUMENT)
    known = {key: PermissionArgs(**one) for key, one in (stated.items() if isinstance(stated, Mapping) else ())}
    later = {key: permission.name for key, permission in permissions.items() if not isinstance(permission.name, str)}
    return {key: replace(permission, name=later.get(key, permission.name)) for key, permission in known.items()}


def _attach(scope: Scope, name: str, role: "aws.iam.Role", arn: pulumi.Input[str]) -> pulumi.Resource:
    return aws.iam.RolePolicyAttachment(name, role=role.name, policy_arn=arn, opts=scope.child_options())


def build_role_policy(
    component: pulumi.Resource, held: pulumi.Input[Sequence[Statement]], most: int = limits.ROLE_POLICIES_CHARACTERS
) -> pulumi.Output[str]:
    """A policy of a role. Raises ArgumentError for more than `most` characters, which show once outputs are known."""

    def build_checked_policy(known: Sequence[Statement]) -> dict[str, Any]:
        if (size := measure_policy(known)) > most:
            got = f"{size:,} characters in a policy of the role, with the values of outputs"
            want = f"at most {most:,}; write the names as text, so that they are divided before, or {NAME_FEWER}"
            raise ArgumentError(type(component).__name__, ARGUMENT, got, want)
        return build_policy(known)

    return pulumi.Output.json_dumps(pulumi.Output.from_input(held).apply(build_checked_policy))
