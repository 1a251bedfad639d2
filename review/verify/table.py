"""The calls that read each type, and the fields of their answers: table.json.

A type has one or more reads. Everything in one is JMESPath (https://jmespath.org/specification.html): `given` has the
arguments, over the resource with its inputs and outputs; `at` is the part of the answer that is about it, in which
`ours` is the resource. `fields` has an expression over the resource, in the provider's names, and one over the answer,
in AWS's. A `?` after the first compares only what the state has. `public` and `private` are addresses in the answer.

A read with an `id` lists all members of a parent: a declared one is the member whose `id` is its `match`, and a member
that none declares was made by hand, for parents of the types in `of` that do not declare their members themselves
(`unless`).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from ..aws.catalog.catalog import token_of
from ..graph import UNKNOWN, Secret
from ..graph.json_text import of_config, parsed
from .cloud import Cloud, NotRead

_PLAIN: Final = re.compile(r"([\w.]+)(?:\[\]\.\{.*\})?")
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d+)?")
_PAIRS: Final = ({"key", "value"}, {"name", "value"})
"""Members of tags and of dimensions, in lower case."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call, and the part of its answer that is looked at."""

    call: str
    """`ec2.DescribeVpcs`: client and operation."""
    given: str = "`{}`"
    at: str = ""

    def ask(self, cloud: Cloud, values: Mapping[str, Any], region: str) -> Any:
        """The part of the answer; None if AWS has none. Raises NotRead."""
        arguments = search(self.given, values)
        if arguments is UNKNOWN or None in _leaves(arguments):
            raise NotRead(f"the state does not have all of {self.given}, or it is secret")
        answer = cloud.ask(self.call, arguments, region)
        found = search(self.at, {**answer, "ours": values}) if answer is not None and self.at else answer
        if found is UNKNOWN:
            raise NotRead("its answer has another form")
        return found


@dataclass(frozen=True, kw_only=True)
class Read(Call):
    """A call, and the fields of a resource in its answer."""

    fields: Mapping[str, str]
    of: Sequence[str] = ()
    """Types of parents."""
    by: str = ""
    """The input by which a member names its parent."""
    unless: Sequence[str] = ()
    id: str = ""
    match: str = ""
    public: str = "`[]`"
    private: str = "`[]`"


@cache
def reads() -> Mapping[str, tuple[Read, ...]]:
    """By type."""
    return {token_of(name): tuple(Read(**row) for row in rows) for name, rows in load("table.json").items()}


def load(name: str) -> Any:
    """The rows of a file beside this one."""
    return json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def identity(expression: str, value: Any) -> Any:
    """The value that identifies a member: `UNKNOWN` if it is secret or not known."""
    found = search(expression, value)
    # Route 53 escapes `*`, and ends names with a dot.
    return found.replace("\\052", "*").rstrip(".") if isinstance(found, str) else found


class _Own(Functions):  # type: ignore[misc] # jmespath ships no types
    """Functions that AWS's answers need besides JMESPath's own."""

    @signature({"types": ["string"]}, {"types": ["string", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_split(self, by: str, text: str | None) -> list[str]:
        return text.split(by) if text else []

    @signature({"types": ["object", "null"]}, {"types": ["string"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_member(self, members: Mapping[str, Any] | None, key: str) -> Any:
        return (members or {}).get(key)

    @signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_parse(self, text: str | None) -> Any:
        # GetRestApi has a policy that is escaped once more.
        return parsed(json.loads(f'"{text}"') if text.startswith('{\\"') else text) if text else None


_OPTIONS: Final = jmespath.Options(custom_functions=_Own())


def search(expression: str, value: Any) -> Any:
    """What an expression finds: `UNKNOWN` if a value that it needs is secret or not known."""
    try:
        found = jmespath.search(expression, value, options=_OPTIONS)
    except (JMESPathError, ValueError):
        return UNKNOWN
    return UNKNOWN if any(one is UNKNOWN or isinstance(one, Secret) for one in _leaves(found)) else found


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(inner)
    else:
        yield value


def place(expression: str) -> str:
    """The input that an expression over the resource is about, dotted; empty if it is more than one input."""
    found = _PLAIN.fullmatch(expression.removesuffix("?"))
    return found[1] if found else ""


def normal(value: Any) -> Any:
    """A value so that both sides' are equal if they mean the same: order, single members, numbers and JSON as text.

    What is unset, empty, false or zero is None.
    """
    opened = of_config(value) if isinstance(value, str) else value
    if isinstance(opened, Mapping):
        inner = {str(key): normal(one) for key, one in opened.items() if not str(key).startswith("aws:")}
        return {key: one for key, one in inner.items() if one is not None} or None
    if isinstance(opened, list | tuple):
        return _normal_list(opened)
    text = str(opened)
    if _NUMBER.fullmatch(text):
        return float(text) or None
    return None if opened in (None, False, "") else text.rstrip(".")


def _normal_list(value: Sequence[Any]) -> Any:
    if all(isinstance(one, Mapping) and {*map(str.lower, one)} in _PAIRS for one in value):
        # The name comes before the value in the alphabet too.
        return normal(dict([one[key] for key in sorted(one, key=str.lower)] for one in value))
    found = {json.dumps(inner, sort_keys=True): inner for one in value if (inner := normal(one)) is not None}
    members = [found[text] for text in sorted(found)]
    return (members[0] if len(members) == 1 else members) or None
