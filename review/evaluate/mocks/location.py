"""One declared resource, as the shapes of made-up outputs see it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN, reveal


@dataclass(frozen=True)
class Location:
    """Where a stack is deployed, as far as its config says."""

    region: str
    account: str
    partition: str

    @property
    def suffix(self) -> str:
        """Domain under which the partition's services have their names."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"


_NAMING: Final = ("name", "bucket", "identifier", "keyName")
"""Inputs by which a program chooses the name that AWS shows."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the program registered, and where."""

    key: str
    """Type chain and name: the part of the URN that two stacks of a project share, so that both get the same ids."""
    type: str
    name: str
    inputs: Mapping[str, Any]
    location: Location

    def digits(self, what: str, length: int) -> str:
        """Hexadecimal digits that belong to this resource and `what`, the same in every run."""
        return hashlib.sha256(f"{self.key}\n{what}".encode()).hexdigest()[:length]

    @functools.cached_property
    def physical(self) -> str:
        """The name that AWS would show: the one given, else Pulumi's automatic one."""
        given = next((value for key in _NAMING if isinstance(value := self.given(key), str) and value), "")
        if given:
            return given
        prefix = self.given("namePrefix")
        return f"{prefix if isinstance(prefix, str) else self.name + '-'}{self.digits('name', 7)}"

    def given(self, key: str, default: Any = UNKNOWN) -> Any:
        """An input without its secret wrapper."""
        value = reveal(self.inputs.get(key))
        return default if value is None else value

    def fill(self, template: str, what: str, made: Mapping[str, Any]) -> Any:
        """`template` with its fields in braces filled in; `UNKNOWN` where a field is.

        Fields are outputs made so far, inputs, `name`, `region`, `account`, `partition`, `suffix`, and `x<n>` or
        `X<n>`, n hexadecimal digits that are this output's own.
        """
        fields = _Fields(self, what, made)
        filled = template.format_map(fields)
        return UNKNOWN if fields.missing else filled


class _Fields(dict[str, str]):
    def __init__(self, declared: Declared, what: str, made: Mapping[str, Any]) -> None:
        super().__init__()
        self.declared, self.what, self.made = declared, what, made
        self.missing = False

    def __missing__(self, field: str) -> str:
        value = self._value(field)
        if not isinstance(value, str | int) or value == "":
            self.missing = True
        return str(value)

    def _value(self, field: str) -> Any:
        if field in self.made:
            return reveal(self.made[field])
        if field == "name":
            return self.declared.physical
        if field in ("region", "account", "partition", "suffix"):
            return getattr(self.declared.location, field)
        if field[0] in "xX" and field[1:].isdigit():
            digits = self.declared.digits(self.what, int(field[1:]))
            return digits.upper() if field[0] == "X" else digits
        return self.declared.given(field)
