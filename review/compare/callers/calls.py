"""Calls that a change allows and calls that it ends: by paths, by what a call must show, and what was not judged."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ...aws.catalog import types
from ...graph import Resource, revealed
from ...graph.graph import texts
from ...graph.recorded import is_read
from ...reach.addresses import own_addresses
from ...reach.entrances import NOT_RUN, unread
from ...reach.exposure import JOINED
from ...reach.path import Kind, Path, Ports
from ..engine.providers import of_another_account
from ..engine.side import Changed, Side, key_of
from ..engine.update import Update
from . import quiet_inputs
from .admission import Callers, difference
from .demands import Demands, deciding_functions

_INDEX: Final = re.compile(r"\[\d+\]")


def callers(before: Side, after: Side, differing: Update, unclear: Iterable[str] = ()) -> Callers:
    """The callers of two states."""
    found = difference(Demands(before.reach.model), Demands(after.reach.model, differing.renewed))
    old, new = ({key_of(one.urn) for one in side.graph} for side in (before, after))
    renamed = [pair for pair in differing.pairs if key_of(pair[0].urn) != key_of(pair[1].urn)]
    names = {new.urn: before.reach.model.names.of(old) for old, new in renamed}
    ways = [_courses(side, old & new, names) for side in (before, after)]
    both = [(ways[0][one], ways[1][one]) for one in ways[1] if one in ways[0]]
    # Addresses of APIs are among the demands.
    was = {one: None for way, _ in both for one in own_addresses(way, before.reach.model)}
    now = {one: None for _, way in both for one in own_addresses(way, after.reach.model, differing.moved, names)}
    unsure = [_brief(new if new.uncertainty else old) for old, new in both if old.uncertainty != new.uncertainty]
    return Callers(
        (*_only(ways[1], ways[0]), *(f"address {one}" for one in now if one not in was), *found.admitted),
        (*_only(ways[0], ways[1]), *(f"address {one}" for one in was if one not in now), *found.shut_out),
        tuple(dict.fromkeys((*unclear, *unsure, *found.unjudged, *_unjudged(before, after, differing)))),
    )


def _only(ways: Mapping[tuple[Any, ...], Path], others: Mapping[tuple[Any, ...], Path]) -> Iterator[str]:
    """Callers with a path among these and none among the others, with its traffic if they have another path there."""
    both = {(way.source, way.target) for way in others.values()}
    lasting = {*others, *((kind, source.removesuffix(JOINED), *rest) for kind, source, *rest in others)}
    other = [course for course in ways if course not in lasting]
    found = [ways[course] for course in other if not any(_includes(one, course) for one in lasting)]
    yield from dict.fromkeys(str(way) if (way.source, way.target) in both else _brief(way) for way in found)


def _includes(wide: Sequence[Any], narrow: Sequence[Any]) -> bool:
    """Whether a course has all ports of another, such as `tcp 22-80` that of `tcp 80`, and is the same else."""
    pairs = zip(wide, narrow, strict=False)
    same = all(one == other or (isinstance(one, Ports) and one.cover(other)) for one, other in pairs)
    return same and len(wide) == len(narrow)


def _brief(way: Path) -> str:
    return f"{way.source} → {way.target}" + (f" (cannot tell: {way.uncertainty})" if way.uncertainty else "")


def _courses(side: Side, lasting: Collection[str], names: Mapping[str, str]) -> dict[tuple[Any, ...], Path]:
    """Open paths, by what is the same for callers: the first thing that they reach, the traffic and the target.

    Of an API it is the API and a target that both states have: its calls are compared by what they need. `names` has
    the names before of resources that an alias renames.
    """
    found: dict[tuple[Any, ...], Path] = {}
    for way in side.reach.paths:
        if not way.open or way.kind is Kind.OUTBOUND:
            continue
        api = next((hop.resource for hop in way.hops if hop.resource and hop.resource.type in types.APIS), None)
        backend = key_of(way.backend.urn) if way.backend else way.target
        if api is None:
            hops = [names.get(hop.resource.urn, hop.name) if hop.resource else hop.name for hop in way.hops if hop.name]
            target = names.get(way.backend.urn, way.target) if way.backend else way.target
            # Ports behind the first thing that they reach are none of theirs.
            labels = (hop.ports or hop.label for number, hop in enumerate(way.hops) if hop.name or not number)
            found[way.kind.value, way.source, target, *hops[:1], *labels] = way
        elif backend in lasting:
            found[way.kind.value, way.source, backend] = way
    return found


def _unjudged(before: Side, after: Side, differing: Update) -> Iterator[str]:
    """What differs and no model has read, and what reach does not understand."""
    made = *differing.added, *(one.resource for one in differing.changed)
    for side, gone in ((before, differing.removed), (after, made)):
        names = unread(side.reach.model)
        yield from (f"{code} ({NOT_RUN})" for code in names.get(NOT_RUN, ()))
        touched = {urn for one in gone for urn in _linked(one)}
        for one in side.graph:
            if one.name in names.get(one.type, ()) and touched & _linked(one):
                yield f"{one.name} ({one.type})"
    for one in (*differing.added, *differing.removed):
        if one.type.startswith(quiet_inputs.COUNTING):
            yield f"{one.name} ({one.kind})"
    for old, new in differing.pairs:
        yield from (f"{key} of the provider" for key in of_another_account((before.graph, old), (after.graph, new)))
    deciding = {key_of(urn) for side in (before, after) for urn in deciding_functions(side.reach.model)}
    by_tags = any("ResourceTag" in text for side in (before, after) for one in side.graph for text in texts(one.inputs))
    for change in differing.changed:
        one = change.resource
        own = {"code", "environment"} if key_of(one.urn) in deciding else set()
        asked = {"tags", "tagsAll", "tagSpecifications"} if by_tags else set()
        yield from (f"{one.name}.{key}" for key in sorted(change.inputs & (own | asked)))
        paths = [path for path in _paths(change) if not quiet_inputs.QUIET.fullmatch(f"{one.type}.{path}")]
        if one.type.startswith(quiet_inputs.NOT_READ):
            yield from [f"{one.name} ({one.kind})"] if paths else ()
        elif one.type.startswith("aws:"):
            yield from (f"{one.name}.{path}" for path in paths if not _is_judged(before, after, change, path))


def _is_judged(before: Side, after: Side, change: Changed, path: str) -> bool:
    """Whether something has read an input that judges callers; of types that do not decide on them, anything."""
    strict = change.resource.type.startswith(quiet_inputs.DECIDING) or path in quiet_inputs.NAMED
    sides = (before, change.old_urn), (after, change.resource.urn)
    return any(
        is_read(read, urn, path) for each, urn in sides for read in (each.reads, *([] if strict else [each.others]))
    )


def _paths(change: Changed) -> Iterator[str]:
    """Paths of all inputs that differ, lists without indexes: not of those that name a replaced resource as before."""
    other = (one for one in change.properties if one.after not in (f"the new {one.before}", f"{one.before} (new)"))
    found = (path for one in other for path in _leaves(_INDEX.sub("", one.name), one.before, one.after))
    yield from dict.fromkeys(found)


def _linked(one: Resource) -> set[str]:
    """A resource, and those that its inputs name."""
    return {one.urn, *(urn for urns in one.property_dependencies.values() for urn in urns)}


def _leaves(name: str, before: Any, after: Any) -> Iterator[str]:
    """Paths of the inputs in a differing value: one, or those in a block that comes or goes as a whole."""
    blocks = [revealed(one) for one in (before, after) if one is not None]
    if not any(blocks) or not all(isinstance(one, Mapping) for one in blocks):
        yield name
        return
    for key in sorted({key for one in blocks for key in one}):
        values = [one.get(key) for one in blocks]
        yield from _leaves(f"{name}.{key}", values[0], values[-1])
