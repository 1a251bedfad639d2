"""Marks in Annotated: what a value of an argument or a setting must be besides its type."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..facts.foreign_resources import Place, parse_place

SECRET: Final = "secret"  # noqa: S105 # a mark in Annotated, for a value that no message shows
REPEATABLE: Final = "repeatable"
"""Of a list that may hold a member twice. Equal members of all other lists are refused."""
DISTINCT: Final = "distinct"
"""Of a mapping whose values must differ from each other."""
ITEM: Final = "item"
"""Of a list in whose place one member may be written."""
TEXT: Final = "text"
"""Of a map in whose place a text may be written."""
LOWER: Final = "lower"
"""Of words that may be written in small letters."""
NEVER_OFF: Final = "never off"
"""Of an optional map whose absence does not mean none: the word `off` would be untrue."""


class RefusedError(ValueError):
    """A value that is not allowed, and what to do. Names of arguments in the remedy are in backticks."""

    def __init__(self, allowed: str, remedy: str = "") -> None:
        super().__init__(f"{allowed}; {remedy}" if remedy else allowed)
        self.allowed, self.remedy = allowed, remedy


@dataclass(frozen=True)
class Check:
    """A check of a plain value besides its type; what it raises as ValueError states what is allowed."""

    run: Callable[[Any], object]
    words: str = ""
    """What is allowed, for tables."""
    low: float | None = None
    high: float | None = None
    above: bool = False
    """True if `low` itself is not allowed."""
    pattern: str = ""
    """A regular expression for the whole text, if that is the check."""
    outputs: bool = True
    """Whether the value of an output is checked too, once it is known. IDs and most ARNs are not: those that resources
    return are right, and in a test on mocks they may have any form."""


@dataclass(frozen=True)
class Form(Check):
    """A check that returns the value in the form in which AWS stores it."""


@dataclass(frozen=True)
class Sized:
    """A list, or a text, of that many members or characters."""

    least: int = 0
    most: int | None = None

    def fits(self, value: Any) -> bool:
        """Whether the value has as many."""
        return self.least <= len(value) <= (self.most or len(value))


@dataclass(frozen=True)
class Words:
    """The values that are allowed, in words."""

    text: str


@dataclass(frozen=True)
class Before:
    """Makes of a value what is read in its place."""

    run: Callable[[Any], Any]
    also: str = ""
    """What it takes besides, for the schema of stack files: ITEM, TEXT or LOWER."""


@dataclass(frozen=True)
class Located:
    """Of a text that shows the region of what it names: a kind of `facts.foreign_resources`."""

    kind: str
    parse: Callable[[str], Place] = parse_place


@dataclass(frozen=True)
class Key:
    """The key of a field in a stack file, if it is not the field's name in camelCase."""

    name: str


@dataclass(frozen=True)
class After:
    """Makes of a value of a stack file what a field holds. Raises RefusedError."""

    run: Callable[..., Any]
    words: str = ""
    in_context: bool = False
    """Whether it also takes the whole section, and whether that is encrypted."""


@dataclass(frozen=True)
class ReadAs:
    """Reads a value of another type in a stack file, and makes of it what the field holds."""

    kind: Any
    made: Callable[[Any], Any]


def find_repeated(members: Iterable[object]) -> list[object]:
    """Plain members that are there more than once, each once. Outputs have no value to compare yet."""
    plain = [member for member in members if isinstance(member, str | int | float)]
    return [member for member in dict.fromkeys(plain) if plain.count(member) > 1]


def between(low: float, high: float | None = None, *, above: bool = False) -> Check:
    """The value is a number from `low`, or above it, to `high`."""
    least = f"more than {low:,}" if above else f"{low:,} or more"
    words = least if high is None else f"{f'more than {low:,}, up' if above else f'{low:,}'} to {high:,}"

    def run(value: float) -> None:
        if not math.isfinite(value) or value < low or (above and value == low) or (high is not None and value > high):
            raise ValueError(words)

    return Check(run, words, low, high, above)


Some: Final = Sized(1)


def is_limit(mark: object) -> bool:
    """Whether a mark is part of the words for what its kind of value allows."""
    return isinstance(mark, Sized) or (isinstance(mark, Check) and (mark.low, mark.high) != (None, None))


def passes_check(check: Callable[[Any], object], value: object) -> bool:
    """Whether a check, which raises ValueError for what is wrong, takes a value."""
    try:
        check(value)
    except ValueError:
        return False
    return True


def matches_type(kind: Any, value: object) -> bool:
    """Whether an Annotated type takes a plain value, by its marks."""

    def run(mark: Any) -> None:
        if isinstance(mark, Sized) and not mark.fits(value):
            raise ValueError
        if isinstance(mark, Check):
            mark.run(value)
        elif isinstance(mark, After):
            mark.run(value, {}, False) if mark.in_context else mark.run(value)

    return all(passes_check(run, mark) for mark in kind.__metadata__)
