"""Filters of events, messages and records as sets: whether one takes fewer, more or others than before.

Every key of a filter must fit, and for each one of its values is enough.
https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
"""

import itertools
import re
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..aws.gateway.events import EVENT_RULE, PARTS, may_take
from ..graph.given import held
from ..graph.prose import few
from ..graph.shown import shown
from .engine.side import Changed, Property, Side, lasting

_FILTERS: Final = table("interruptions")["filters"]
"""By type and the name of an input: words for a filter that takes fewer, more and others, and for one that goes."""
_FEWER, _MORE, _OTHERS, _ALL = range(4)


def filtered(change: Changed) -> Iterator[str]:
    """What filters of a resource take now, in words."""
    for key, words in _FILTERS.get(change.resource.type, {}).items():
        differing = (part for part in change.properties if not part.is_same)
        fits = ((re.fullmatch(rf"(?:{key})(?P<inside>[.[].*)?", part.name), part) for part in differing)
        parts = [(fit["inside"] or "", part) for fit, part in fits if fit]
        senses = {_sense(*each) for each in parts}
        values = [value for each in parts if (value := _value(*each))]
        if senses:
            yield words[senses.pop() if len(senses) == 1 else _OTHERS] + (f" ({few(values)})" if values else "")


def _sense(inside: str, part: Property) -> int:
    """`inside` is the place of the difference in the filter; empty for one that comes or goes as a whole."""
    was, now = ("" if value is None else value for value in (part.before, part.after))
    if part.name.endswith(("Prefix", "Suffix")) and isinstance(was, str) and isinstance(now, str):
        holds = str.startswith if part.name.endswith("Prefix") else str.endswith
        return _FEWER if holds(now, was) else _MORE if holds(was, now) else _OTHERS
    if None not in (part.before, part.after) or part.name.endswith("Scope"):
        return _OTHERS
    if re.fullmatch(r"[^\[]*\[\d+\]", inside):  # one of the values of a key
        return _FEWER if part.after is None else _MORE
    return _OTHERS if "[" in inside else _FEWER if part.before is None else _MORE if inside else _ALL


def _value(inside: str, part: Property) -> str:
    values = [value for value in (part.after, part.before) if value not in (None, "")]
    if not values or isinstance(values[0], dict | list):
        return ""
    name = re.sub(r"\[\d+\]$", "", inside).lstrip(".") or part.name.rpartition(".")[2]
    before = f", before {shown(values[1])}" if len(values) > 1 else ""
    return f"{'no longer ' if part.after in (None, '') else ''}{name} {shown(values[0])}{before}"


def events_of_apis(before: Side, after: Side) -> Iterator[str]:
    """Rules that can no longer take what an API puts on their bus, or now can, by its source and type."""
    puts = lasting(before.graph, after.graph, *types.HTTP_INTEGRATION)
    for sends, rule in itertools.product(puts, lasting(before.graph, after.graph, EVENT_RULE)):
        could, can = may_take(before.graph, rule[0], sends[0]), may_take(after.graph, rule[1], sends[1])
        if None not in (could, can) and could is not can:
            sent = ", ".join(f"{key} {shown(held(sends[1], 'requestParameters', key))}" for key in PARTS.values())
            takes = "may now take" if can else "can no longer take"
            yield f"{rule[1].name} {takes} the events of {sends[1].name} ({sent})"
