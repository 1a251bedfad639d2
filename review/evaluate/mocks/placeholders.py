"""Results of lookups that have no planned answer: of the right shape, and unknown to the graph."""

import typing
from collections.abc import Mapping
from typing import Any, Final

import pulumi
from pulumi import _types
from pulumi.runtime import rpc

from ...graph import Asset
from .sdk_types import is_enum, result_class

UNTOLD: Final = f"unknown-{rpc.UNKNOWN}"
"""Text that a program can pass on and format, and that the graph reads back as unknown, also inside other text.

It is not the SDK's own marker, which a plain (not `_output`) lookup would turn into None before the program sees it.
"""

_FILE: Final = Asset(text=UNTOLD)
_ARCHIVE: Final = Asset(archive=True, members={"unknown": _FILE})
"""The SDK takes only archives and assets in such fields, as `pulumi_command.local.run` has them."""


def placeholders(token: str) -> dict[str, Any]:
    """Every field of a lookup's result: unknown text, one unknown item in a list, 0, false, an empty mapping."""
    kind = result_class(token)
    return {} if kind is None else _filled(kind, 0)


def _filled(kind: type, depth: int) -> dict[str, Any]:
    return {key: _value(hint, depth) for key, hint in _types.output_type_types(kind).items()}


def _value(hint: Any, depth: int) -> Any:
    origin = typing.get_origin(hint)
    if origin is not None and issubclass(origin, Mapping):
        return {}
    if origin is not None:
        # Programs take the first of a list without asking whether there is one.
        return [_value(typing.get_args(hint)[0], depth + 1)]
    if isinstance(hint, type) and issubclass(hint, pulumi.Archive | pulumi.Asset):
        return _ARCHIVE if issubclass(hint, pulumi.Archive) else _FILE
    if is_enum(hint):
        return next(iter(hint)).value
    if hint in (bool, int, float):
        return hint(0)
    if isinstance(hint, type) and _types.is_output_type(hint):
        return _filled(hint, depth + 1) if depth < 3 else {}
    return UNTOLD
