"""Fields of the SDK's classes, which the program's process reports, and the conversions that the provider makes."""

import json
from collections.abc import Mapping
from typing import Any

from ...graph import UNKNOWN, Secret, reveal_all

_reported: dict[str, dict[str, Any]] = {}


def report(token: str, fields: Mapping[str, Any]) -> None:
    """Keep the fields of a remote component or, with placeholders, of a lookup's result."""
    _reported[str(token)] = dict(fields)


def list_fields(token: str) -> dict[str, Any]:
    """The fields that were reported, none for other tokens."""
    return dict(_reported.get(token, {}))


def convert_values(values: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """`values` as the provider returns them, which converts what a program gave in another of the allowed types."""
    return {key: _convert(value, kinds.get(key)) for key, value in values.items()}


def _convert(value: Any, hint: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(_convert(value.value, hint))
    if hint == "str" and isinstance(value, Mapping | list):
        return _serialize(value)
    if hint == "str" and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if hint == "bool" and isinstance(value, str):
        return {"true": True, "false": False}.get(value, UNKNOWN)
    if hint in ("int", "float") and isinstance(value, str):
        return int(value) if value.lstrip("-").isdigit() else UNKNOWN
    # The provider takes no such value.
    return UNKNOWN if hint in ("bool", "int", "float") and isinstance(value, Mapping | list) else value


def _serialize(value: Any) -> Any:
    """A document as text; unknown if a part of it is, and secret if a part of it is."""
    try:
        text = json.dumps(plain := reveal_all(value), sort_keys=True)
    except TypeError:  # a part is unknown, or a file
        return UNKNOWN
    return text if plain is value else Secret(text)
