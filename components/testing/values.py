"""Values as the engine sends them: unknown, secret, files, and plain ones.

https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
from google.protobuf.struct_pb2 import Struct

_MARK: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 # a mark
_ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE: Final = "0def7320c3a5731c473e5ecbe6d01bc7"
_RESOURCE: Final = "5cf8f73096256a8f31e491e813e4eb8e"


class Unknown:
    """A value that is known only after a deployment. There is one: `UNKNOWN`."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the program marked secret."""

    value: Any = field(repr=False)


@dataclass(frozen=True)
class Asset:
    """A file, a text or an archive that an input carries."""

    path: str = ""
    text: Any = ""
    members: Mapping[str, Any] = field(default_factory=dict)
    archive: bool = False


def reveal(value: Any) -> Any:
    """A value without its mark."""
    return value.value if isinstance(value, Secret) else value


def read_struct(sent: Any) -> dict[str, Any]:
    """Returns the values of a struct, with `UNKNOWN` and `Secret` in place of the engine's marks."""
    return {key: _read_value(inner) for key, inner in sent.items()}


def _read_value(sent: Any) -> Any:
    if isinstance(sent, Struct):
        return _read_marked(sent) if _MARK in sent else read_struct(sent)
    if isinstance(sent, float):
        return int(sent) if sent.is_integer() else sent
    if isinstance(sent, str):
        # A program may have put an unknown value into a longer text.
        return UNKNOWN if pulumi.runtime.rpc.UNKNOWN in sent else sent
    return sent if sent is None or isinstance(sent, bool) else [_read_value(member) for member in sent]


def _read_marked(sent: Struct) -> Any:
    if sent[_MARK] == _SECRET:
        return Secret(_read_value(sent["value"]))
    values = {key: _read_value(inner) for key, inner in sent.items() if key != _MARK}
    if sent[_MARK] in (_ASSET, _ARCHIVE):
        text, members = values.get("text", ""), values.get("assets", {})
        return Asset(values.get("path", ""), text, members, archive=sent[_MARK] == _ARCHIVE)
    return values.get("id", values.get("urn")) if sent[_MARK] == _RESOURCE else values


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


def write_values(value: Any) -> Any:
    """Returns a value with the marks of the engine, as `read_struct` reads them."""
    match value:
        case Secret(value=inner):
            return {_MARK: _SECRET, "value": write_values(inner)}
        case Unknown():
            return pulumi.runtime.rpc.UNKNOWN
        case Mapping():
            return {key: write_values(inner) for key, inner in value.items()}
        case list() | tuple():
            return [write_values(member) for member in value]
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
