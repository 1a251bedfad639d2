"""The calls that read each type, and the fields of their answers: table.json.

A type has one or more reads. `with` has the arguments, in which `{name}` is an output or an input of the resource, and
`at` the part of the answer that is about it. `fields` has an expression over the resource, in the provider's names, and
one over the answer, in AWS's. A `?` after the first compares only what the state has. A read with an `id` lists all
members of a parent: a declared one is the member whose `id` is its `match`, and a member that none declares was made by
hand, for parents of the types in `of` that do not declare their members themselves (`unless`).
Expressions are JMESPath: https://jmespath.org/specification.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from ..aws.catalog import canonical, token_of
from ..graph import UNKNOWN, Secret, reveal
from ..graph.json_text import parsed

_NAMED: Final = re.compile(r"\{(\w+)\}")
_PLAIN: Final = re.compile(r"([\w.]+)(?:\[\]\.\{.*\})?")
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Read:
    """One call, and the fields of a resource in its answer."""

    call: str
    """`ec2.describe_vpcs`: client and method."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""
    fields: Mapping[str, str]
    of: Mapping[str, str] = field(default_factory=dict)
    """Types of parents, each with the output that identifies one."""
    by: str = ""
    """The input by which a member names its parent."""
    unless: tuple[str, ...] = ()
    id: str = ""
    match: str = ""

    def answer(self, found: Any, values: Mapping[str, Any]) -> Any:
        """The part of an answer that is about the resource; None if there is none."""
        return search(filled(self.at, values), found) if self.at else found


@cache
def reads() -> Mapping[str, tuple[Read, ...]]:
    """By type."""
    table = json.loads(Path(__file__).with_name("table.json").read_text(encoding="utf-8"))
    return {token_of(name): tuple(map(_read, rows)) for name, rows in table.items()}


def of_type(token: str) -> tuple[Read, ...]:
    return reads().get(canonical(token), ())


def _read(row: dict[str, Any]) -> Read:
    given = {**row, "arguments": row.get("with", {}), "unless": tuple(row.get("unless", ()))}
    given.pop("with", None)
    given["of"] = {token_of(name): key for name, key in row.get("of", {}).items()}
    return Read(**given)


def filled(value: Any, values: Mapping[str, Any], *, absent: str | None = None) -> Any:
    """Text, or what holds texts, with values in place of names. Raises KeyError for one that is not known."""
    if isinstance(value, str):
        return _NAMED.sub(lambda found: _text(values, found[1], absent), value)
    if isinstance(value, Mapping):
        return {key: filled(inner, values, absent=absent) for key, inner in value.items()}
    return [filled(inner, values, absent=absent) for inner in value]


def _text(values: Mapping[str, Any], name: str, absent: str | None) -> str:
    value = reveal(values.get(name))
    if value is UNKNOWN or (value is None and absent is None):
        raise KeyError(name)
    return str(absent if value is None else value)


class _Own(Functions):  # type: ignore[misc] # jmespath ships no types
    """Functions that AWS's answers need besides JMESPath's own."""

    @signature({"types": ["string"]}, {"types": ["string", "null"]})  # type: ignore[untyped-decorator]
    def _func_split(self, by: str, text: str | None) -> list[str]:
        return text.split(by) if text else []

    @signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator]
    def _func_parse(self, text: str | None) -> Any:
        return parsed(text) if text else None

    @signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator]
    def _func_unescape(self, text: str | None) -> Any:
        """A JSON text that is escaped once more, as GetRestApi has a policy."""
        return json.loads(f'"{text}"') if text and text.startswith('{\\"') else text


_OPTIONS: Final = jmespath.Options(custom_functions=_Own())


def search(expression: str, value: Any) -> Any:
    """What an expression finds: `UNKNOWN` if a value that it needs is secret or not known."""
    try:
        found = jmespath.search(expression, value, options=_OPTIONS)
    except (JMESPathError, ValueError):
        return UNKNOWN
    return UNKNOWN if _hidden(found) else found


def _hidden(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_hidden, value.values()))
    return any(map(_hidden, value)) if isinstance(value, list) else value is UNKNOWN or isinstance(value, Secret)


def place(expression: str) -> str:
    """The input that an expression over the resource is about, dotted; empty if it is more than one input."""
    found = _PLAIN.fullmatch(expression.removesuffix("?"))
    return found[1] if found else ""


def normal(value: Any) -> Any:
    """A value so that both sides' are equal if they mean the same: order, single members, numbers and JSON as text.

    What is unset, empty, false or zero is None.
    """
    match value:
        case bool():
            return "true" if value else None
        case int() | float():
            return str(float(value)) if value else None
        case str():
            return _normal_text(value)
        case Mapping():
            inner = {str(key): normal(one) for key, one in value.items() if not str(key).startswith("aws:")}
            return {key: one for key, one in inner.items() if one is not None} or None
        case list() | tuple():
            return _normal_list(value)
    return value


def _normal_text(value: str) -> Any:
    if value in ("", "false", "False"):
        return None
    if value in ("true", "True"):
        return "true"
    if _NUMBER.fullmatch(value):
        return normal(float(value))
    if value[0] in "[{":
        try:
            return normal(parsed(value))
        except ValueError:
            return value
    return value.rstrip(".")


def _normal_list(value: list[Any] | tuple[Any, ...]) -> Any:
    for key, held in (("key", "value"), ("name", "value")):
        if all(isinstance(one, Mapping) and {*map(str.lower, one)} == {key, held} for one in value):
            pairs = ({name.lower(): inner for name, inner in one.items()} for one in value)
            return normal({one[key]: one[held] for one in pairs})
    found = {json.dumps(inner, sort_keys=True): inner for one in value if (inner := normal(one)) is not None}
    members = [found[text] for text in sorted(found)]
    return (members[0] if len(members) == 1 else members) or None
