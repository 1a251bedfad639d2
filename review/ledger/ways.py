"""Ways by which a resource that no reader accounts for can falsify a sentence, by the kind of what it names.

`ways.json` has the ways of each kind, the references that can do less, and the inputs that can do nothing, each with
the reason. A type or an input that is not in it can do everything, so that a gap makes a doubt and no false answer.
"""

import enum
import functools
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..aws.catalog.catalog import make_token, normalize_token
from ..aws.catalog.tables import load_table_beside


class Way(enum.StrEnum):
    """An effect of a cause, in the words of a doubt: `{}` is the resource on which it has it."""

    CALLS = "may call {} without the API"
    REPLACES = "may decide what answers in place of {}"
    ADMITS = "may open or close the network of {}"
    LEAVES = "may open a way out of {}"
    GRANTS = "may give somebody the right to call {}"


class Form(enum.StrEnum):
    """How a text names a resource."""

    WHOLE = "whole"
    """It is the ID or the ARN."""
    ADDRESS = "address"
    """It has the name only in a URL, by which one calls the resource."""
    PLACE = "place"
    """It is the VPC of subnets that the same block names."""
    MENTION = "mention"
    """It has the name somewhere, or is not known."""


Ways = frozenset[Way]
ALL: Final[Ways] = frozenset(Way)


class _Reference(NamedTuple):
    """A row of the table: references of a type by an input to a kind can do no more than `ways`."""

    by: re.Pattern[str]
    key: re.Pattern[str]
    within: re.Pattern[str]
    """Blocks, one of which has the input, or the input itself."""
    to: re.Pattern[str]
    ways: Ways | None
    members: bool
    """Whether the row is of members of a group, which may call what admits the group."""
    forms: frozenset[Form]
    """Forms of the references that the row is of."""
    need: str
    """The need that it weakens: where nobody needs that, it does nothing. Empty for all."""


def _read_ways(names: str) -> Ways:
    return frozenset(Way[name.upper()] for name in names.split())


@functools.cache
def _load_kinds() -> Mapping[str, Ways]:
    rows: Mapping[str, str] = load_table_beside(__file__, "ways")["kinds"]
    return {make_token(name): _read_ways(ways) for ways, names in rows.items() for name in names.split()}


@functools.cache
def _load_references() -> tuple[_Reference, ...]:
    rows: list[Mapping[str, Any]] = load_table_beside(__file__, "ways")["references"]
    return tuple(
        _Reference(
            by=re.compile(row.get("by", ".*")),
            key=re.compile(row.get("input", ".*")),
            within=re.compile(row.get("within", ".*")),
            to=re.compile(row.get("to", ".*")),
            ways=_read_ways(row["ways"]) if "ways" in row else None,
            members=row.get("members", False),
            forms=frozenset(map(Form, row["forms"].split())) if "forms" in row else frozenset(Form),
            need=row.get("need", ""),
        )
        for row in rows
    )


@functools.cache
def _load_names(part: str) -> frozenset[str]:
    rows: Mapping[str, str] = load_table_beside(__file__, "ways")[part]
    return frozenset(" ".join(rows.values()).split())


def is_inert(key: str) -> bool:
    """Whether an input of this name opens nothing, whatever its value is."""
    return key in _load_names("inert")


def find_ways_of_kind(token: str) -> Ways:
    """The effects that a resource may have on one of this type, if nothing else is known of it."""
    return _load_kinds().get(normalize_token(token), ALL)


@functools.lru_cache(maxsize=4096)
def find_ways(
    by: str,
    path: str,
    named: str,
    *,
    admitted: bool = False,
    form: Form = Form.WHOLE,
    needs: frozenset[str] = frozenset(),
) -> Ways:
    """The effects of a resource of the type `by` that names one of the type `named` in its input `path`.

    `admitted`: a rule of another group admits the members of the one that is named. `needs`: what callers of the API
    need that is named.
    """
    kind, parts = _name_class(named), path.split(".")
    for row in _load_references():
        if (row.members and admitted) or form not in row.forms:
            continue
        is_place = row.key.fullmatch(parts[-1]) and any(map(row.within.fullmatch, parts))
        if is_place and row.by.fullmatch(by) and row.to.fullmatch(kind):
            if row.need and row.need not in needs:
                return frozenset()
            return find_ways_of_kind(named) if row.ways is None else row.ways
    return find_ways_of_kind(named)


def _name_class(token: str) -> str:
    """`lambda.Function` of a token."""
    module, _, kind = normalize_token(token).removeprefix("aws:").rpartition(":")
    return f"{module.partition('/')[0]}.{kind}"
