"""Types of properties and of lookups' results, which the program's process reports before it registers or looks up."""

import json
from collections.abc import Mapping
from typing import Any

from ...graph import UNKNOWN, Secret, revealed

_told: dict[str, tuple[Mapping[str, str], Mapping[str, Any]]] = {}


def tell(token: str, properties: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Keep what a program's process reports of a resource type or, with placeholders, of a lookup's result."""
    _told[str(token)] = {str(key): str(kind) for key, kind in properties.items()}, dict(values)


def properties(type_: str) -> Mapping[str, str]:
    """Every property of a resource type, with its type if that is a plain one; none if none was reported."""
    return result(type_)[0]


def result(token: str) -> tuple[Mapping[str, str], dict[str, Any]]:
    """The types of a lookup's fields, and placeholders for them. Both are empty if none was reported."""
    fields, values = _told.get(token, ({}, {}))
    return fields, dict(values)


def converted(values: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """`values` as the provider returns them, which converts what a program gave in another of the allowed types."""
    return {key: _converted(value, kinds.get(key)) for key, value in values.items()}


def _converted(value: Any, hint: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(_converted(value.value, hint))
    if hint == "str" and isinstance(value, Mapping | list):
        return _json(value)
    if hint == "str" and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if hint == "bool" and isinstance(value, str):
        return {"true": True, "false": False}.get(value, UNKNOWN)
    if hint in ("int", "float") and isinstance(value, str):
        return int(value) if value.lstrip("-").isdigit() else UNKNOWN
    # The provider takes no such value.
    return UNKNOWN if hint in ("bool", "int", "float") and isinstance(value, Mapping | list) else value


def _json(value: Any) -> Any:
    """A document as text; unknown if a part of it is, and secret if a part of it is."""
    try:
        text = json.dumps(plain := revealed(value), sort_keys=True)
    except TypeError:  # a part is unknown, or a file
        return UNKNOWN
    return text if plain is value else Secret(text)
