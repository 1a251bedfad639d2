"""Permissions of a program for AWS resources, each allowed by name: arguments, mistakes, and statements of its role."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NotRequired, TypedDict

import pulumi

from . import lookups
from .argument_types import PermissionKind, PermissionWord, PermissionWords
from .arguments import ArgumentError
from .facts import aws_permissions, limits
from .faults import Fault
from .iam import Statement

ARGUMENT: Final = "permissions"


class PermissionArgs(TypedDict):
    """One AWS resource, and what the program may do with it."""

    kind: PermissionKind
    """Kind of the resource."""
    name: pulumi.Input[str]
    """Name, ID or ARN of the resource. A name stands for the resource in the account and region of the stack. An
    `inference-profile` includes its model in every region, but only through the profile."""
    allow: PermissionWords
    """What the program may do. `table`: `read`, `write`. `bucket`: `list`, `read`, `write`, `delete`. `queue`: `send`,
    `consume`. `topic`: `publish`. `key`: `encrypt`, `decrypt`, `sign`, `verify`. `secret` and `parameter`: `read`,
    `write`. `model`, `inference-profile` and `function`: `invoke`. `event-bus`: `send`. `state-machine`: `start`,
    `run`."""
    kms_key: NotRequired[pulumi.Input[str]]
    """Customer-managed KMS key that encrypts the resource: ID or ARN. The program can use it only through the
    resource's service. Defaults to none."""


@dataclass(frozen=True)
class Permission:
    """See PermissionArgs."""

    kind: PermissionKind
    name: pulumi.Input[str]
    allow: Sequence[PermissionWord]
    kms_key: pulumi.Input[str] | None = None

    def wrong(self, name: object, kms_key: object) -> str:
        """The mistake in these values; empty if there is none. Outputs have no value yet."""
        try:
            if isinstance(name, str):
                aws_permissions.check_name(self.kind, name)
            if isinstance(kms_key, str):
                aws_permissions.check_name("key", kms_key)
        except ValueError as error:
            return str(error)
        return ""


def faults(permissions: Mapping[str, Permission]) -> Iterator[Fault]:
    """Words and keys that a kind does not have, texts that name no resource, and resources that are there twice."""
    first: dict[tuple[str, str], str] = {}
    for key, one in permissions.items():
        known, at = aws_permissions.KINDS[one.kind], f"{ARGUMENT}.{key}"
        for word in one.allow:
            if word not in known.words:
                yield Fault(at, word, f"{', '.join(known.words)} with kind: {one.kind}", "take it out of allow")
        if wrong := one.wrong(one.name, one.kms_key):
            yield Fault(at, one.name if isinstance(one.name, str) else "…", wrong)
        if one.kms_key is not None and not known.key_actions:
            yield Fault(at, "kms_key", f"kms_key only with {_encrypted()}", "take kms_key out")
        if isinstance(one.name, str):
            other = first.setdefault((one.kind, one.name), key)
            if other != key:
                yield Fault(at, one.name, "each resource once", f"add its words to {ARGUMENT}.{other}")


def policy_faults(policy_arns: Mapping[str, object]) -> Iterator[Fault]:
    """More managed policies than AWS attaches to a role."""
    if len(policy_arns) > limits.ROLE_MANAGED_POLICIES:
        allowed = f"{limits.ROLE_MANAGED_POLICIES} at most: AWS's quota “Managed policies per role”"
        yield Fault("policy_arns", f"{len(policy_arns)} policies", allowed, "join several in one managed policy")


def statements(
    component: str, permissions: Mapping[str, Permission], parent: pulumi.Resource
) -> pulumi.Output[list[Statement]]:
    """Statements of the role, in the order of their ARNs: another key or another order changes nothing."""
    if not permissions:
        return pulumi.Output.from_input([])
    return pulumi.Output.all(
        names={key: one.name for key, one in permissions.items()},
        keys={key: one.kms_key or "" for key, one in permissions.items()},
        partition=lookups.partition(parent),
        region=lookups.region(parent),
        account=lookups.account(parent),
    ).apply(lambda known: _statements(component, permissions, **known))


def _statements(
    component: str, permissions: Mapping[str, Permission], names: dict[str, str], keys: dict[str, str], **place: Any
) -> list[Statement]:
    found: list[Statement] = []
    for key, one in permissions.items():
        if wrong := one.wrong(names[key], keys[key] or None):
            raise ArgumentError(component, f"{ARGUMENT}.{key}", names[key], wrong)
        where = aws_permissions.Place(**place)
        found += aws_permissions.statements(one.kind, names[key], one.allow, keys[key], where)
    found = _grouped(found)
    if (characters := len(json.dumps(found, separators=(",", ":")))) > limits.ROLE_POLICIES_CHARACTERS:
        most = limits.ROLE_POLICIES_CHARACTERS
        want = f"{most:,} at most in the policies of a role, which some {len(names) * most // characters} of them take"
        remedy = "; name fewer resources, and attach a managed policy for the others by policy_arns"
        raise ArgumentError(component, ARGUMENT, f"{len(names)} resources, {characters:,} characters", want + remedy)
    return found


def _grouped(found: Sequence[Statement]) -> list[Statement]:
    """One statement for each set of actions and condition, in the order of their ARNs."""
    together: dict[str, tuple[Statement, set[str]]] = {}
    for one in found:
        key = json.dumps([one["Action"], one.get("Condition")])
        together.setdefault(key, (one, set()))[1].add(str(one["Resource"]))
    listed = [{**one, "Resource": sorted(arns) if len(arns) > 1 else min(arns)} for one, arns in together.values()]
    return sorted(listed, key=lambda statement: (str(statement["Resource"]), statement["Action"]))


def _encrypted() -> str:
    return ", ".join(kind for kind, known in aws_permissions.KINDS.items() if known.key_actions)
