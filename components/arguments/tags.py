"""Arguments that tag the resources of a component."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

import pulumi

from .marks import Check, RefusedError

_CHARACTERS: Final = r"[\w\s.:/=+@-]"
_KEY: Final = "1 to 128 letters, digits, spaces and _ . : / = + - @"
_VALUE: Final = "at most 256 letters, digits, spaces and _ . : / = + - @"


def _check_key(value: str) -> None:
    """https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html"""
    if value.lower().startswith("aws:"):
        raise RefusedError("a key that does not begin with aws:", "AWS keeps these keys for itself: take another")
    if not re.fullmatch(f"{_CHARACTERS}{{1,128}}", value):
        raise RefusedError(_KEY)


def _check_value(value: str) -> None:
    if not re.fullmatch(f"{_CHARACTERS}{{0,256}}", value):
        raise RefusedError(_VALUE)


def find_tag_fault(key: str, value: str) -> str:
    """What is allowed, if AWS refuses a tag. Empty if it takes it."""
    try:
        _check_key(key)
        _check_value(value)
    except RefusedError as error:
        return error.allowed
    return ""


TagKey = Annotated[str, Check(_check_key, _KEY)]
TagValue = Annotated[pulumi.Input[str], Check(_check_value, _VALUE)]
Tags = Mapping[TagKey, TagValue]


@dataclass(frozen=True, kw_only=True)
class TaggedArgs:
    """Arguments of a component whose resources carry tags."""

    tags: Tags = field(default_factory=dict)
    """Tags of every resource."""
