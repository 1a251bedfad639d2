"""Inputs whose change replaces a resource by documentation, always or under a condition on the inputs.

The provider's docstrings and sources (internal/service) say so. Those that its own plans show are
in `provider_facts`.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from ...aws.compute.architecture import of_instance_type
from ...graph.reading import items, number

_Inputs = Mapping[str, Any]
_Condition = Callable[[_Inputs, _Inputs], bool]
_FILE: Final = Path(__file__).with_name("documented_replacements.json")
_TABLE: Final = json.loads(_FILE.read_text(encoding="utf-8"))


class _Case(NamedTuple):
    key: str
    wanted: Any
    """The argument of a test."""
    old: _Inputs
    new: _Inputs

    @property
    def members(self) -> list[set[str]]:
        return [{*map(str, items(each.get(self.key)))} for each in (self.old, self.new)]


_TESTS: Final[Mapping[str, Callable[[_Case], bool]]] = {
    "ends": lambda of: of.old.get(of.key) == of.wanted != of.new.get(of.key),
    "unless": lambda of: of.old.get(of.key) not in of.wanted["old"] or of.new.get(of.key) not in of.wanted["new"],
    "same": lambda of: of.old.get(of.wanted) == of.new.get(of.wanted),
    "old": lambda of: of.wanted.items() <= of.old.items(),
    "new": lambda of: of.wanted.items() <= of.new.items(),
    "oldNot": lambda of: not of.wanted.items() <= of.old.items(),
    "oldStarts": lambda of: any(str(of.old.get(key)).startswith(tuple(texts)) for key, texts in of.wanted.items()),
    "otherProcessor": lambda of: _processor(of.old) != _processor(of.new),
    "appears": lambda of: len({bool(each) for each in of.members}) > 1,
    "drops": lambda of: bool(set.difference(*of.members)),
    "dropsOrStarts": lambda of: not of.members[0] or bool(set.difference(*of.members)),
    "disjoint": lambda of: set.isdisjoint(*of.members),
    "falls": lambda of: (number(of.old.get(of.key)) or 0) > (number(of.new.get(of.key)) or 0),
}
"""Tests of an input, by their names in the table."""


def _processor(inputs: _Inputs) -> str:
    return of_instance_type(str(inputs.get("instanceType")))


def _all_of(key: str, tests: Mapping[str, Any]) -> _Condition:
    return lambda old, new: all(_TESTS[name](_Case(key, wanted, old, new)) for name, wanted in tests.items())


SOMETIMES: Final[Mapping[str, Mapping[str, _Condition]]] = {
    kind: {key: _all_of(key, rows.get(key, {})) for key in {**dict.fromkeys(_TABLE["always"].get(kind, ())), **rows}}
    for kind in {**_TABLE["always"], **_TABLE["sometimes"]}
    for rows in [_TABLE["sometimes"].get(kind, {})]
}
"""By type and input."""
