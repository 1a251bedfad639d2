"""Inputs in three values: absent, known, unknown. A reader names its answer for each, or mypy refuses the code.

An input is unknown if it is set and does not resolve: an output, a value of another stack, an id of something that this
program does not declare. Each input of a resource that is only read is unknown, and each that `ignore_changes` lists,
since AWS may hold another value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from .graph import UNKNOWN, Graph, Resource
from .reading import items, peek, pointed, spread

T = TypeVar("T")
A = TypeVar("A")
U = TypeVar("U")

_EVERYTHING: Final = "*"


@dataclass(frozen=True)
class Given(Generic[T]):
    """One input. Its value can be had only together with answers for the two other cases."""

    _value: T | None
    _known: bool

    def value(self, *, absent: A, unknown: U) -> T | A | U:
        """The value, or the answer for an input that is not set, or for one that is not known."""
        if not self._known:
            return unknown
        return absent if self._value is None else self._value

    def flag(self, *, absent: bool) -> bool | None:
        """Whether the input is true, also where it is written as text. None if it is not known."""
        value = self.value(absent=absent, unknown=None)
        return None if value is None else str(value).lower() == "true"


@dataclass(frozen=True)
class Entries(Generic[T]):
    """The members of a list, as far as they are known."""

    _known: tuple[T, ...]
    _complete: bool

    def every(self, *, unknown: U) -> tuple[T, ...] | U:
        """All members, for an answer that rests on what is not among them; `unknown` if there may be others."""
        return self._known if self._complete else unknown

    def some(self) -> tuple[T, ...]:
        """The known members, for an answer that one of them is enough for."""
        return self._known


def given(resource: Resource, *path: str) -> Given[Any]:
    """The input at `path`, secrets opened."""
    value = held(resource, *path)
    return Given(None if value is UNKNOWN else value, value is not UNKNOWN)


def held(resource: Resource, *path: str) -> Any:
    """The input as AWS holds it, for readers that hand on all three values: None if absent, `UNKNOWN` if not known."""
    return peek(resource, *path) if is_declared(resource, path[0]) else UNKNOWN


def all_held(resource: Resource) -> Mapping[str, Any]:
    """All inputs as AWS holds them. Each that is only read, or in `ignore_changes`, is `UNKNOWN`."""
    ignored = _roots(resource.options.ignore_changes)
    return {
        key: resource.inputs[key] if is_declared(resource, key) else UNKNOWN for key in (*resource.inputs, *ignored)
    }


def entries(resource: Resource, *path: str) -> Entries[Any]:
    """The members of the list at `path`."""
    values = items(peek(resource, *path))
    known = tuple(value for value in values if value is not UNKNOWN)
    return Entries(known, len(known) == len(values) and is_declared(resource, path[0]))


def named(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...]) -> Entries[Resource]:
    """The resources that an input names. Not complete if it names something that this graph does not hold."""
    found = tuple({hit.urn: hit for hit in pointed(graph, resource, *path, types=types)}.values())
    values = [value for value in spread(resource.inputs, *path) if value is not None]
    resolved = [graph.find(value, *types) for value in values if value is not UNKNOWN]
    # A recorded dependency stands for a value that is not known.
    by_dependency = len(found) - len({hit.urn for hit in resolved if hit is not None})
    complete = None not in resolved and len(values) - len(resolved) <= by_dependency
    return Entries(found, complete and is_declared(resource, path[0]))


def is_declared(resource: Resource, key: str) -> bool:
    """Whether AWS holds for this input what the program gives, or does not give."""
    return not resource.existing and not {key, _EVERYTHING} & set(_roots(resource.options.ignore_changes))


def _roots(paths: Iterable[str]) -> list[str]:
    """`ingress` of `ingress[0].cidrBlocks`."""
    return [path.partition(".")[0].partition("[")[0] for path in paths]
