"""Results of lookups that nobody planned an answer for: of the right shape, and unknown to the graph."""

from __future__ import annotations

import sys
import typing
from collections.abc import Mapping
from typing import Any, Final

from pulumi import _types
from pulumi.runtime import rpc

UNTOLD: Final = f"unknown-{rpc.UNKNOWN}"
"""Text that a program can pass on and format, and that the graph reads back as unknown, whatever is around it.

It is not the SDK's own marker, which a plain (not `_output`) lookup would turn into None before the program sees it.
"""


def placeholders(token: str) -> dict[str, Any]:
    """Every field of a lookup's result: unknown text, one unknown item in a list, 0, false, an empty mapping."""
    kind = _result_class(token)
    return {} if kind is None else _filled(kind, 0)


def _filled(kind: type, depth: int) -> dict[str, Any]:
    return {key: _value(hint, depth) for key, hint in _types.output_type_types(kind).items()}


def _value(hint: Any, depth: int) -> Any:
    origin = typing.get_origin(hint)
    if origin is not None and issubclass(origin, Mapping):
        return {}
    if origin is not None:
        inner = _value(typing.get_args(hint)[0], depth + 1)
        # A list of structures is left empty: one made-up element would be read as a fact.
        return [inner] if isinstance(inner, str) else []
    if hint in (bool, int, float):
        return hint(0)
    if isinstance(hint, type) and _types.is_output_type(hint):
        return _filled(hint, depth + 1) if depth < 3 else {}
    return UNTOLD


def _result_class(token: str) -> type | None:
    package, _, rest = token.partition(":")
    module, _, name = rest.partition(":")
    folder = module.partition("/")[0]
    result = f"{name[:1].upper()}{name[1:]}Result"
    homes = (
        [f"pulumi_{package}"] if folder == "index" else [f"pulumi_{package}.{folder}", f"pulumi_{package}.{folder}_"]
    )
    loaded = (sys.modules.get(home) for home in homes)
    found = next((kind for home in loaded if home and (kind := getattr(home, result, None))), None)
    return found if isinstance(found, type) and _types.is_output_type(found) else None
