"""AWS permissions of programs: those of a container or of a function."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from ...argument_types import PermissionKind, PermissionWord
from ...aws_permissions import PermissionArgs
from .section import Section

POLICY_ARNS: Final = "Managed policies for AWS calls that `permissions` does not cover."


class Permission(Section, arguments=PermissionArgs, defaults=PermissionArgs):
    """One AWS resource, and what the program may do with it."""

    kind: PermissionKind
    name: str
    allow: list[PermissionWord] = Field(min_length=1)
    kms_key: str | None


def attached(arns: Sequence[str]) -> dict[str, str]:
    """The managed policies by names that only they have: their account and path."""
    return {arn.split(":", 4)[4]: arn for arn in arns}
