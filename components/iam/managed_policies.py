"""Divides the permissions of a program over the policies of its role, each of which AWS limits in length."""

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ..arguments.faults import Fault
from ..aws_lookups.account import find_stated_region
from ..facts import aws_permissions, limits
from ..facts.regions import find_partition
from .permission_args import ARGUMENT, PermissionArgs
from .permission_statements import group_statements
from .statements import Statement, measure_policy

OWN_CHARACTERS: Final = limits.ROLE_POLICIES_CHARACTERS - 2_048
"""Room for permissions in the inline policies of a role, besides logs, secrets and images, as a plan."""
_WIDE: Final = re.compile(r":iam::aws:policy/(?:.*/)?(?:AdministratorAccess|PowerUserAccess|.*FullAccess)$")
"""AWS's own policies for administrators. https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"""
NAME_FEWER: Final = "name fewer resources, or divide them between several programs"


def find_policy_faults(permissions: Mapping[str, PermissionArgs], policy_arns: Mapping[str, object]) -> Iterator[Fault]:
    """Too many managed policies, policies for administrators, and permissions that fit into no role."""
    for key, arn in policy_arns.items():
        if isinstance(arn, str) and _WIDE.search(arn):
            remedy = "name the resources in permissions, or write a policy with the actions and resources that it needs"
            yield Fault(f"policy_arns.{key}", arn, "no policy that allows all actions of a service", remedy)
    if len(policy_arns) > limits.ROLE_MANAGED_POLICIES:
        allowed = f"{limits.ROLE_MANAGED_POLICIES} at most: AWS's quota “Managed policies per role”"
        yield Fault("policy_arns", f"{len(policy_arns)} policies", allowed, "join several in one managed policy")
        return
    characters = _measure_permissions(permissions)
    if _divide(permissions, policy_arns, characters) is None:
        left, around = limits.ROLE_MANAGED_POLICIES - len(policy_arns), characters.pop("")
        room = left * max(0, limits.MANAGED_POLICY_CHARACTERS - around)
        allowed = f"about {room:,} at most in the managed policies of a role, {left} here"
        yield Fault(
            ARGUMENT, f"{len(permissions)} resources, {sum(characters.values()):,} characters", allowed, NAME_FEWER
        )


def divide_permissions(
    permissions: Mapping[str, PermissionArgs], policy_arns: Collection[str]
) -> list[Mapping[str, PermissionArgs]]:
    """Returns the permissions by managed policy; none if the role's own policy holds all."""
    return _divide(permissions, policy_arns, _measure_permissions(permissions)) or []


def _divide(
    permissions: Mapping[str, PermissionArgs], policy_arns: Collection[str], characters: Mapping[str, int]
) -> list[Mapping[str, PermissionArgs]] | None:
    """See `divide_permissions`; None if there are too many.

    A resource keeps its policy, except that a further policy takes over some, or that all policies are full.
    """
    around = characters[""]
    if sum(characters.values()) <= OWN_CHARACTERS:
        return []
    most, room = limits.ROLE_MANAGED_POLICIES - len(policy_arns), limits.MANAGED_POLICY_CHARACTERS - around
    places = {
        (permission.kind, *((permission.name, "") if isinstance(permission.name, str) else ("", key))): key
        for key, permission in permissions.items()
    }
    for number, full in [*((number, False) for number in range(2, most + 1)), *[(most, True)][: max(most, 0)]]:
        parts: list[dict[str, PermissionArgs]] = [{} for _ in range(number)]
        filled = [0] * number
        for place, key in sorted(places.items()):
            drawn = {at: hashlib.sha256(f"{at} {place}".encode()).digest() for at in range(number)}
            order = sorted(drawn, key=drawn.__getitem__)
            at = next((at for at in order if full and filled[at] + characters[key] <= room), order[0])
            parts[at][key] = permissions[key]
            filled[at] += characters[key]
        if max(filled) <= room:
            return [part for part in parts if part]
    return None


def _measure_permissions(permissions: Mapping[str, PermissionArgs]) -> dict[str, int]:
    """The length of each one's ARNs in a policy, and under an empty key that of all that is around them, at most.

    Regions, accounts and outputs have the length of the longest.
    """
    partition = find_partition(find_stated_region() or "")
    place = aws_permissions.Place(partition.name, "ap-southeast-1", "1" * 12)
    by_key: dict[str, list[Statement]] = {}
    for key, one in permissions.items():
        name = one.name if isinstance(one.name, str) else "x" * 64
        kms_key = one.kms_key if isinstance(one.kms_key, str) else "x" * 36 if one.kms_key is not None else ""
        by_key[key] = [*aws_permissions.build_statements(one.kind, name, one.allow, kms_key, place)]
    weights = {key: sum(len(statement["Resource"]) + len('"",') for statement in some) for key, some in by_key.items()}
    whole = measure_policy(group_statements([statement for some in by_key.values() for statement in some]))
    return {**weights, "": max(0, whole - sum(weights.values()))}
