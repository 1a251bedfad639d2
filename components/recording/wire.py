"""Between values of the engine, in which signatures mark secrets, unknowns, files and references, and of a graph."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct

from . import marks
from .values import UNKNOWN, Asset, Secret, reveal

BASE: Final[ContextVar[str]] = ContextVar("BASE", default="")
"""Folder that relative paths of the request start from. Defaults to the working directory."""
_TOO_LARGE: Final = 1e100
_FORMATTED: Final = re.compile(r"(?is)Calling \S+ on an \S+ is not supported\..*?(?:future version of \S*pulumi\.|\Z)")
"""An SDK's help, which a program has in place of an output that it formats."""


def detect_marker(text: str) -> Any:
    """Returns `text`, or `UNKNOWN` if the engine's marker is in it."""
    # Even inside a longer text: the program may have formatted it.
    return UNKNOWN if marks.UNKNOWN in text else text


def detect_unknown(text: str) -> Any:
    """Returns `text`, or `UNKNOWN` for the engine's marker, an unplanned lookup's answer or a formatted output."""
    return UNKNOWN if _FORMATTED.search(text) else detect_marker(text)


def read(bag: Mapping[str, Any], read_text: Callable[[str], Any] = detect_unknown) -> dict[str, Any]:
    """The values of a struct, or of JSON of the engine: `UNKNOWN`, `Secret` and `Asset` are in place of signatures.

    With `detect_marker` as `read_text`, a formatted output is the text that a deployment would send.
    """
    return {key: read_value(inner, read_text) for key, inner in bag.items()}


def read_value(sent: Any, read_text: Callable[[str], Any] = detect_unknown) -> Any:
    """Returns a value, which may be a struct."""
    match sent:
        case str():
            return read_text(sent)
        case int() | float() if not isinstance(sent, bool):
            # JSON of others may have an infinite number, and sums and products of a great one are.
            return UNKNOWN if not abs(sent) < _TOO_LARGE else int(sent) if sent % 1 == 0 else sent
        case Mapping():
            return _read_marked(sent, read_text) if marks.KEY in sent else read(sent, read_text)
        case Sequence():
            return [read_value(inner, read_text) for inner in sent]
        case _:
            return sent


def shorten_outputs(text: str) -> str:
    """Returns a name or a message, with a short word for each formatted output."""
    return _FORMATTED.sub("[output]", text)


def _read_marked(sent: Mapping[str, Any], read_text: Callable[[str], Any]) -> Any:
    fields = dict(sent)
    inner = read_value(fields.get("value", marks.UNKNOWN), read_text)
    match fields[marks.KEY]:
        case marks.SECRET:
            return Secret(inner)
        case (marks.ASSET | marks.ARCHIVE) as mark:
            return _read_asset(fields, read_text, archive=mark == marks.ARCHIVE)
        case marks.RESOURCE:
            # The engine hands a provider the id of a resource, and the URN of a component, which has none.
            return read_value(fields.get("id", fields.get("urn")), read_text)
        case _:
            return Secret(inner) if fields.get("secret") else inner


def _read_asset(fields: Mapping[str, Any], read_text: Callable[[str], Any], *, archive: bool) -> Asset:
    path, members = fields.get("path", ""), reveal(read_value(fields.get("assets"), read_text))
    members = members if isinstance(members, Mapping) else {}
    return Asset(
        path=path,
        text=read_value(fields.get("text", ""), read_text),
        uri=fields.get("uri", ""),
        members={name: member if isinstance(member, Asset) else Asset(uri=name) for name, member in members.items()},
        archive=archive,
        hash=fields.get("hash", ""),
        base=(BASE.get() or str(Path.cwd())) if path else "",
    )


def write(values: Mapping[str, Any], into: Struct | None = None) -> Struct:
    """The inverse of `read`: plain data, `UNKNOWN`, `Secret` and `Asset`."""
    struct = Struct() if into is None else into
    struct.update(_with_signatures(values))
    return struct


def _with_signatures(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Secret(value=inner):
            return {marks.KEY: marks.SECRET, "value": _with_signatures(inner)}
        case Mapping():
            return {key: _with_signatures(inner) for key, inner in value.items()}
        case list() | tuple():
            return [*map(_with_signatures, value)]
        case Asset(path=path, uri=uri, members=members):
            parts = {"path": path, "uri": uri, "assets": _with_signatures(members)}
            shown = {name: part for name, part in parts.items() if part} or {"text": value.text}
            return {marks.KEY: marks.ARCHIVE if value.archive else marks.ASSET, **shown}
        case _ if value is UNKNOWN:
            return marks.UNKNOWN
        case _:
            raise TypeError(f"an answer holds {type(value).__name__}, which the engine's protocol cannot carry")
