"""Other settings of what is called, which interrupt nothing by themselves: limits, environments and containers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from ..aws.catalog import types
from ..aws.catalog.tables import table
from ..aws.compute.containers import containers_of
from ..aws.compute.functions import timeout
from ..graph import UNKNOWN, Resource, revealed
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import listed
from ..graph.reading import CannotTell, MalformedDocument, items, mapping, number, spread, text, within
from ..graph.shown import BRIEF, shown
from ..reach import Reach
from ..reach.limits import limits
from .engine.side import Changed, Property, Side, is_part, key_of
from .engine.update import Update, resized, stated_default
from .filters import events_of_apis, filtered, no_longer_selected

_TABLE: Final = table("interruptions")
"""By type: `changes` has what another value of an input does in place, also apart for one that comes, goes and differs,
or by values with `|` between them (`*` for others, a name for those that `values` has by it), with `{before}` and
`{after}` for the values, `renews` what that of a new resource in its place does, and `again` what any new resource in
its place does. A star in a name stands for its beginning. `containers` has settings of a container by which it may no
longer work, and `feeds` the input that names from where a new starter gets what it passes on, with words for that.
"""
_ELSEWHERE: Final = re.compile(r"\barn:|://|\w:\d{2,5}\b")
_PLACE: Final = re.compile(rf"(?i)(^|_)({'|'.join(_TABLE['places'])})(_|$)")
"""Values, and names of variables, that say where something is."""
_LISTENS: Final = re.compile(r"(?i)((app|container|https?|listen|server|service|web)_)?port")
"""Names of variables that say on which port a program itself takes calls."""
_KEY: Final = re.compile(r"(?i)kms\w*key(id|arn)?$")
_ROLE: Final = re.compile(r"(?i)(^|[a-z.])role(arn)?$")
_BESIDE: Final[Mapping[str, Sequence[str]]] = _TABLE["beside"]
"""By type, the input that names what it belongs to, and what that does with one and without; of some, with an input."""
_TIME: Final = "time"
_STARTS: Final = {key: name for key, name in _TABLE["starts"].items() if key not in _TABLE["ended"]}


def altered(update: Update, before: Side, after: Side) -> Iterator[str]:
    """Other limits and settings of what is called, which interrupt nothing by themselves."""
    yield from _started(update, after)
    yield from no_longer_selected(update, before, after)
    yield from events_of_apis(before, after)
    for change in update.changed:
        yield from (f"{change.resource.name} {said}" for _, said in resized(change))
        yield from _checked(change, after)
        rows = _TABLE["renews" if change.replacing else "changes"].get(change.resource.type, {})
        # Of a document that differs as a whole, the first words are those of the gravest part.
        said = grouped((next((_directed(text, difference, key) for key, text in rows.items()
                              if is_part(difference.name, [key]) or is_part(key, [difference.name])), ""), difference)
                       for difference in change.properties if not difference.is_same)  # fmt: skip
        said |= {text: [] for text in filtered(change)} if not change.replacing else {}
        said |= {_TABLE["again"].get(change.resource.type, ""): []} if change.replacing else {}
        yield from (f"{change.resource.name} {text}{_values(said[text])}" for text in sorted(said.keys() - {""}))
        for difference in change.properties if not change.replacing else ():
            if _KEY.search(difference.name):
                pairs = (change.old, difference.before), (change.resource, difference.after)
                was, now = (shown(key) if key is not None else _without_key(resource) for resource, key in pairs)
                yield f"{change.resource.name} is encrypted with {now} from now on (before: {was})"
            elif _ROLE.search(difference.name) and change.resource.type not in types.COMPUTE:
                roles = f"{shown(difference.after)} from now on (before: {shown(difference.before)})"
                yield f"{change.resource.name} works with the rights of {roles}"
        yield from _other_environment(change.old, change.resource)
        yield from _other_containers(change.old, change.resource) if change.old.type in types.TASK_DEFINITION else ()


def _without_key(resource: Resource) -> str:
    """What encrypts something that names no key, in words."""
    kind = held(resource, "encryptionType") or stated_default(resource.type, "encryptionType")
    return "no key" if kind == "NONE" else "AWS's own key"


def _started(update: Update, after: Side) -> Iterator[str]:
    """What new schedules, queues, topics and buckets also start, and what others do once something is beside them."""
    lasting, sides = {new.urn: new.name for _, new in update.pairs}, {pair[1].urn: pair for pair in update.pairs}
    containers = after.reach.model.containers
    for target in (target for target in containers.targets if target in update.added):
        least, most = (shown(held(target, key)) for key in ("minCapacity", "maxCapacity"))
        said = f"runs {least} to {most} copies, as {target.name} scales it"
        yield from (f"{service.name} {said}" for service in containers.scaled(target))
    for which, ends in ((update.added, 0), (update.ended, 1)):
        for resource in (resource for resource in which if resource.type in _BESIDE):
            key, *words = _BESIDE[resource.type]
            told = words[ends] and all(any(spread(resource.inputs, *path.split("."))) for path in words[2:])
            holders = [urn for urn in resource.property_dependencies.get(key, ()) if urn in lasting and told]
            # What is written into the other itself, before or from now on, does the same.
            holders = [urn for urn in holders if not held(sides[urn][ends], _TABLE["inline"].get(resource.type, ""))]
            yield from (f"{lasting[urn]} {words[ends].format(resource.name)}" for urn in holders)
    for one in (source for source in update.added if source.type in _STARTS and source.urn in after.graph.resources):
        callees = [lasting[urn] for urn in one.property_dependencies.get(_STARTS[one.type], ()) if urn in lasting]
        key, words = _TABLE["feeds"].get(one.type, ("", ""))
        sources = [lasting[urn] for urn in one.property_dependencies.get(key, ()) if urn in lasting]
        to = listed(callees) or shown(held(one, _STARTS[one.type]))
        yield from (words.format(to, source, one.name) for source in sources)
        yield from (f"{name} is started by {one.name} as well" for name in callees if not sources)


def _checked(change: Changed, after: Side) -> Iterator[str]:
    """A target group whose targets must answer another health check."""
    checks = [check for check in change.properties if check.name.startswith("healthCheck")]
    if checks and change.resource.type in types.TARGET_GROUP and after.reach.model.targets.of(change.resource):
        parts = [mapping(check.after) or {check.name.partition(".")[2] or check.name: check.after} for check in checks]
        now = listed([f"{key} {shown(value)}" for part in parts for key, value in part.items()])
        yield f"{change.resource.name} checks its targets otherwise ({now}): one that fails gets no calls"


def _other_environment(old: Resource, new: Resource) -> Iterator[str]:
    was, now = _environment(old), _environment(new)
    if was is None or now is None:
        return
    others = [key for key in sorted(was) if was[key] != now.get(key) and key not in _TABLE["forwarder"]]
    moved = [key for key in others if key in now]
    places = [key for key in moved if _PLACE.search(key) or _ELSEWHERE.search(f"{was[key]} {now[key]}")]
    if calls := [key for key in places if not _LISTENS.fullmatch(key)]:
        where = f"at another address ({', '.join(calls)}): what answers there is not judged"
        yield f"{new.name} finds what it calls {where}"
    if own := [key for key in places if _LISTENS.fullmatch(key)]:
        yield f"{new.name} perhaps takes calls on another port ({', '.join(own)}): whether they reach it is not judged"
    if gone := [key for key in others if key not in now]:
        yield f"{new.name} no longer gets {', '.join(gone)}, which its code may read"


def _other_containers(old: Resource, new: Resource) -> Iterator[str]:
    with suppress(CannotTell, MalformedDocument):
        was, now = ({text(within(part, "name")): part for part in containers_of(resource)} for resource in (old, new))
        both = [(was[name], now[name]) for name in was if name in now]
        if keys := [key for key in _TABLE["containers"] if any(within(a, key) != within(b, key) for a, b in both)]:
            yield f"{new.name} runs containers with other settings ({', '.join(keys)}): what they do then is not judged"
        if gone := [name for name in was if name not in now]:
            yield f"{new.name} no longer runs {listed(gone)}"
        if more := [name for name in now if name not in was]:
            yield f"{new.name} runs {listed(more)} as well: what that does is not judged"


def _environment(resource: Resource) -> Mapping[str, Any] | None:
    """The environment of a function, or of all containers of a task definition, by name. None if it is not known."""
    if resource.type not in types.TASK_DEFINITION:
        variables = held(resource, "environment", "variables")
        return None if variables is UNKNOWN else {key: revealed(value) for key, value in mapping(variables).items()}
    with suppress(CannotTell, MalformedDocument):
        every = [pair for container in containers_of(resource) for pair in items(within(container, "environment"))]
        return {text(within(variable, "name")): within(variable, "value") for variable in every}
    return None


def _values(differences: Sequence[Property]) -> str:
    """The values of the one input that differs, if it is a number or a short member of a list."""
    (only, *others) = differences or (None,)
    values = [value for value in (only.after, only.before) if value is not None] if only and not others else []
    member = only is not None and only.name.endswith("]") and all(isinstance(value, str) for value in values)
    texts = [shown(value) for value in values if member or type(value) in (int, float)]
    return f" ({', before '.join(texts)})" if texts and max(map(len, texts)) < BRIEF else ""


def _directed(words: str | Sequence[Any] | Mapping[str, str], part: Property, key: str) -> str:
    """Of words for a value that comes, that goes and that differs, or for single values, those that fit."""
    if not isinstance(words, str | Mapping):
        # A part of a document that goes leaves the document there: the input `key` differs.
        is_other = "." in part.name.removeprefix(key) or len(part.name) < len(key)
        words = words[2 if is_other or None not in (part.before, part.after) else 0 if part.before is None else 1]
    if isinstance(words, Mapping):
        by_value = {value: text for values, text in words.items()
                    for value in _TABLE["values"].get(values, values.split("|"))}  # fmt: skip
        inner = key.removeprefix(f"{part.name}.").split(".") if len(part.name) < len(key) else ()
        after = within(part.after, *inner)
        words = by_value.get("" if after is None else str(after), by_value.get("*", ""))
    return words.format(before=shown(part.before), after=shown(part.after))


def other_limits(before: Reach, after: Reach) -> tuple[list[str], list[str]]:
    """Sentences on limits that are new or lower and on shorter time-outs, and on limits that are higher or gone."""
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
    old = {(key_of(resource.urn), *key): limit for resource, *key, limit in _limits(before)}
    found = list[tuple[tuple[bool, str, str], str]]()
    for resource, kind, whose, (has, most, words) in _limits(after):
        # A method that a call for any included has the limit of that.
        names = ((key_of(resource.urn), kind, name) for name in (whose, f"ANY {whose.partition(' ')[2]}"))
        had, _, was = next((old[name] for name in names if name in old), (has, "", ""))
        if has < had:
            found.append(((True, resource.name, f"{most}{f' ({was} before)' if was else ''}"), whose))
        elif has > had and kind != _TIME:
            found.append(((False, resource.name, f"{most if words else 'not limited any more'} ({was} before)"), whose))
    said = [(lower, f"{listed(of)} of {name}: {change}") for (lower, name, change), of in grouped(found).items()]
    return [sentence for lower, sentence in said if lower], [sentence for lower, sentence in said if not lower]


def _limits(reach: Reach) -> Iterator[tuple[Resource, str, str, tuple[float, str, str]]]:
    """Limits and time-outs: their holder, kind and calls, the amount, a sentence on it and the amount in words."""
    for resource, kind, whose, (calls, most) in limits(reach):
        # Callers of an API see another status for it: 5xx.
        refused = "throttled by Lambda" if kind == "concurrency" else "429"
        yield resource, kind, whose, (calls, f"{refused} above {most}", most)
    model, waits = reach.model, list[tuple[Resource, str, str, float | None]]()
    for api in model.apis.all:
        # A stream that has begun ends without a status.
        ends = ((call, "ended" if call.integration.streams else "504") for call in api.calls)
        waits += [(api.resource, does, call.name, call.integration.seconds) for call, does in ends]
    waits += [(function, "ended", "calls", timeout(function)) for function in model.graph.of_type(*types.FUNCTION)]
    for load_balancer in model.graph.of_type(*types.LOAD_BALANCER):
        waits.append((load_balancer, "504", "calls that stay silent", number(held(load_balancer, "idleTimeout") or 60)))
    for resource, does, whose, seconds in waits:
        if seconds is not None:
            yield resource, _TIME, whose, (seconds, f"{does} after {seconds:g} s", f"{seconds:g} s")
