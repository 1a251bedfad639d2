"""Permissions of a program for AWS resources, each allowed by name: arguments, and their mistakes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import pulumi

from ..arguments.faults import Fault
from ..arguments.marks import Located
from ..arguments.words import PermissionKind, PermissionWords
from ..facts import aws_permissions

ARGUMENT: Final = "permissions"


@dataclass(frozen=True, kw_only=True)
class PermissionArgs:
    """One AWS resource, and what the program may do with it."""

    kind: PermissionKind
    """Kind of the resource."""
    name: Annotated[pulumi.Input[str], Located("resource")]
    """Name, ID or ARN of the resource. A name stands for the resource in the account and region of the stack. An
    `inference-profile` includes its model in every region, but only through the profile."""
    allow: PermissionWords
    """What the program may do. `table`: `read`, `write`. `bucket`: `list`, `read`, `write`, `delete`. `queue`: `send`,
    `consume`. `topic`: `publish`. `key`: `encrypt`, `decrypt`, `sign`, `verify`. `secret` and `parameter`: `read`,
    `write`. `model`, `inference-profile` and `function`: `invoke`. `event-bus`: `send`. `state-machine`: `start`,
    `run`."""
    kms_key: Annotated[pulumi.Input[str], Located("key")] | None = None
    """Customer-managed KMS key that encrypts the resource: ID or ARN. The program can use it only through the
    resource's service. Defaults to none."""

    def find_mistake(self, name: object, kms_key: object) -> str:
        """Returns the mistake in these values; empty if there is none. Outputs have no value yet."""
        try:
            if isinstance(name, str):
                aws_permissions.check_name(self.kind, name)
            if isinstance(kms_key, str):
                aws_permissions.check_name("key", kms_key)
        except ValueError as error:
            return str(error)
        return ""


def find_permission_faults(permissions: Mapping[str, PermissionArgs]) -> Iterator[Fault]:
    """Words and keys that a kind does not have, texts that name no resource, and resources that are there twice."""
    first: dict[tuple[str, str], str] = {}
    for key, permission in permissions.items():
        known, at = aws_permissions.KINDS[permission.kind], f"{ARGUMENT}.{key}"
        for word in permission.allow:
            if word not in known.words:
                yield Fault(at, word, f"{', '.join(known.words)} with kind: {permission.kind}", "take it out of allow")
        if wrong := permission.find_mistake(permission.name, permission.kms_key):
            yield Fault(at, permission.name if isinstance(permission.name, str) else "…", wrong)
        if permission.kms_key is not None and not known.key_actions:
            yield Fault(at, "kms_key", f"kms_key only with {_list_encrypted_kinds()}", "take kms_key out")
        if isinstance(permission.name, str):
            other = first.setdefault((permission.kind, permission.name), key)
            if other != key:
                yield Fault(at, permission.name, "each resource once", f"add its words to {ARGUMENT}.{other}")


def _list_encrypted_kinds() -> str:
    return ", ".join(kind for kind, known in aws_permissions.KINDS.items() if known.key_actions)
