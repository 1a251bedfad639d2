"""Reading JSON text that somebody else wrote."""

import json
from typing import Any, Final

_DEEPEST: Final = 100
"""Levels. The engine and AWS write about twenty, and code that walks a value is recursive."""


class DuplicateKeyError(ValueError):
    """An object has a key twice, and readers differ in which value they take."""


def parse_json(text: str | bytes, *, unique: bool = False) -> Any:
    """The value of a JSON text. Raises ValueError if it is no JSON, too deep, or has a number that is too long.

    `unique` also refuses an object that has a key twice, by DuplicateKeyError; else the last value is taken.
    """
    try:
        document = json.loads(text, object_pairs_hook=_refuse_duplicates if unique else None)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    level = [document]
    for _ in range(_DEEPEST):
        below = [part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list)]
        level = [inner for values in below for inner in values]
        if not level:
            return document
    raise ValueError("it is nested too deeply")


def parse_config_value(text: str) -> Any:
    """A value of the stack's config, which the engine hands on as text: maps, lists and booleans are parsed."""
    return {"true": True, "false": False}.get(text, parse_nested_json(text))


def parse_nested_json(value: Any) -> Any:
    """An object or a list that is held as JSON text; the value itself if it is no such text."""
    try:
        return parse_json(value) if isinstance(value, str) and value.startswith(("{", "[")) else value
    except ValueError:
        return value


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise DuplicateKeyError("a key is there twice")
    return members
