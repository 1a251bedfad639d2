"""Values of a program as its tests read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..recording.values import Secret, Unknown


def open_value(value: Any) -> Any:
    """Returns a value without marks. What is unknown is None in a list, and left out of a map."""
    match value:
        case Secret(value=inner):
            return open_value(inner)
        case Unknown():
            return None
        case Mapping():
            opened = {key: open_value(inner) for key, inner in value.items()}
            return {key: inner for key, inner in opened.items() if inner is not None}
        case list():
            return [open_value(member) for member in value]
    return value


def find_secrets(value: Any, place: str = "") -> Iterator[str]:
    """Yields the places of secrets in a value, such as `environment.variables.TOKEN` or `rules[0].value`."""
    if isinstance(value, Secret):
        yield place
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from find_secrets(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from find_secrets(inner, f"{place}[{index}]")
