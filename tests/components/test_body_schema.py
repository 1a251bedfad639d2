"""Schemas of bodies: keywords that API Gateway validates, and no others."""

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft4Validator

from components.api import body_schema
from components.api.body_schema import find_mistakes
from tests.components.front import ROUTE, body, front, made
from tests.helpers.declare import refusal

RIGHT: list[dict[str, Any]] = [
    {},
    {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "pattern": "^a", "maxLength": 3}}},
    {"type": ["string", "null"], "title": "x", "description": "y", "default": "z", "format": "date-time"},
    {"type": "array", "items": [{"type": "integer"}], "additionalItems": False, "uniqueItems": True},
    {"type": "number", "minimum": 1, "maximum": 9, "exclusiveMaximum": True, "multipleOf": 0.5},
    {"oneOf": [{"type": "string"}], "anyOf": [{}], "allOf": [{}], "not": {"type": "null"}},
    {"additionalProperties": False, "minProperties": 1, "maxProperties": 2, "patternProperties": {"^x": {}}},
    {"additionalProperties": {"type": "string"}, "dependencies": {"a": ["b"], "c": {"type": "object"}}},
    {"minLength": 2.0},
    # Values that Python finds equal are not.
    {"enum": [1, True, 0, False, None, "1", {}, []]},
    # Names of properties, and values, are no keywords.
    {"properties": {"const": {}, "$id": {"enum": [{"const": 1}, "$ref"]}, "minItems": {"type": "string"}}},
]


@pytest.mark.parametrize("schema", RIGHT)
def test_draft_4_is_taken(schema: dict[str, Any]) -> None:
    assert list(find_mistakes(schema)) == []


def test_a_body_is_checked_where_it_has_a_schema() -> None:
    whole = body(front(routes=[{**ROUTE, "body_schema": RIGHT[1]}]))
    operation = whole["paths"]["/forward"]["get"]
    assert operation["x-amazon-apigateway-request-validator"] == "body"
    assert whole["x-amazon-apigateway-request-validators"]["body"]["validateRequestBody"] is True
    # A body whose content type has no model would pass unchecked.
    checked = operation["requestBody"]["content"]
    assert checked == {"application/json": {"schema": RIGHT[1]}, "$default": {"schema": RIGHT[1]}}
    error = str(refusal(lambda: made(routes=[{**ROUTE, "body_schema": {"items": {"const": 1}}}])))
    assert "routes[0].body_schema: got 'const in items'" in error


LATER = """
const if then else $id id $schema $defs definitions examples contains propertyNames dependentRequired deprecated
x-anything Type
"""
UNVALIDATED = "exclusiveMinimum minItems maxItems example nullable readOnly discriminator"
AROUND: list[tuple[Callable[[Any], Any], str]] = [
    (lambda inner: inner, ""),
    (lambda inner: {"properties": {"a": inner}}, " in properties.a"),
    (lambda inner: {"patternProperties": {"a": inner}}, " in patternProperties.a"),
    (lambda inner: {"dependencies": {"a": inner}}, " in dependencies.a"),
    (lambda inner: {"items": inner}, " in items"),
    (lambda inner: {"items": [{}, inner]}, " in items[1]"),
    (lambda inner: {"additionalProperties": inner}, " in additionalProperties"),
    (lambda inner: {"additionalItems": inner}, " in additionalItems"),
    (lambda inner: {"not": {"anyOf": [{"allOf": [{"oneOf": [inner]}]}]}}, " in not.anyOf[0].allOf[0].oneOf[0]"),
]


@pytest.mark.parametrize("keyword", [*LATER.split(), *UNVALIDATED.split()])
def test_other_keywords_are_refused_by_name(keyword: str) -> None:
    for around, place in AROUND:
        ((got, remedy),) = find_mistakes(around({keyword: 1}))
        assert got == f"{keyword}{place}"
        assert ("AWS does not validate it" in remedy) == (keyword in UNVALIDATED.split())


@pytest.mark.parametrize(
    ("schema", "got"),
    [
        ({"type": "objekt"}, "type objekt"),
        ({"type": ["string", {"a": 1}]}, "type {'a': 1}"),
        ({"properties": {"a": {"exclusiveMaximum": 5, "maximum": 6}}}, "exclusiveMaximum 5 in properties.a"),
        ({"exclusiveMaximum": True}, "exclusiveMaximum without maximum"),
        ({"properties": {"a": {"pattern": "["}}}, "pattern [ in properties.a"),
        ({"patternProperties": {"(": {}}}, "patternProperties {'(': {}}"),
        ({"properties": {"a": {"required": True}}}, "required True in properties.a"),
        ({"items": True}, "True in items, where draft 4 has a schema"),
        ({"properties": {"a": False}}, "False in properties.a, where draft 4 has a schema"),
        ({"type": "number", "format": "int64"}, "format int64"),
        ({"$ref": "#/nope"}, "$ref"),
    ],
)
def test_values_of_other_drafts_are_refused(schema: dict[str, Any], got: str) -> None:
    assert [found for found, _ in find_mistakes(schema)] == [got]


VALUES: list[Any] = [
    *([], {}, "", "a", "string", True, False, None, 0, 1, 1.5, -1),
    *(["a"], ["a", "a"], ["string"], ["string", "string"], [1], [{}], [{}, {"type": "null"}], [["a"]], [True, 1]),
    *({"a": {}}, {"a": []}, {"a": ["b"]}, {"a": ["b", "b"]}, {"a": 1}, {"const": 1}, {"a": {"type": 5}}),
]
SHAPED = sorted(body_schema._KEYWORDS - {"enum"})


@pytest.mark.parametrize("keyword", SHAPED)
def test_values_have_the_shapes_of_draft_4s_own_schema(keyword: str) -> None:
    for value in VALUES:
        schema = {keyword: value} | ({"maximum": 1} if keyword == "exclusiveMaximum" else {})
        # `a` and `const` are names elsewhere, and in a schema keywords that draft 4 would ignore.
        unknown = keyword in body_schema._SCHEMA and isinstance(value, dict) and value != {}
        right = Draft4Validator(Draft4Validator.META_SCHEMA).is_valid(schema) and not unknown
        assert (list(find_mistakes(schema)) == []) is right, value


@pytest.mark.parametrize("values", [[], "a", {}, ["a", "a"], 1, None])
def test_an_enum_lists_different_values(values: Any) -> None:
    assert [got for got, _ in find_mistakes({"enum": values})] == [f"enum {values}"]


@pytest.mark.parametrize("pattern", ["^\\p{L}+$", "(?<year>\\d{4})", "[^]", "[]", "^[\\w.-]+@", "[[a]"])
def test_patterns_of_other_dialects_are_taken(pattern: str) -> None:
    assert list(find_mistakes({"pattern": pattern, "patternProperties": {pattern: {}}})) == []


def test_wrong_shapes_hide_no_keyword() -> None:
    for schema in ({"properties": [{"const": 1}]}, {"allOf": {"const": 1}}, {"not": [{"const": 1}]}):
        assert list(find_mistakes(schema))
