"""Permissions of a program as statements of its role."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from ..arguments.errors import ArgumentError
from ..aws_lookups.account import find_account_id, find_partition, find_region
from ..facts import aws_permissions
from .permission_args import ARGUMENT, PermissionArgs
from .statements import Statement


def build_permission_statements(
    component: str, permissions: Mapping[str, PermissionArgs], parent: pulumi.Resource
) -> pulumi.Output[list[Statement]]:
    """Returns statements of the role, in the order of their ARNs: another key or another order changes nothing."""
    if not permissions:
        return pulumi.Output.from_input([])
    return pulumi.Output.all(
        names={key: permission.name for key, permission in permissions.items()},
        keys={key: permission.kms_key or "" for key, permission in permissions.items()},
        partition=find_partition(parent),
        region=find_region(parent),
        account=find_account_id(parent),
    ).apply(lambda known: _build_statements(component, permissions, **known))


def _build_statements(
    component: str, permissions: Mapping[str, PermissionArgs], names: dict[str, str], keys: dict[str, str], **place: Any
) -> list[Statement]:
    granted: list[Statement] = []
    for key, permission in permissions.items():
        if wrong := permission.find_mistake(names[key], keys[key] or None):
            raise ArgumentError(component, f"{ARGUMENT}.{key}", names[key], wrong)
        where = aws_permissions.Place(**place)
        granted += aws_permissions.build_statements(permission.kind, names[key], permission.allow, keys[key], where)
    return group_statements(granted)


def group_statements(granted: Sequence[Statement]) -> list[Statement]:
    """One statement for each set of actions and condition, in the order of their ARNs."""
    together: dict[str, tuple[Statement, set[str]]] = {}
    for statement in granted:
        key = json.dumps([statement["Action"], statement.get("Condition")])
        together.setdefault(key, (statement, set()))[1].add(str(statement["Resource"]))
    listed = [{**one, "Resource": sorted(arns) if len(arns) > 1 else min(arns)} for one, arns in together.values()]
    return sorted(listed, key=lambda statement: (str(statement["Resource"]), statement["Action"]))
