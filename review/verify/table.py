"""Our own calls of AWS, beside those of the engine's refresh: table.json.

A type has rows of two kinds. Everything in one is JMESPath (https://jmespath.org/specification.html): `given` has the
arguments, `at` is the part of the answer that is looked at, in which `ours` is the resource.

- A row without `of` confirms that AWS has a resource of the state. `public` and `private` are addresses in the answer.
- A row with `of` lists all members of a parent: a declared one is the member whose `id` is its `match`. A member that
  none declares was made by hand, for parents of the types in `of` that do not declare their members themselves
  (`unless`): the refresh compares those. `fields` has inputs of the member, and AWS's fields.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from ..aws.catalog.catalog import token_of
from ..aws.identity.iam import statements
from ..graph import UNKNOWN, Secret
from ..graph.json_text import parsed
from ..graph.reading import CannotTell
from .cloud import Cloud, NotRead


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
    """A row of the table."""

    fields: Mapping[str, str] = field(default_factory=dict)
    of: Sequence[str] = ()
    """Types of parents."""
    by: str = ""
    """The input by which a member names its parent."""
    unless: Sequence[str] = ()
    only: bool = False
    """Whether a parent has at most one, so that the refresh compares all if the stack declares it."""
    also: Mapping[str, str] = field(default_factory=dict)
    """By type, what names a member that another resource declares."""
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


class _Own(Functions):  # type: ignore[misc] # jmespath ships no types
    """Functions that AWS's answers need besides JMESPath's own."""

    @signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_parse(self, text: str | None) -> Any:
        return parsed(text) if text else None

    @signature({"types": ["array", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_methods(self, resources: list[Any] | None) -> Any:
        """Each method of the resources of a REST API, with its resource's ID."""
        return [
            {**method, "resourceId": one["id"], "httpMethod": name}
            for one in resources or ()
            for name, method in (one.get("resourceMethods") or {}).items()
        ]

    @signature({"types": ["string", "null"]}, {"types": []}, {"types": ["array"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_beyond(self, text: str | None, held: Any, usual: list[str]) -> Any:
        """A policy with a statement that is neither in the state's nor, if that has none, AWS's own, by Sid."""
        known = [*statements(held)] if held else None
        new = (
            each.get("Sid") not in usual if known is None else each not in known for each in statements(text or "{}")
        )
        return [{"Policy": text}] if any(new) else []

    @signature({"types": ["array", "null"]}, {"types": ["string", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_named(self, records: list[Any] | None, name: str | None) -> Any:
        """Records that lead callers of this name. Route 53 writes a last dot, and `*` by its code."""
        plain = [{**one, "Name": str(one["Name"]).rstrip(".").replace("\\052", "*")} for one in records or ()]
        return [one for one in plain if one["Name"] == name and one["Type"] in _LEADING]


_LEADING: Final = ("A", "AAAA", "CNAME", "HTTPS", "SVCB")
"""Types of records that lead a caller somewhere."""
_OPTIONS: Final = jmespath.Options(custom_functions=_Own())


def search(expression: str, value: Any) -> Any:
    """What an expression finds: `UNKNOWN` if a value that it needs is secret or not known."""
    try:
        found = jmespath.search(expression, value, options=_OPTIONS)
    except (JMESPathError, ValueError, LookupError, CannotTell):
        return UNKNOWN
    return UNKNOWN if any(leaf is UNKNOWN or isinstance(leaf, Secret) for leaf in _leaves(found)) else found


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(inner)
    else:
        yield value
