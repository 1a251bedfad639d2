"""Between the protobuf structs of the engine's protocol and the values of a graph.

The engine marks secrets, unknowns, assets and references inside a struct by signatures; the SDK has them as constants.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from google.protobuf.struct_pb2 import NULL_VALUE, Struct, Value
from pulumi.runtime import rpc

from ..graph import UNKNOWN, Asset, Secret

_KEY: Final = rpc._special_sig_key
_UNKNOWN_TEXT: Final = rpc.UNKNOWN


def read(struct: Struct) -> dict[str, Any]:
    """The struct's values: `UNKNOWN`, `Secret` and `Asset` in place of signatures, whole numbers as int."""
    return {key: _read(value) for key, value in struct.fields.items()}


def _read(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return unknown_or(value.string_value)
    if kind == "struct_value":
        return _read_struct(value.struct_value)
    if kind == "list_value":
        return [_read(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return value.bool_value if kind == "bool_value" else None


def unknown_or(text: str) -> Any:
    """`text`, or `UNKNOWN` where the engine's marker or an unplanned lookup's answer is in it."""
    # Even inside a longer text: the program may have formatted it.
    return UNKNOWN if _UNKNOWN_TEXT in text else text


def _read_struct(struct: Struct) -> Any:
    if _KEY not in struct.fields:
        return read(struct)
    match struct.fields[_KEY].string_value:
        case rpc._special_secret_sig:
            return Secret(_read(struct.fields["value"]))
        case rpc._special_asset_sig:
            return _asset(struct, archive=False)
        case rpc._special_archive_sig:
            return _asset(struct, archive=True)
        case rpc._special_resource_sig:
            # The engine hands a provider the id of a resource, and the URN of a component, which has none.
            return _read(struct.fields["id"]) if "id" in struct.fields else struct.fields["urn"].string_value
        case _:
            value = _read(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
            return Secret(value) if struct.fields["secret"].bool_value else value


def _asset(struct: Struct, *, archive: bool) -> Asset:
    fields = struct.fields
    return Asset(
        path=fields["path"].string_value if "path" in fields else "",
        text=_read(fields["text"]) if "text" in fields else "",
        uri=fields["uri"].string_value if "uri" in fields else "",
        members=_read(fields["assets"]) if "assets" in fields else {},
        archive=archive,
        # The program's folder, while it runs.
        base=str(Path.cwd()),
    )


def write(values: Mapping[str, Any], into: Struct | None = None) -> Struct:
    """The inverse of `read`: plain data, `UNKNOWN`, `Secret` and `Asset`."""
    struct = Struct() if into is None else into
    for key, value in values.items():
        struct.fields[key].CopyFrom(_write(value))
    return struct


def _write(value: Any) -> Value:
    match value:
        case None:
            return Value(null_value=NULL_VALUE)
        case bool():
            return Value(bool_value=value)
        case int() | float():
            return Value(number_value=value)
        case str():
            return Value(string_value=value)
        case Secret(value=inner):
            marked = Struct(fields={_KEY: Value(string_value=rpc._special_secret_sig), "value": _write(inner)})
            return Value(struct_value=marked)
        case Mapping():
            return Value(struct_value=write(value))
        case list() | tuple():
            listed = Value()
            listed.list_value.values.extend(_write(item) for item in value)
            return listed
        case Asset():
            return Value(struct_value=_marked_asset(value))
        case _ if value is UNKNOWN:
            return Value(string_value=_UNKNOWN_TEXT)
        case _:
            raise TypeError(f"an answer holds {type(value).__name__}, which the engine's protocol cannot carry")


def _marked_asset(asset: Asset) -> Struct:
    kind = rpc._special_archive_sig if asset.archive else rpc._special_asset_sig
    parts: dict[str, Any] = {"path": asset.path, "uri": asset.uri, "assets": asset.members}
    given = {name: part for name, part in parts.items() if part} or {"text": asset.text}
    return write({_KEY: kind, **given})
