"""Our own calls of AWS, beside those of the engine's refresh: table.json.

A type has rows of two kinds. Everything in one is JMESPath (https://jmespath.org/specification.html): `given` has the
arguments, `at` is the part of the answer that is looked at, in which `ours` is the resource.

- A row without `of` confirms that AWS has a resource of the state. `public` and `private` are addresses in the answer.
- A row with `of` lists all members of a parent. A declared one has the resource's `match` as its `id`, or among its
  `keys`, where `parent` is the parent's state. What no resource declares is listed for parents of the types in `of`
  that do not declare their members themselves (`unless`): the refresh compares those. `fields` has inputs of the
  member, and AWS's fields.
"""

import json
import re
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
from ..graph.reading import CannotTell, items
from .cloud import Cloud, NotRead

JSON = Mapping[str, Any]


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
        result = search(self.at, {**answer, "ours": values}) if answer is not None and self.at else answer
        if result is UNKNOWN:
            raise NotRead("its answer has another form")
        return result


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
    also: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By type, `by` and `match` of other resources that declare members."""
    anywhere: bool = False
    """Whether a declared member may be at every parent of its region: AWS's name for it, or its `keys`, is of one only,
    or the refresh compares where it is. In `also`, `here` is for those that it does not hold for."""
    id: str = ""
    name: str = ""
    """How AWS's console names it, if not by its `id`. It need not be unique."""
    keys: str = ""
    """All that names a member, if that is more than its `id`."""
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
    def _func_statements(self, text: str | None) -> Any:
        return [*statements(text)] if text else None

    @signature({"types": ["array", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_methods(self, resources: list[Any] | None) -> Any:
        """Each method of the resources of a REST API, with its resource's ID."""
        return [
            {**method, "resourceId": resource["id"], "httpMethod": name, "path": resource.get("path")}
            for resource in resources or ()
            for name, method in (resource.get("resourceMethods") or {}).items()
        ]

    @signature({"types": ["string", "null"]}, {"types": ["array"]}, {"types": ["string", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_beyond(self, text: str | None, usual: list[JSON], arn: str | None) -> Any:
        """A policy with a statement that AWS does not write by itself. A refresh writes any into the state."""
        known = [*statements({"Statement": usual})]
        new = any(not any(_is_usual(one, each, arn or "") for each in known) for one in statements(text or "{}"))
        return [{"Policy": text}] if new else []

    @signature({"types": ["array"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_key(self, parts: list[Any]) -> str:
        """One text. A state may have numbers with a point."""
        return " ".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)

    @signature({"types": ["string"]}, {"types": ["array"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_each(self, beginning: str, lists: list[Any]) -> list[str]:
        """The beginning with each member of the lists, in which what is not set is left out."""
        return [f"{beginning} {one}" for listed in lists for one in listed or () if one]

    @signature({"types": ["string", "null"]}, {"types": ["number", "null"]}, {"types": ["number", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_ends(self, protocol: str | None, first: float | None, last: float | None) -> str:
        """Protocol and ports of a rule. AWS and the provider write ports that a protocol does not have otherwise."""
        ports = f" {first:g}-{last:g}" if protocol in _WITH_PORTS and None not in (first, last) else ""
        return f"{protocol}{ports}"

    @signature({"types": ["string", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_last(self, name: str | None) -> str | None:
        """The last part of an ARN, or of a group's ID, which may have its account before it."""
        return name and re.split("[:/]", name)[-1]

    @signature({"types": ["string", "null"]}, {"types": ["string", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_called(self, function: str | None, qualifier: str | None) -> str:
        """Name and qualifier of a function that a name or an ARN names, either of which may have the qualifier."""
        name, _, written = (function or "").rpartition(":function:")[2].partition(":")
        return " ".join(filter(None, (name, (qualifier or written).replace("$LATEST", ""))))

    @signature({"types": ["array", "null"]}, {"types": ["string", "null"]}, {"types": ["boolean", "null"]})  # type: ignore[untyped-decorator] # jmespath ships no types
    def _func_named(self, records: list[Any] | None, name: str | None, is_cut: bool | None) -> Any:
        """Records that lead callers of this name. Route 53 writes a last dot, and `*` by its code."""
        plain = [{**record, "Name": str(record["Name"]).rstrip(".").replace("\\052", "*")} for record in records or ()]
        if is_cut and plain and plain[-1]["Name"] == name:
            raise ValueError("not all records of the name are in the answer")
        own = [record for record in plain if record["Name"] == name]
        # AWS itself writes the name servers of a zone, beside its SOA.
        leading = _LEADING if any(record["Type"] == "SOA" for record in own) else (*_LEADING, "NS")
        return [record for record in own if record["Type"] in leading]


def _is_usual(statement: JSON, usual: JSON, arn: str) -> bool:
    """Whether AWS itself writes a statement for its resource: all but actions as here, and of no other account."""
    _, partition, _, _, account, *_ = arn.split(":") + [""] * 5
    named = json.loads(json.dumps(usual).replace("PARTITION", partition).replace("ACCOUNT", account))
    same = all(statement.get(key) == value for key, value in named.items() if key != "Action")
    actions = {*items(statement.get("Action"))}
    accounts = {*re.findall(r"\b\d{12}\b", json.dumps(statement))} or ({""} if "Condition" in statement else set())
    return same and bool(actions) and actions <= {*named["Action"]} and accounts <= {account}


_WITH_PORTS: Final = ("tcp", "udp", "icmp", "icmpv6")
"""Protocols whose rules have ports, or types and codes of ICMP."""
_LEADING: Final = ("A", "AAAA", "CNAME", "HTTPS", "SVCB")
"""Types of records that lead a caller somewhere."""
_OPTIONS: Final = jmespath.Options(custom_functions=_Own())


def search(expression: str, value: Any) -> Any:
    """What an expression finds: `UNKNOWN` if a value that it needs is secret or not known."""
    try:
        result = jmespath.search(expression, value, options=_OPTIONS)
    except (JMESPathError, ValueError, LookupError, TypeError, CannotTell):
        return UNKNOWN
    return UNKNOWN if any(leaf is UNKNOWN or isinstance(leaf, Secret) for leaf in _leaves(result)) else result


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(inner)
    else:
        yield value
