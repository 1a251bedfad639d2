"""Marks of Annotated that only stack files have, besides those of arguments (`types.py`)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

NEVER_OFF: Final = "never off"
"""Of an optional map whose absence does not mean none: `off` would be untrue."""


@dataclass(frozen=True)
class Key:
    """The key of a field, if it is not the field's name in camelCase."""

    name: str


@dataclass(frozen=True)
class Words:
    """The values that are allowed, in words."""

    text: str


@dataclass(frozen=True)
class Before:
    """Makes of a value what is read in its place."""

    run: Callable[[Any], Any]


@dataclass(frozen=True)
class After:
    """Makes of a value that was read what a field holds. Raises RefusedError."""

    run: Callable[..., Any]
    words: str = ""
    in_context: bool = False
    """Whether it also takes the whole section, and whether that is encrypted."""


@dataclass(frozen=True)
class ReadAs:
    """Reads a value of another type, and makes of it what the field holds."""

    kind: Any
    made: Callable[[Any], Any]


@dataclass(frozen=True)
class Sized:
    """A list, or a text, of that many members or characters."""

    least: int = 0
    most: int | None = None


class RefusedError(ValueError):
    """A value that is not allowed, and what to do."""

    def __init__(self, allowed: str, remedy: str = "") -> None:
        super().__init__(allowed)
        self.allowed, self.remedy = allowed, remedy
