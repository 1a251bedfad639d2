"""What a type allows, as JSON schema and in words: for messages of components and of stack files, and for documents."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from .kinds import UNIONS, list_plain_kinds
from .marks import SECRET, After, Before, Check, ReadAs, Sized, Words

OFF: Final = "off"
"""Switches off what a map describes."""
HIDES: Final = "secret"
"""Marks, in the schema, a value that no message shows."""
ALSO: Final = "also"
"""Marks, in the schema, what a stack file may write instead."""
_PLAIN: Final[Mapping[Any, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}
Fields = Callable[[Any], Mapping[str, Any]]
"""The JSON schema of a dataclass."""


def describe_fields(kind: Any) -> Mapping[str, Any]:
    """Returns a dataclass as programs spell its fields."""
    return {"type": "object", "properties": {field.name: {} for field in dataclasses.fields(kind)}}


def build_schema(kind: Any, fields: Fields = describe_fields) -> dict[str, Any]:
    """What an annotation allows, as JSON schema."""
    origin, parameters = get_origin(kind), get_args(kind)
    if origin is Annotated:
        kind = next((mark.kind for mark in parameters[1:] if isinstance(mark, ReadAs)), parameters[0])
        described = build_schema(kind, fields)
        for mark in parameters[1:]:
            described |= _describe_mark(mark, described)
        return described
    if origin in UNIONS:
        branches = [build_schema(one, fields) for one in list_plain_kinds(kind)]
        if len(maps := [one for one in branches if one.get("const") != OFF]) == 1 < len(branches):
            return {**maps[0], OFF: True}
        return branches[0] if len(branches) == 1 else {"anyOf": branches}
    if dataclasses.is_dataclass(kind):
        return dict(fields(kind))
    if origin is Literal:
        allowed = {"const": parameters[0]} if len(parameters) == 1 else {"enum": list(parameters)}
        return {"type": "string", **allowed}
    if origin is Sequence:
        return {"type": "array", "items": build_schema(parameters[0], fields)}
    if origin is Mapping:
        values: Any = True if parameters[1] is Any else build_schema(parameters[1], fields)
        return {"type": "object", "propertyNames": build_schema(parameters[0], fields), "additionalProperties": values}
    return {} if kind is Any else {"type": _PLAIN.get(kind, "string")}


def _describe_mark(mark: Any, described: Mapping[str, Any]) -> dict[str, Any]:
    """What a mark adds to a schema."""
    if mark == SECRET:
        return {HIDES: True}
    if isinstance(mark, Words):
        return {"words": mark.text}
    if isinstance(mark, Sized):
        ends = ("minItems", "maxItems") if described.get("type") == "array" else ("minLength", "maxLength")
        return {end: at for end, at in zip(ends, (mark.least, mark.most), strict=True) if at}
    if isinstance(mark, Before):
        return {ALSO: mark.also} if mark.also else {}
    if isinstance(mark, Check) and (mark.low is not None or mark.high is not None):
        ends = ("exclusiveMinimum" if mark.above else "minimum", "maximum")
        return {end: at for end, at in zip(ends, (mark.low, mark.high), strict=True) if at is not None}
    pattern = {"pattern": f"^(?:{mark.pattern})$"} if isinstance(mark, Check) and mark.pattern else {}
    return {"words": mark.words, **pattern} if isinstance(mark, Check | After) and mark.words else {}


def find_schema(schema: Mapping[str, Any], place: Sequence[int | str]) -> Mapping[str, Any]:
    """Returns the JSON schema of the key at a place."""
    node: Any = schema
    for part in place:
        if isinstance(part, int):
            node = as_list(node).get("items", {})
        else:
            node = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
            node = node if isinstance(node, dict) else {}
    found: Mapping[str, Any] = node
    return found


def as_list(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The branch of a union that is a list. A schema without one as it is."""
    return next((branch for branch in schema.get("anyOf", ()) if "items" in branch), schema)


def describe_schema(schema: Mapping[str, Any]) -> str:
    """Returns the values that a part of a JSON schema allows, in words; the same words serve messages and reference."""
    if schema.get(OFF):
        return f"{describe_schema({**schema, OFF: False})}, or {OFF}"
    if "words" in schema:
        return str(schema["words"])
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"])
    if "const" in schema:
        return f"only {schema['const']}"
    if "anyOf" in schema:
        return ", or ".join(map(describe_schema, schema["anyOf"]))
    match schema.get("type"):
        case "integer":
            return "a whole number" + _describe_range(schema)
        case "number":
            return "a number" + _describe_range(schema)
        case "boolean":
            return "true or false"
        case "string":
            least, most = schema.get("minLength"), schema.get("maxLength")
            if most is not None:
                return f"a text of {least} to {most} characters" if least else f"a text of at most {most} characters"
            return f"a text of {least} characters or more" if (least or 1) > 1 else "a text that is not empty"
        case "array":
            least, most = schema.get("minItems"), schema.get("maxItems")
            some = f" of {least} to {most}" if least else f" of at most {most}"
            size = some if most else " of one or more" if least else ""
            return f"a list{size}, each item {describe_schema(schema['items'])}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"a map, each value {describe_schema(schema['additionalProperties'])}"
        case "object" if schema.get("properties"):
            return f"a map with the keys {', '.join(schema.get('properties', {}))}"
        case "object":
            return "a map"
        case None:
            return "any value"
    return "a value of another type"


def _describe_range(schema: Mapping[str, Any]) -> str:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    above = "above" if "exclusiveMinimum" in schema else "from"
    if low is not None and high is not None:
        return f" {above} {low:,} to {high:,}"
    if low is not None:
        return f" above {low:,}" if above == "above" else f" of at least {low:,}"
    return f" of at most {high:,}" if high is not None else ""
