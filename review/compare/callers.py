"""Calls that a change allows and calls that it ends: by paths, by what a call must show, and what was not judged."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..aws import types
from ..aws.demands import Demands
from ..graph import Resource, revealed
from ..graph.recorded import is_read
from ..reach.entrances import unread
from ..reach.path import Kind, Path
from .admission import difference
from .egress_changes import key_of
from .side import Side
from .update import Update

_INDEX: Final = re.compile(r"\[\d+\]")
_SILENT: Final = frozenset(("tags", "tagsAll", "description", "comment", "deployment", "deploymentId", "triggers"))
"""Inputs that say nothing about callers, and those that `after_update` reads."""
_WITHOUT_CALLERS: Final = re.compile(
    r"aws:cloudwatch/(metricAlarm|compositeAlarm|logGroup|logMetricFilter|dashboard):.*"
    r"|aws:(budgets|acm|appautoscaling)/.*|aws:autoscaling/policy:.*|aws:apigateway/deployment:.*"
    r"|aws:autoscaling/group:\w+\.(min|max|desired|waitFor|health|default|instanceRefresh|force).*"
    r"|.*\.(userData|userDataBase64|containerDefinitions|code|publish|enableDeletionProtection|deletionProtection)"
    r"|aws:lb/targetGroup(Attachment)?:.*|aws:lb/listener\w*:\w+\.(defaultActions|actions)\.(targetGroupArn|forward).*"
    r"|aws:apigateway\w*/(integration|vpcLink|methodSettings|\w*esponse):.*"
    r"|aws:route53/record:Record\.(ttl|aliases\.(zoneId|evaluateTargetHealth))"
)
"""Inputs that decide on no caller: of operations, of what a machine runs, and of the way behind an entrance."""
_ALWAYS: Final = ("aws:cognito/", "aws:wafv2/webAcl:", "aws:wafv2/ipSet:", "aws:wafv2/ruleGroup:")
"""Types that decide on callers by inputs whose effect nothing here knows."""


@dataclass(frozen=True)
class Callers:
    """Callers whom a change lets in or keeps out, and what differs and may do either."""

    admitted: tuple[str, ...]
    shut_out: tuple[str, ...]
    unjudged: tuple[str, ...]


def callers(before: Side, after: Side, differing: Update, unclear: Iterable[str] = ()) -> Callers:
    """The callers of two states."""
    found = difference(Demands(before.reach.model), Demands(after.reach.model, differing.renewed))
    old, new = ({key_of(one.urn) for one in side.graph} for side in (before, after))
    ways = [_courses(side, old & new) for side in (before, after)]
    return Callers(
        (*_only(ways[1], ways[0]), *found.let_in),
        (*_only(ways[0], ways[1]), *found.kept_out),
        tuple(dict.fromkeys((*unclear, *found.unsure, *_unjudged(before, after, differing)))),
    )


def _only(ways: Mapping[tuple[str, ...], Path], others: Mapping[tuple[str, ...], Path]) -> Iterator[str]:
    """Callers with a path among these and none among the others."""
    lines = ((way.source, way.target, way.uncertainty) for course, way in ways.items() if course not in others)
    for source, target, doubt in dict.fromkeys(lines):
        yield f"{source} → {target}" + (f" (cannot tell: {doubt})" if doubt else "")


def _courses(side: Side, lasting: Collection[str]) -> dict[tuple[str, ...], Path]:
    """Open paths, by what is the same for callers: the first thing that they reach, the traffic and the target.

    Of an API it is the API and a target that both states have: its calls are compared by what they need.
    """
    found: dict[tuple[str, ...], Path] = {}
    for way in side.reach.paths:
        if not way.open or way.kind is Kind.OUTBOUND:
            continue
        api = next((hop.resource for hop in way.hops if hop.resource and hop.resource.type in types.APIS), None)
        backend = key_of(way.backend.urn) if way.backend else way.target
        if api is None:
            first = next((hop.name for hop in way.hops if hop.name), "")
            found[way.kind.value, way.source, way.target, first, *(hop.label for hop in way.hops)] = way
        elif backend in lasting:
            found[way.kind.value, way.source, backend] = way
    return found


def _unjudged(before: Side, after: Side, differing: Update) -> Iterator[str]:
    """What differs and no model has read, and what reach does not understand."""
    names = unread(after.reach.model)
    touched = {urn for one in (*differing.added, *(one.resource for one in differing.changed)) for urn in _linked(one)}
    for one in after.graph:
        if one.name in names.get(one.type, ()) and touched & _linked(one):
            yield f"{one.name} ({one.type})"
    added = [one for one in (*differing.added, *differing.removed) if one.type.startswith(_ALWAYS[0])]
    yield from (f"{one.name} ({one.kind})" for one in added)
    for change in differing.changed:
        one = change.resource
        if one.type.startswith(_ALWAYS) and {*change.inputs} - _SILENT:
            yield f"{one.name} ({one.kind})"
        elif one.type.startswith("aws:"):
            reads = [(side.reads, urn) for side, urn in ((before, change.renamed_from or one.urn), (after, one.urn))]
            properties = [(_INDEX.sub("", found.name), found) for found in change.properties]
            paths = (path for name, found in properties for path in _leaves(name, found.before, found.after))
            for path in dict.fromkeys(paths):
                quiet = path.split(".")[0] in _SILENT or _WITHOUT_CALLERS.fullmatch(f"{one.type}.{path}")
                if not quiet and not any(is_read(each, urn, path) for each, urn in reads):
                    yield f"{one.name}.{path}"


def _linked(one: Resource) -> set[str]:
    """A resource, and those that its inputs name."""
    return {one.urn, *(urn for urns in one.property_dependencies.values() for urn in urns)}


def _leaves(name: str, before: Any, after: Any) -> Iterator[str]:
    """Paths of the inputs in a differing value: one, or those in a block that comes or goes as a whole."""
    blocks = [revealed(one) for one in (before, after) if one is not None]
    if not blocks or not all(isinstance(one, Mapping) for one in blocks):
        yield name
        return
    for key in sorted({key for one in blocks for key in one}):
        values = [one.get(key) for one in blocks]
        yield from _leaves(f"{name}.{key}", values[0], values[-1])
