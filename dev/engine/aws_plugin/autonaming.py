"""Names that the provider makes up: the logical name, a hyphen and seven hexadecimal digits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from . import names
from .names import Property
from .schema import Schema

DIGITS: Final = 7
_LONGEST: Final = {
    "aws_lb": 32,
    "aws_lb_target_group": 32,
    "aws_iam_role": 64,
    "aws_lambda_function": 64,
    "aws_iam_instance_profile": 128,
    "aws_iam_role_policy": 128,
}
_OTHERWISE: Final = 255


class TooLongError(ValueError):
    """A logical name that leaves no room for the digits."""


def property_to_name(token: str, schema: Schema, properties: Mapping[str, Property]) -> str | None:
    """The property that takes a name, if a program may leave it out; else None."""
    if names.requires_name(token):
        return None
    for terraform, found in properties.items():
        attribute = schema.block.attributes.get(terraform)
        if found.name == "name" and attribute is not None and attribute.settable and attribute.type == "string":
            return "name"
    return None


def made_name(type_name: str, logical: str, seed: bytes) -> str:
    """A name for a resource. Raises TooLongError if AWS's limit leaves no room for it."""
    longest = _LONGEST.get(type_name, _OTHERWISE)
    name = f"{logical}-{hashlib.sha256(seed + logical.encode()).hexdigest()[:DIGITS]}"
    if len(name) > longest:
        raise TooLongError(f"{name} has {len(name)} characters, and {type_name} takes {longest}")
    return name


def was_made(inputs: Mapping[str, Any]) -> bool:
    """Whether the name among the inputs was made up."""
    return "name" in (inputs.get("__defaults") or [])
