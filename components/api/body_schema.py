"""Schemas of request bodies: the part of JSON Schema draft 4 that API Gateway validates.

What AWS lists as not supported, or as left out of request validation, is refused: otherwise a definition would promise
a check that API Gateway does not make.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from .body_schema_shapes import find_required_shape

_TYPES: Final = ("array", "boolean", "integer", "null", "number", "object", "string")
# Keywords by what they hold.
_SCHEMA: Final = ("not", "items", "additionalProperties", "additionalItems")
_SCHEMAS: Final = ("allOf", "anyOf", "oneOf")
_NAMED: Final = ("properties", "patternProperties", "dependencies")
_VALUES: Final = ("type", "required", "enum", "uniqueItems", "minimum", "maximum", "exclusiveMaximum", "multipleOf")
_TEXTS: Final = ("minLength", "maxLength", "pattern", "format", "minProperties", "maxProperties")
_NOTES: Final = ("title", "description", "default")
_KEYWORDS: Final = frozenset((*_SCHEMA, *_SCHEMAS, *_NAMED, *_VALUES, *_TEXTS, *_NOTES))
_MAY_BE_FLAGS: Final = ("additionalProperties", "additionalItems")
_UNSUPPORTED: Final = ("exclusiveMinimum", "minItems", "maxItems", "discriminator", "example", "nullable", "readOnly")
_FORMATS: Final = ("int32", "int64", "decimal")
_IN_THE_BACKEND: Final = "take it out, and check it in the backend"


def find_mistakes(schema: object, place: str = "") -> Iterator[tuple[str, str]]:
    """Yields each mistake, with its place in the schema, and its remedy."""
    at = f" in {place}" if place else ""
    if not isinstance(schema, Mapping):
        yield f"{schema!r}{at}, where draft 4 has a schema", "write {} for any value, or {not: {}} for none"
        return
    for key, value in schema.items():
        if key not in _KEYWORDS:
            yield f"{key}{at}", _choose_remedy(key, value)
    yield from _check_values(schema, at)
    for inner, where in _find_subschemas(schema):
        yield from find_mistakes(inner, f"{place}.{where}" if place else where)


def _choose_remedy(key: str, value: object) -> str:
    if key == "$ref":
        return f"write out what {value} names: it would name a part of the API's document"
    if key in _UNSUPPORTED:
        return f"AWS does not validate it: {_IN_THE_BACKEND}"
    return f"no keyword of draft 4 that API Gateway takes: {_IN_THE_BACKEND}"


def _check_values(schema: Mapping[str, Any], at: str) -> Iterator[tuple[str, str]]:
    for key, value in schema.items():
        wanted = find_required_shape(key, value)
        if wanted:
            yield f"{key} {value}{at}", f"draft 4 has {wanted} there"
    kinds = schema.get("type", "string")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind not in _TYPES:
            yield f"type {kind}{at}", f"one of {', '.join(_TYPES)}"
    if schema.get("format") in _FORMATS:
        yield f"format {schema['format']}{at}", "AWS does not support it: take it out, or use minimum and maximum"
    if "exclusiveMaximum" in schema and "maximum" not in schema:
        yield f"exclusiveMaximum without maximum{at}", "draft 4 has true or false there, beside maximum"


def _find_subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[object, str]]:
    """Yields the schemas in a schema, with their places."""
    for key, value in schema.items():
        if key in _NAMED and isinstance(value, Mapping):
            # A dependency may also be a list of names.
            names = key == "dependencies"
            yield from ((one, f"{key}.{name}") for name, one in value.items() if not (names and isinstance(one, list)))
        elif key in _SCHEMAS or (key == "items" and isinstance(value, list)):
            yield from ((one, f"{key}[{index}]") for index, one in enumerate(value if isinstance(value, list) else []))
        elif key in _SCHEMA and not (key in _MAY_BE_FLAGS and isinstance(value, bool)):
            yield value, key
