"""One declared resource, as the shapes of made-up outputs see it."""

import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN, reveal
from ...graph.graph import dns_suffix

_ZONES: Final[Mapping[str, Mapping[str, int]]] = {
    "us-east-1": {"a": 1, "b": 2, "c": 4, "d": 6, "f": 5, "e": 3},
    "us-west-1": {"a": 1, "b": 3},
    "us-west-2": {"a": 1, "b": 2, "c": 3, "d": 4},
    "ap-northeast-1": {"a": 1, "c": 2, "d": 4},
    "ap-northeast-2": {"a": 1, "b": 2, "c": 3, "d": 4},
    "ca-central-1": {"a": 1, "b": 2, "d": 4},
    "eu-west-3": {"a": 1, "c": 3, "b": 2},
}
"""Letters of the zones that an account of today has, and the numbers of their ids, if not a, b, c and 1, 2, 3.

Which id a letter means differs from account to account. Here the last letter has the zone that some services leave out.
https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
"""


def zone_prefix(region: str) -> str:
    """How zone ids of a region begin: `euw1` for eu-west-1, `apse2` for ap-southeast-2."""
    area, *middle, number = region.split("-")
    words = {"northeast": "ne", "southeast": "se", "northwest": "nw", "southwest": "sw"}
    return area + "".join(words.get(word, word[0]) for word in middle) + number


@dataclass(frozen=True)
class Location:
    """Where a stack is deployed, as far as its config sets it."""

    region: str
    account: str
    partition: str

    @property
    def suffix(self) -> str:
        """Domain under which the partition's services have their names."""
        return dns_suffix(self.partition)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    @property
    def zones(self) -> dict[str, str]:
        """Ids of the region's zones by their names, in the order in which they are given to what has none."""
        prefix = zone_prefix(self.region)
        numbers = _ZONES.get(self.region, {"a": 1, "b": 2, "c": 3})
        return {f"{self.region}{letter}": f"{prefix}-az{number}" for letter, number in numbers.items()}


PLACE: Final = re.compile(r"\{(\w+)\}")
"""A field of a template."""
_NAMING: Final = ("name", "bucket", "identifier", "keyName")
"""Inputs by which a program chooses the name that AWS shows."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """Resources that the program registered, and where."""

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
        values = {field: self._field(field, what, made) for field in PLACE.findall(template)}
        known = all(isinstance(value, str | int) and value != "" for value in values.values())
        return template.format_map(values) if known else UNKNOWN

    def _field(self, field: str, what: str, made: Mapping[str, Any]) -> Any:
        if field in made:
            return reveal(made[field])
        if field in ("region", "account", "partition", "suffix"):
            return getattr(self.location, field)
        if field[0] in "xX" and field[1:].isdigit():
            digits = self.digits(what, int(field[1:]))
            return digits.upper() if field[0] == "X" else digits
        return self.physical if field == "name" else self.given(field)
