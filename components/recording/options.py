"""Reads the resource options of a request: all that the protocol has, also what a later version adds."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Value

from . import wire
from .resources import Options

_PLACES: Final = ("type", "name", "parent", "custom", "remote", "object", "properties", "id", "tok", "args")
_RELATIONS: Final = ("dependencies", "propertyDependencies", "provider", "dependsOn")
_OF_THE_SDK: Final = (
    *("acceptSecrets", "acceptResources", "accepts_byte_string", "accept_output_values"),
    *("supportsPartialValues", "supportsResultReporting", "transforms"),
    *("aliasSpecs", "aliasURNs", "sourcePosition", "stackTrace", "parentStackTraceHandle", "snippetId"),
)
_TYPED: Final = (
    *("protect", "retainOnDelete", "deletedWith", "deleteBeforeReplace", "deleteBeforeReplaceDefined"),
    *("ignoreChanges", "replaceOnChanges", "additionalSecretOutputs", "aliases"),
    *("customTimeouts", "importId", "hooks"),
)
_NO_OPTIONS: Final = frozenset((*_PLACES, *_RELATIONS, *_OF_THE_SDK))


def read_options(request: Any, inherited: Options, read_alias: Callable[[Any], str]) -> Options:
    """Returns the options of a new resource. `inherited` are those of the resource above."""
    kept = request.retainOnDelete if request.HasField("retainOnDelete") else inherited.retain_on_delete
    return Options(
        protect=request.protect if request.HasField("protect") else inherited.protect,
        retain_on_delete=kept,
        deleted_with=request.deletedWith or inherited.deleted_with,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=tuple(dict.fromkeys(request.ignoreChanges)),
        replace_on_changes=tuple(request.replaceOnChanges),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        aliases=(*dict.fromkeys(map(read_alias, request.aliases)), *request.aliasURNs),
        custom_timeouts={field.name: text for field, text in request.customTimeouts.ListFields()},
        import_id=request.importId or None,
        hooks={field.name: tuple(names) for field, names in request.hooks.ListFields()},
        others=read_others(request),
    )


def read_others(request: Any) -> dict[str, Any]:
    """Returns the options of a request that `Options` has no field for."""
    return {key: value for key, value in _read_fields(request).items() if key not in _TYPED}


def list_changed_options(before: Any, after: Any) -> list[str]:
    """Returns the names of options in which two states of a request differ, by the engine's names."""
    old, new = _read_fields(before), _read_fields(after)
    for state, fields in ((before, old), (after, new)):
        fields |= {"dependsOn": [*state.dependencies], "provider": state.provider}
    return [key for key in sorted({*old, *new}) if (old.get(key) or None) != (new.get(key) or None)]


def _read_fields(request: Any) -> dict[str, Any]:
    return {
        field.json_name: _read_field(field.name, value)
        for field, value in request.ListFields()
        if field.name not in _NO_OPTIONS
    }


def _read_field(name: str, value: Any) -> Any:
    match value:
        case bool() | int() | str():
            return value
        case _ if name == "state_migrations":
            return len(value)  # Callbacks of the program have a made-up token for each run.
        case Value():
            return wire.read_value(MessageToDict(value))
        case Mapping():
            return {key: inner.hex() if isinstance(inner, bytes) else inner for key, inner in sorted(value.items())}
        case _ if hasattr(value, "DESCRIPTOR"):
            return MessageToDict(value)
    return [MessageToDict(member) if hasattr(member, "DESCRIPTOR") else member for member in value]
