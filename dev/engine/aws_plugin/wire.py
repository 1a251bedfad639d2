"""Property values as the engine sends them, and as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import json_format, struct_pb2

from .cty import UNKNOWN, Unknown

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT: Final = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_ASSETS: Final = ("c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7")
_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in its state."""

    value: Any


@dataclass(frozen=True)
class Archive:
    """Files, as the engine describes them."""

    described: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """The engine's own hash of the content."""
        return str(self.described["hash"])


def plain(message: Any) -> dict[str, Any]:
    """The values of a message; secrets stay marked, so that `secrets` can find them."""
    return {key: _plain(value) for key, value in json_format.MessageToDict(message).items()}


def _plain(value: Any) -> Any:
    if value == _UNKNOWN:
        return UNKNOWN
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    signature = value.get(_SIGNATURE)
    if signature == _SECRET:
        return Secret(_plain(value["value"]))
    if signature == _OUTPUT:
        inner = _plain(value["value"]) if "value" in value else UNKNOWN
        return Secret(inner) if value.get("secret") else inner
    if signature in _ASSETS:
        return Archive(value)
    return {key: _plain(item) for key, item in value.items()}


def opened(value: Any) -> Any:
    """A value without its marks of secrecy."""
    if isinstance(value, Secret):
        return opened(value.value)
    if isinstance(value, dict):
        return {key: opened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [opened(item) for item in value]
    return value


def has_secret(value: Any) -> bool:
    """Whether anything in a value is secret."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, dict):
        return any(map(has_secret, value.values()))
    return isinstance(value, list) and any(map(has_secret, value))


def message(values: Mapping[str, Any]) -> Any:
    """The values as a message."""
    made = struct_pb2.Struct()
    made.update({key: _encoded(value) for key, value in values.items()})
    return made


def _encoded(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _UNKNOWN
    if isinstance(value, Secret):
        return {_SIGNATURE: _SECRET, "value": _encoded(value.value)}
    if isinstance(value, Archive):
        return dict(value.described)
    if isinstance(value, Mapping):
        return {key: _encoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encoded(item) for item in value]
    return value
