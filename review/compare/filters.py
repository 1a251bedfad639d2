"""Filters of events, messages and records as sets: whether one takes fewer, more or others than before.

Every key of a filter must fit, and for each one of its values is enough.
https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
"""

import re
from collections.abc import Iterator
from typing import Final

from ..aws.catalog.tables import table
from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import held
from ..graph.json_text import opened
from ..graph.prose import few
from ..graph.reading import items, mapping, text, within
from ..graph.shown import shown
from .engine.side import Changed, Property, Side, lasting

_FILTERS: Final = table("interruptions")["filters"]
"""By type and the name of an input: words for a filter that takes fewer, more and others, and for one that goes."""
_FEWER, _MORE, _OTHERS, _ALL = range(4)
_RULE, _INTEGRATION = "aws:cloudwatch/eventRule:EventRule", "aws:apigatewayv2/integration:Integration"
_ASKED: Final = {"source": "Source", "detail-type": "DetailType"}
"""Keys of a pattern, and the parameters of an integration that its events have them from."""


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
    """Rules that can no longer take what an API puts on their bus, or now can, by its source and type.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
    """
    puts = [pair for pair in lasting(before.graph, after.graph, _INTEGRATION)
            if all(held(each, "integrationSubtype") == "EventBridge-PutEvents" for each in pair)]  # fmt: skip
    rules = lasting(before.graph, after.graph, _RULE) if puts else ()
    for pair, rule in ((pair, rule) for pair in puts for rule in rules):
        could, can = (
            _may_take(side.graph, *each)
            for side, each in zip((before, after), zip(rule, pair, strict=True), strict=True)
        )
        if None not in (could, can) and could is not can:
            sent = ", ".join(f"{key} {shown(held(pair[1], 'requestParameters', key))}" for key in _ASKED.values())
            takes = "may now take" if can else "can no longer take"
            yield f"{rule[1].name} {takes} the events of {pair[1].name} ({sent})"


def _may_take(graph: Graph, rule: Resource, integration: Resource) -> bool | None:
    """Whether the pattern of a rule lets the source and the type of events pass. None if that is not known."""
    sent, pattern = held(integration, "requestParameters"), opened(held(rule, "eventPattern"))
    buses = [within(sent, "EventBusName"), held(rule, "eventBusName")]
    known = [graph.find(bus) or text(bus) or "default" for bus in buses]
    if UNKNOWN in (sent, pattern, *buses) or not mapping(pattern):
        return None
    if known[0] != known[1]:
        return False
    for key, parameter in _ASKED.items():
        asked, value = items(mapping(pattern).get(key)), within(sent, parameter)
        # A part of the call, such as `$request.body.kind`, may be anything.
        written = isinstance(value, str) and "$" not in value
        if written and asked and all(isinstance(each, str) for each in asked) and value not in asked:
            return False
    return True
