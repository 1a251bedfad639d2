"""Classes of the SDKs in this process: a resource's properties, and placeholders for a lookup's result.

`pulumi._types` is private to the SDK. Nothing public has the provider's names and types of a class's properties; the
tests of `evaluate/mocks` fail if the module changes.
"""

import enum
import functools
import sys
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pulumi
from pulumi import _types

from ...recording.marks import ARCHIVE, ASSET, KEY, UNKNOWN_TEXT

_FILE: Final = {KEY: ASSET, "text": UNKNOWN_TEXT}
_ARCHIVE: Final = {KEY: ARCHIVE, "assets": {"unknown": _FILE}}
"""As the engine's protocol has them: the SDK takes nothing else in such fields of a result."""
_PLAIN: Final = {str: "str", bool: "bool", int: "int", float: "float"}


@functools.cache
def list_properties(kind: type) -> dict[str, str]:
    """Every property of a resource class, in the provider's names, with its type if that is a plain one."""
    hints = _types.resource_types(kind).items()
    return {key: _PLAIN.get(hint, "") if isinstance(hint, type) else "" for key, hint in hints}


def make_lookup_result(token: str) -> dict[str, Any]:
    """A placeholder for every field of a lookup's result. Empty if no class of the result is loaded."""
    name = token.rpartition(":")[2]
    kind = _find_type(token, f"{name[:1].upper()}{name[1:]}Result")
    return _fill_fields(kind, 0) if kind is not None and _types.is_output_type(kind) else {}


def _fill_fields(kind: type, depth: int) -> dict[str, Any]:
    return {key: _make_placeholder(hint, depth) for key, hint in _types.output_type_types(kind).items()}


def _make_placeholder(hint: Any, depth: int) -> Any:
    origin = typing.get_origin(hint)
    if origin is not None and issubclass(origin, Mapping):
        return {}
    if origin is not None:
        # Programs take the first of a list without asking whether there is one.
        return [_make_placeholder(typing.get_args(hint)[0], depth + 1)]
    if not isinstance(hint, type):
        return UNKNOWN_TEXT
    if issubclass(hint, (pulumi.Archive, pulumi.Asset)):
        return _ARCHIVE if issubclass(hint, pulumi.Archive) else _FILE
    if issubclass(hint, enum.Enum):
        return next(iter(hint)).value
    if hint in (bool, int, float):
        return hint(0)
    if _types.is_output_type(hint):
        return _fill_fields(hint, depth + 1) if depth < 3 else {}
    return UNKNOWN_TEXT


def _find_type(token: str, name: str) -> "type | None":
    package, _, path = token.partition(":")
    folder = path.partition(":")[0].partition("/")[0]
    home = f"pulumi_{package.replace('-', '_')}"
    homes = [home] if folder == "index" else [f"{home}.{folder}", f"{home}.{folder}_"]
    kinds: Iterator[Any] = (getattr(sys.modules.get(home), name, None) for home in homes)
    return next((kind for kind in kinds if isinstance(kind, type)), None)
