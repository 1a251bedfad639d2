"""What filters of events, messages and records take, and selections by tags: fewer, more or others than before.

Every key of a filter must fit, and for each one of its values is enough.
https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html
https://docs.aws.amazon.com/ebs/latest/userguide/snapshot-lifecycle.html
"""

import itertools
import operator
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..aws.gateway.events import EVENT_RULE, PARTS, may_take
from ..aws.identity.iam import glob
from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import held, holds_unknown
from ..graph.prose import few, listed
from ..graph.reading import items, mapping, output, spread, text, within
from ..graph.shown import shown
from .engine.side import Changed, Property, Side, lasting
from .engine.update import Update

_FILTERS: Final = table("interruptions")["filters"]
"""By type and the name of an input: words for a filter that takes fewer, more and others, and for one that goes."""
_FEWER, _MORE, _OTHERS, _ALL = range(4)
_SELECTS: Final[Mapping[str, Any]] = table("interruptions")["selects"]
"""By type of what selects by tags: what it does, and with which types."""
_CONDITIONS: Final = ("stringEquals", "stringLikes", "stringNotEquals", "stringNotLikes")


def filtered(change: Changed) -> Iterator[str]:
    """What filters of a resource take now, in words."""
    for key, words in _FILTERS.get(change.resource.type, {}).items():
        differing = (part for part in change.properties if not part.is_same)
        fits = ((re.fullmatch(rf"(?:{key})(?P<inside>[.[].*)?", part.name), part) for part in differing)
        parts = [(fit["inside"] or "", part) for fit, part in fits if fit]
        senses = {_sense(*pair) for pair in parts}
        values = [value for pair in parts if (value := _value(*pair))]
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


def no_longer_selected(update: Update, before: Side, after: Side) -> Iterator[str]:
    """Sentences on what a selection took in by its tags, and takes in no more."""
    lasting = [(old, after.graph.resources.get(new.urn, new)) for old, new in update.pairs]
    for was, now in (pair for pair in lasting if pair[0].type in _SELECTS):
        does, kinds = _SELECTS[was.type]
        near = [(old, new) for old, new in lasting if old.type in kinds and _takes(before.graph, was, old)]
        taken = [(new.name, _takes(after.graph, now, new)) for _, new in near]
        for doubt, answer in (("", False), ("perhaps ", None)):
            if names := [name for name, takes in taken if takes is answer]:
                are = "is" if len(names) == 1 else "are"
                yield f"{listed(names)} {are} {doubt}no longer {does} by {now.name}, which selects by tags"


def _takes(graph: Graph, selection: Resource, resource: Resource) -> bool | None:
    """Whether a selection takes a resource in. None if it is not known, or not by tags."""
    tags = {**mapping(output(resource, "tagsAll")), **mapping(held(resource, "tags"))}
    parts = (held(selection, key) for key in ("selectionTags", "conditions", "resources", "notResources", "targets"))
    unknown = [held(resource, "tags"), held(selection, "policyDetails", "targetTags"), *parts]
    if any(map(holds_unknown, unknown)):
        return None
    some, every = _answers(selection, tags)
    listed_ones, others = (items(held(selection, key)) for key in ("resources", "notResources"))
    kinds = items(held(selection, "policyDetails", "resourceTypes"))
    if not (some or every) or (some and listed_ones):
        return None
    inside = not listed_ones or _is_among(graph, listed_ones, resource)
    inside = inside and not _is_among(graph, others, resource) and (not kinds or resource.kind.upper() in kinds)
    return inside and all(every) and (not some or any(some))


def _answers(selection: Resource, tags: Mapping[str, Any]) -> tuple[list[bool], list[bool]]:
    """Whether tags are those of which one is enough, and those that all must be there. They are case-sensitive."""
    some = [(within(tag, "key"), within(tag, "value")) for tag in items(held(selection, "selectionTags"))]
    some += mapping(held(selection, "policyDetails", "targetTags")).items()
    every = []
    for condition in _CONDITIONS:
        fits, wanted = glob if condition.endswith("Likes") else operator.eq, "Not" not in condition
        for tag in spread(held(selection, "conditions"), condition):
            key, value = text(within(tag, "key")).removeprefix("aws:ResourceTag/"), text(within(tag, "value"))
            every.append(wanted is (key in tags and fits(value, str(tags[key]))))
    targets = [(text(within(one, "key")), items(within(one, "values"))) for one in items(held(selection, "targets"))]
    tagged = ((key.removeprefix("tag:"), [*map(str, values)]) for key, values in targets if key[:4] == "tag:")
    every += [key in tags and str(tags[key]) in values for key, values in tagged]
    return [str(key) in tags and str(tags[str(key)]) == str(value) for key, value in some], every


def _is_among(graph: Graph, arns: list[Any], resource: Resource) -> bool:
    """Whether ARNs, some with stars, name a resource."""
    own = output(resource, "arn")
    return any(graph.find(arn) is resource or glob(text(arn), "" if own is UNKNOWN else text(own)) for arn in arns)
