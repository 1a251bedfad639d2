"""Terraform's values: how they travel, and what stands for a value that is not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgpack

_UNKNOWN_EXTENSIONS: Final = (0, 12)


class WrongKindError(ValueError):
    """A value that cannot be one of the type that Terraform wants."""


class Unknown:
    """A value that is known only after something has been created."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, memo: dict[int, Any]) -> Unknown:
        return self


UNKNOWN: Final = Unknown()


def pack(value: Any) -> bytes:
    """A value as the provider reads it."""
    packed: bytes = msgpack.packb(value, default=_extension, use_bin_type=True)
    return packed


def unpack(packed: bytes) -> Any:
    """A value as the provider wrote it; None if it sent nothing."""
    if not packed:
        return None
    return msgpack.unpackb(packed, ext_hook=_known, raw=False, strict_map_key=False)


def _extension(value: Any) -> msgpack.ExtType:
    if isinstance(value, Unknown):
        return msgpack.ExtType(0, b"\0")
    raise TypeError(f"{type(value).__name__} is no value of Terraform")


def _known(code: int, data: bytes) -> Unknown:
    if code not in _UNKNOWN_EXTENSIONS:
        raise ValueError(f"unknown extension {code} in a value of Terraform: {data!r}")
    return UNKNOWN


def has_unknown(value: Any) -> bool:
    """Whether anything in the value is not known yet."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, Mapping):
        return any(map(has_unknown, value.values()))
    return isinstance(value, list) and any(map(has_unknown, value))


def converted(value: Any, kind: Any) -> Any:
    """A value as one of a Terraform type (`"string"`, `["list", "string"]`, `["object", {…}]`).

    Raises WrongKindError if it cannot be one.
    """
    if value is None or isinstance(value, Unknown):
        return value
    if isinstance(kind, list):
        return _collection(value, kind)
    if kind == "string":
        return _text(value)
    if kind == "number":
        return _number(value)
    if kind == "bool":
        return _truth(value)
    return value


def _collection(value: Any, kind: list[Any]) -> Any:
    what, inner = kind[0], kind[1]
    if what == "map":
        if not isinstance(value, Mapping):
            raise WrongKindError(f"a map is expected, got {value!r}")
        return {key: converted(item, inner) for key, item in value.items()}
    if what == "object":
        if not isinstance(value, Mapping):
            raise WrongKindError(f"an object is expected, got {value!r}")
        return {key: converted(value.get(key), item) for key, item in inner.items()}
    if not isinstance(value, list):
        raise WrongKindError(f"a list is expected, got {value!r}")
    if what == "tuple":
        return [converted(item, each) for item, each in zip(value, inner, strict=True)]
    items = [converted(item, inner) for item in value]
    return sorted_set(items) if what == "set" else items


def sorted_set(items: list[Any]) -> list[Any]:
    """The members of a set, once each, in an order that does not depend on how they were written."""
    unlike: list[Any] = []
    for item in items:
        if isinstance(item, Unknown) or item not in unlike:
            unlike.append(item)
    return sorted(unlike, key=repr)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise WrongKindError(f"text is expected, got {value!r}")


def _number(value: Any) -> int | float:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise WrongKindError(f"a number is expected, got {value!r}") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongKindError(f"a number is expected, got {value!r}")
    return int(value) if float(value).is_integer() else value


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise WrongKindError(f"true or false is expected, got {value!r}")
