"""Types as the SDKs in this process declare them: of a resource's properties, and of a lookup's result."""

import enum
import functools
import json
import sys
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pulumi
from pulumi import _types

from ...graph import UNKNOWN, Asset, Secret

_TRUTH: Final = {"true": True, "false": False}


def resource_class(type_: str) -> type | None:
    """The class of a resource type; that of a type that was registered is loaded already."""
    return _of_module(type_, type_.rpartition(":")[2]) or _declared(type_)


def result_class(token: str) -> type | None:
    name = token.rpartition(":")[2]
    found = _of_module(token, f"{name[:1].upper()}{name[1:]}Result")
    return found if found is not None and _types.is_output_type(found) else None


@functools.cache
def _properties(kind: type) -> Mapping[str, Any]:
    return _types.resource_types(kind)


def properties(type_: str) -> Mapping[str, Any]:
    """Every property of a resource type with its type; none if the class cannot be found."""
    found = resource_class(type_)
    return {} if found is None else _properties(found)


def converted(values: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as the provider returns them, which converts what a program gave in another of the allowed types."""
    return {key: _converted(value, types.get(key)) for key, value in values.items()}


def _converted(value: Any, hint: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(_converted(value.value, hint))
    if hint is str and isinstance(value, Mapping | list):
        return _json(value)
    if hint is str and isinstance(value, bool | int | float):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if hint is bool and isinstance(value, str):
        return _TRUTH.get(value, value)
    if hint in (int, float) and isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return value


def _json(value: Any) -> Any:
    """A document as text; unknown if a part of it is, and secret if a part of it is."""
    leaves = list(_leaves(value))
    if any(leaf is UNKNOWN or isinstance(leaf, Asset) for leaf in leaves):
        return UNKNOWN
    text = json.dumps(value, sort_keys=True, default=lambda secret: secret.value)
    return Secret(text) if any(isinstance(leaf, Secret) for leaf in leaves) else text


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Secret):
        yield value
        value = value.value
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else None
    if inner is None:
        yield value
    else:
        for one in inner:
            yield from _leaves(one)


def is_enum(hint: Any) -> typing.TypeGuard[type[enum.Enum]]:
    return isinstance(hint, type) and issubclass(hint, enum.Enum)


def _of_module(token: str, name: str) -> type | None:
    package, _, rest = token.partition(":")
    folder = rest.partition(":")[0].partition("/")[0]
    home = f"pulumi_{package.replace('-', '_')}"
    homes = [home] if folder == "index" else [f"{home}.{folder}", f"{home}.{folder}_"]
    loaded = (sys.modules.get(home) for home in homes)
    found = next((kind for home in loaded if home and (kind := getattr(home, name, None))), None)
    return found if isinstance(found, type) else None


def _declared(type_: str) -> type | None:
    """The class with the type's token, in any package; a local package has its own name."""
    waiting: list[type[pulumi.Resource]] = [pulumi.Resource]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if vars(kind).get("pulumi_type") == type_:
                return kind
            waiting.append(kind)
    return None
