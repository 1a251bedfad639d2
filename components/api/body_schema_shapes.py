"""Shapes of the values that the keywords of JSON Schema draft 4 have.

http://json-schema.org/draft-04/schema
"""

import json
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

_BROKEN: Final = ("unterminated", "missing )", "unbalanced", "nothing to repeat")
"""Errors of Python that are errors in every dialect of regular expressions."""


def find_required_shape(keyword: str, value: object) -> str:
    """Returns the shape that the keyword needs; empty if the value has it, or if any value does."""
    is_right, words = _SHAPES.get(keyword, (_is_any, ""))
    return "" if is_right(value) else words


def _is_any(_value: object) -> bool:
    return True


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_positive(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_count(value: Any) -> bool:
    # Values from programs in other languages arrive as floats.
    return _is_number(value) and value >= 0 and value == int(value)


def _is_list(value: object) -> bool:
    """Whether it is a list with members that differ. `1` and `true` differ, although Python finds them equal."""
    texts = [json.dumps(member, sort_keys=True, default=str) for member in value] if isinstance(value, list) else []
    return bool(texts) and len(set(texts)) == len(texts)


def _is_names(value: Any) -> bool:
    return _is_list(value) and all(map(_is_text, value))


def _is_type(value: object) -> bool:
    """Other values than lists are compared with the names of the types."""
    return not isinstance(value, list) or _is_list(value)


def _is_schemas(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _is_schema_or_schemas(value: object) -> bool:
    return not isinstance(value, list) or bool(value)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_pattern(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        with warnings.catch_warnings(action="ignore"):
            # JavaScript's sets may be empty.
            re.compile(value.replace("[^]", ".").replace("[]", "."))
    except re.error as error:
        return not error.msg.startswith(_BROKEN)
    return True


def _is_patterns(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_pattern, value))


def _is_dependencies(value: object) -> bool:
    return isinstance(value, Mapping) and all(_is_names(names) for names in value.values() if isinstance(names, list))


_COUNT: Final = (_is_count, "a whole number of 0 or more")
_NUMBER: Final = (_is_number, "a number")
_FLAG: Final = (_is_flag, "true or false")
_TEXT: Final = (_is_text, "a text")
_SCHEMAS: Final = (_is_schemas, "a list of schemas, one at least,")
_SHAPES: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "type": (_is_type, "a type or a list of different types, one at least,"),
    "required": (_is_names, "a list of different names of properties, one at least,"),
    "enum": (_is_list, "a list of different values, one at least,"),
    "pattern": (_is_pattern, "a regular expression"),
    "multipleOf": (_is_positive, "a number above 0"),
    "items": (_is_schema_or_schemas, "a schema, or a list of schemas, one at least,"),
    "properties": (_is_mapping, "a mapping of names to schemas"),
    "patternProperties": (_is_patterns, "a mapping of regular expressions to schemas"),
    "dependencies": (_is_dependencies, "a mapping of names to schemas, or to lists of different names,"),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _SCHEMAS),
    **dict.fromkeys(("minLength", "maxLength", "minProperties", "maxProperties"), _COUNT),
    **dict.fromkeys(("minimum", "maximum"), _NUMBER),
    **dict.fromkeys(("uniqueItems", "exclusiveMaximum"), _FLAG),
    **dict.fromkeys(("format", "title", "description"), _TEXT),
}
