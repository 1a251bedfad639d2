"""Every effect of a change, once, with the line of the first screen that it belongs to."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from ..aws.catalog import types
from ..aws.network.traffic import ALL, PORTS
from ..facts import aws_permissions
from ..graph import UNKNOWN, Resource
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import listed
from ..reach.outbound import ANY_IPV4, OWN_NETWORK, is_by_endpoint
from ..reach.path import SOME_CALLS, Kind, Path, Ports, all_among
from .callers.calls import NOT_KNOWN
from .data import is_emptied
from .difference import Changes
from .effect import Effect, Line, Tone

_GROUPS: Final = (*types.SECURITY_GROUP, *types.EGRESS_RULE, *types.CLASSIC_RULE)
_POLICIES: Final = (*types.ROLE, *types.ROLE_POLICY, *types.ROLE_ATTACHMENT)
_PORTS: Final = re.compile(r"every (?:(\w+) )?port|(\w+) (\d+)(?:-(\d+))?")
_RANGES: Final = re.compile(
    r"(all but )?([\da-f.:]+/\d+( and [\da-f.:]+/\d+)?|\d+ ranges)|GitHub's ranges|the ranges of .*"
)


def consequences(changes: Changes) -> Iterator[Effect]:
    """Effects in the order of the list below the first screen: for each line the gravest first."""
    for text in changes.refused:
        yield Effect(Line.CALLS, "fails", Tone.BAD, text, text.partition(" ")[0].rstrip(":"))
    yield from (Effect(Line.STAYS, "undoes", Tone.BAD, text, text.partition(" ")[0]) for text in changes.undone)
    yield from changes.data
    yield from _of_callers(changes)
    for text in changes.broken:
        rule = text.partition(":")[0]
        tone = Tone.BAD if rule.endswith(("(critical)", "(high)")) else Tone.WARN
        yield Effect(Line.RULES, "breaks", tone, text, rule)
    yield from _of_calls(changes)
    for text in changes.seen:
        yield Effect(Line.BACKEND, "sees", Tone.WARN, f"it sees {text}", "the backend sees other calls")
    # One that was there already had a part of the calls before.
    passed = (passage for passage in changes.moved if passage.successor in changes.opened and not passage.cut)
    ways = ((passage.way, passage.successor) for passage in passed if passage.successor is not None)
    turned = ((old.target, new.target) for old, new in ways if old.end_point != new.end_point)
    for text in dict.fromkeys(f"calls go to {there}, before to {here}" for here, there in turned):
        yield Effect(Line.BACKEND, "sees", Tone.WARN, text, text)
    for _, words, brief in _only(changes.opened, (*changes.closed, *changes.calls_out), changes.added):
        yield Effect(Line.BACKEND, "opens", Tone.WARN, f"it may now call: {words}", brief)
    for text in changes.callers.granted:
        yield Effect(Line.BACKEND, "opens", Tone.WARN, f"it may now call: {text}", text)
    yield from (Effect(Line.ALARMS, "silences", Tone.WARN, text, brief) for text, brief in changes.quieter)
    yield from (Effect(Line.RULES, "mends", Tone.GOOD, text) for text in changes.mended)
    yield from (Effect(Line.STAYS, "keeps", Tone.WARN, text, text.partition(":")[0]) for text in changes.kept)
    for resource in changes.retained:
        yield Effect(Line.STAYS, "keeps", Tone.PLAIN, f"{resource.name} leaves the stack and stays in AWS")


def _of_callers(changes: Changes) -> Iterator[Effect]:
    callers = changes.callers
    for word, tone, texts in (
        ("lets in anyone", Tone.BAD, callers.anyone),
        ("admits", Tone.WARN, callers.admitted),
        ("denies no longer", Tone.WARN, callers.undenied),
        ("admits more", Tone.WARN, changes.lifted),
        ("shuts out", Tone.WARN, callers.shut_out),
        ("not judged", Tone.WARN, callers.unjudged),
    ):
        # What neither version knows is of no use to who has to write another version.
        quiet = [text for text in texts if changes.refused and text.endswith(NOT_KNOWN)]
        yield from (Effect(Line.CALLERS, word, Tone.PLAIN if text in quiet else tone, text, text) for text in texts)
    # A way that takes over from another is described where the other carries on or is cut.
    successors, left = [passage.successor for passage in changes.moved], [passage.way for passage in changes.moved]
    for word, ways, others in (("opens", changes.opened, successors), ("closes", changes.closed, left)):
        for way in (way for way in ways if way.kind is not Kind.OUTBOUND and way not in others):
            tone = Tone.GOOD if str(way) in callers.covered else Tone.WARN
            yield Effect(Line.CALLERS, word, tone, str(way), way.ends)
    for before, after in changes.altered:
        text = f"{after}, before: {before}"
        if before.kind is Kind.OUTBOUND and after.uncertainty and not before.uncertainty:
            ends = "perhaps ended" if changes.past else "may end with the update"
            yield Effect(Line.CALLS, "perhaps closes", Tone.WARN, f"{after}: {ends}", after.ends)
        elif before.kind is Kind.OUTBOUND:
            yield Effect(Line.CALLS, "requires", Tone.WARN, text, after.ends)
        elif all(_RANGES.fullmatch(label) or SOME_CALLS.match(label) for _, label in before.asks ^ after.asks):
            # No more than ranges that a policy of an API admits, or its calls, which `callers` compares as sets.
            yield Effect(Line.CALLS, "requires", Tone.GOOD, text)
        else:
            yield Effect(Line.CALLERS, "requires", Tone.WARN, text, after.ends)


def _of_calls(changes: Changes) -> Iterator[Effect]:
    for text in changes.interruptions:
        brief = text.partition(": ")[0].partition(" (cannot tell")[0]
        yield Effect(Line.CALLS, "interrupts", Tone.WARN, text, brief)
    yield from (Effect(Line.CALLS, "alters", Tone.WARN, text, text.partition(" (")[0]) for text in changes.settings)
    for text in changes.callers.moved:
        yield Effect(Line.CALLS, "moves", Tone.WARN, f"{text}: callers must use the new one", text)
    end = "ended" if changes.past else "ends with the update"
    again = [each.resource for each in changes.changed if each.replacing and each.resource.type in types.ENDPOINT]
    for way, words, brief in _only(changes.closed, (*changes.opened, *changes.calls_out), (*changes.removed, *again)):
        doubt = "perhaps " if changes.past and way.uncertainty else ""
        yield Effect(Line.CALLS, "closes", Tone.WARN, f"{words}: {doubt}{end}", brief)
    yield from (Effect(Line.CALLS, "closes", Tone.WARN, f"{text}: {end}", text) for text in changes.callers.revoked)
    for change in changes.changed:
        if change.replacing is None and not any(loss.brief == change.resource.name for loss in changes.data):
            named, inputs = f"{change.resource.name} ({change.resource.kind})", ", ".join(sorted(change.inputs))
            what, why = (f"what {named} makes", "not seen") if change.resource.remote else (named, "it is not known")
            text = f"{what} is perhaps replaced, for {inputs}: {why}"
            yield Effect(Line.CALLS, "perhaps replaces", Tone.WARN, text, change.resource.name)
    emptied = {change.resource.name for change in changes.changed if is_emptied(change, changes)}
    for name in sorted(emptied - {name for each in changes.moved if not each.cut for name in _holders(each.way)}):
        yield Effect(Line.CALLS, "empties", Tone.WARN, f"{name} is another one then, without the data", name)
    for passage in (passage for passage in changes.moved if not passage.cut):
        if holder := _holders(passage.way) & emptied:
            text = f"{passage.way}: {listed(sorted(holder))} is another one then, without the data"
            yield Effect(Line.CALLS, "empties", Tone.WARN, text, passage.way.ends)
        elif not changes.refused:  # an update that fails does not get that far
            yield Effect(Line.CALLS, "carries on", Tone.GOOD, str(passage))


def _holders(way: Path) -> set[str]:
    """Names of what a path leads to, and of what that belongs to: a file system, or the cluster of a database."""
    named = way.backend.property_dependencies if way.backend else {}
    of = (urn for key in ("fileSystemId", "clusterIdentifier", "replicationGroupId") for urn in named.get(key, ()))
    return {way.target, *(urn.rpartition("::")[2] for urn in (way.backend.urn if way.backend else "", *of))}


def _only(these: Iterable[Path], others: Iterable[Path], going: Iterable[Resource]) -> Iterator[tuple[Path, str, str]]:
    """Own calls of machines that neither come nor go, which only these paths carry, in words and for a heading."""
    urns = {resource.urn: resource for resource in going}
    # While endpoints stay, their names lead to them.
    ends = any(resource.type in types.ENDPOINT for resource in urns.values())
    theirs = grouped((_begin(way), service) for way in others if way.kind is Kind.OUTBOUND for service in services(way))
    own = [way for way in these if way.kind is Kind.OUTBOUND and not (way.origin and way.origin.urn in urns)]
    for way in (service for call in own for service in services(call)):
        # What leads to a bucket leads to each prefix of it, and the internet to each of AWS's own services.
        near = theirs.get(_begin(way), ())
        leaves = ends or any(hop.label == OWN_NETWORK for other in near for hop in other.hops)
        # An endpoint without names of the service's own, of routes for example: without it calls take the next way.
        resources = [hop.resource for hop in way.hops if hop.resource]
        routed = any(held(resource, "privateDnsEnabled") not in (True, UNKNOWN) for resource in resources)
        wide = (ANY_IPV4,) if is_by_endpoint(way) and (leaves or routed) and ".vpce-svc-" not in way.target else ()
        same = [other for other in near if other.target in wide or f"{way.target}/".startswith(f"{other.target}/")]
        certain = [other for other in same if way.uncertainty or not other.uncertainty]
        traffic = _ports(way)
        narrow = [other for other in certain if not all_among(traffic.values(), _ports(other).values())]
        rivals = [rival for rival in certain if rival not in narrow]
        allowed = {action for rival in rivals for action in _labels(rival, _POLICIES)}
        actions = {label for label in _labels(way, _POLICIES) if not aws_permissions.covers(allowed, label, way.target)}
        left = [other.target for other in near if other.target.startswith(f"{way.target}/")]
        apart = [(label, its) for other in narrow for label, its in _ports(other).items() if not rivals]
        left += [label for label, its in apart if any(its.meet(ports) for ports in traffic.values())]
        left += sorted(allowed) if "*" in actions else []
        if not rivals or actions:
            text = f"{way.source} → {', '.join(sorted(actions))} → {way.target}" if rivals else str(way)
            rest = f" but for {listed(dict.fromkeys(left))}" if left else ""
            unless = [str(other) for other in same if other not in certain]
            goes_on = f", unless it goes on as {listed(unless)}" if unless else ""
            yield way, f"{text}{rest and f',{rest}'}{goes_on}", f"{way.ends}{rest}"


def _begin(way: Path) -> tuple[str, str]:
    """The source and its type: two machines may have one name."""
    return way.source, way.origin.type if way.origin else ""


def services(way: Path) -> list[Path]:
    """A path for each service, of one to several by interface endpoints."""
    return [replace(way, target=service) for service in way.target.split(", ")] if is_by_endpoint(way) else [way]


def _labels(way: Path, kinds: tuple[str, ...]) -> set[str]:
    """What policies of a role allow on a path, or the traffic that groups let out, if not all."""
    own = [hop.label for hop in way.hops if hop.label and not hop.name and hop.resource and hop.resource.type in kinds]
    return {part for label in own for part in label.split(", ")}


def _ports(way: Path) -> dict[str, Ports]:
    """The traffic that groups let out on a path, by its label; all of it without one."""
    matches = {label: _PORTS.fullmatch(label) for label in sorted(_labels(way, _GROUPS))}
    return {
        label: Ports(
            match[1] or match[2] or ALL if match else label,
            *((int(match[3]), int(match[4] or match[3])) if match and match[3] else PORTS),
        )
        for label, match in matches.items()
    } or {"": Ports(ALL, *PORTS)}
