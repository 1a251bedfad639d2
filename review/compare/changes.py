"""Effects of a change: resources added, removed, changed and replaced; money; reach; and what it interrupts."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..aws import types
from ..aws.provider_facts import provider_facts
from ..aws.routes import TARGET_INPUTS
from ..cost.estimate import total
from ..evaluate.mocks.resources import has_output
from ..graph import Asset, Graph, Resource, reveal
from ..graph.reading import peek
from ..reach.entrances import unread
from ..reach.path import Path as Way
from .backend_view import seen_differently
from .callers import Caller, admitted
from .egress_changes import key_of
from .fresh import MARK, renewed, with_new_values
from .interruptions import Passage, effects, passages
from .order import Step, Verb, steps
from .pairs import joined, made_up
from .refusals import refusals
from .replacements import replaced_by
from .shown import shown
from .side import Changed, Property, Side, each_leaf, is_part, top


@dataclass(frozen=True, kw_only=True)
class Changes:
    against: str
    """The other side of the comparison, in the reader's words."""
    added: tuple[Resource, ...]
    removed: tuple[Resource, ...]
    changed: tuple[Changed, ...]
    fixed: tuple[float | None, float | None]
    """Dollars a month before and after, whether or not anybody calls; None if a part is not known."""
    known: tuple[float, float]
    """The parts of them that are known."""
    per_million: tuple[float | None, float | None]
    altered: tuple[tuple[Way, Way], ...]
    """Paths that stay open and require something else of the caller, before and after."""
    opened: tuple[Way, ...]
    """Paths that are open now and were not."""
    closed: tuple[Way, ...]
    admitted: tuple[Caller, ...]
    """Calls that became possible, by any path, and calls that are no longer possible."""
    shut_out: tuple[Caller, ...]
    seen: tuple[str, ...]
    """Differences that the backend sees in the same call."""
    steps: tuple[Step, ...]
    """In the engine's order."""
    moved: tuple[Passage, ...]
    """Paths that something on the way changes for, and whether they are cut."""
    effects: tuple[str, ...]
    """Other interruptions: machines, instances that are refreshed, the ways out."""
    refused: tuple[str, ...]
    """Why the update will fail, and what to do first."""
    broken: tuple[str, ...]
    """Findings that fail after and not before, `ID: message`; and those that it mends."""
    mended: tuple[str, ...]
    unclear: tuple[str, ...]
    """Differing resources of types that reach does not read, `name (type)`: who can reach them is not known."""
    kept: tuple[str, ...]
    """Inputs that the program no longer gives, and that the provider therefore leaves as they are."""
    unpriced: tuple[str, ...]
    """Names of what differs and has no price: the difference in money is without it."""

    @property
    def interruptions(self) -> tuple[str, ...]:
        """Calls that stop working, for a while or for good."""
        return (*(str(one) for one in self.moved if one.cut), *self.effects)

    @property
    def retained(self) -> list[Resource]:
        """Resources that leave the stack and stay in AWS."""
        return [step.resource for step in self.steps if step.verb is Verb.KEEP]

    @property
    def replaced(self) -> list[Changed]:
        return [one for one in self.changed if one.replacing]

    @property
    def updated(self) -> list[Changed]:
        return [one for one in self.changed if not one.replacing]


@dataclass(frozen=True, kw_only=True)
class Update:
    """Effects of an update on resources: as the engine planned them, or as `simulated` from two graphs."""

    added: Sequence[Resource]
    removed: Sequence[Resource]
    changed: Sequence[Changed]
    order: Sequence[Step]
    kept: Sequence[str] = ()
    """Inputs that the program no longer gives, and that the provider therefore leaves as they are."""


def simulated(before: Side, after: Side) -> Update:
    """The update from one evaluation to the other, without the engine."""
    old, new = _managed(before), _managed(after)
    lasting = joined(old, new, after.graph)
    kept_keys = set(lasting.values())
    added = [resource for key, resource in new.items() if key not in lasting]
    removed = [resource for key, resource in old.items() if key not in kept_keys]
    pairs = [(old[other], new[key]) for key, other in lasting.items()]
    changed = _settled(pairs, before, after)
    kept = [*_kept(pairs, {one.resource.urn for one in changed if one.replacing})]
    return Update(
        added=added, removed=removed, changed=changed, order=steps(added, removed, changed, after.graph), kept=kept
    )


def _managed(one: Side) -> dict[str, Resource]:
    return {key_of(resource.urn): resource for resource in one.graph if resource.custom and not resource.existing}


def compare(before: Side, after: Side, against: str, update: Update | None = None) -> Changes:
    """The difference between two sides. The update between them is simulated if it is not given."""
    update = update or simulated(before, after)
    added, removed, changed, order = update.added, update.removed, update.changed, update.order
    old_ways, new_ways = ({str(way): way for way in each.reach.paths if way.open} for each in (before, after))
    # Paths that lead the same way with other requirements are altered.
    closed = {_course(way): way for text, way in old_ways.items() if text not in new_ways}
    opened = {_course(way): way for text, way in new_ways.items() if text not in old_ways}
    differing = {key_of(one.urn) for one in (*added, *removed, *(one.resource for one in changed))}
    without_price = (*before.bill.unpriced, *after.bill.unpriced)
    return Changes(
        against=against,
        added=tuple(added),
        removed=tuple(removed),
        changed=tuple(changed),
        fixed=(before.bill.fixed_total(), after.bill.fixed_total()),
        known=(total(before.bill.fixed()), total(after.bill.fixed())),
        per_million=(before.bill.per_million, after.bill.per_million),
        altered=tuple((way, opened[course]) for course, way in closed.items() if course in opened),
        opened=tuple(way for course, way in opened.items() if course not in closed),
        closed=tuple(way for course, way in closed.items() if course not in opened),
        admitted=tuple(admitted(before.reach.paths, after.reach.paths)),
        shut_out=tuple(admitted(after.reach.paths, before.reach.paths)),
        seen=tuple(seen_differently(before, after)),
        steps=tuple(order),
        moved=tuple(passages(order, changed, before, after)),
        effects=tuple(effects(order, changed, before, after)),
        refused=tuple(refusals(added, removed, changed, order, _managed(before))),
        broken=tuple(sorted(after.broken - before.broken)),
        mended=tuple(sorted(before.broken - after.broken)),
        unclear=tuple(_unclear(after, [*added, *(one.resource for one in changed)])),
        kept=tuple(update.kept),
        unpriced=tuple(sorted({one.name for one in without_price if key_of(one.urn) in differing})),
    )


def _unclear(after: Side, differing: Iterable[Resource]) -> list[str]:
    """Resources that reach does not read, if they differ, or depend on one that differs or is named by one."""
    touched = {urn for one in differing for urn in (one.urn, *_named_by(one))}
    names = unread(after.reach.model)
    return [
        f"{one.name} ({one.type})"
        for one in after.graph
        if one.name in names.get(one.type, ()) and touched & {one.urn, *_named_by(one)}
    ]


def _named_by(resource: Resource) -> Iterator[str]:
    return (urn for urns in resource.property_dependencies.values() for urn in urns)


def _course(way: Way) -> tuple[str, ...]:
    """Target of a path, without the conditions on the way."""
    return (way.kind.value, way.source, *(hop.name or hop.label for hop in way.hops), way.target)


def _settled(pairs: list[tuple[Resource, Resource]], before: Side, after: Side) -> list[Changed]:
    """Every difference, and those that follow from replacements, compared again until nothing moves."""
    renames = {
        text: before_text
        for old, new in pairs
        if key_of(old.urn) != key_of(new.urn)
        for text, before_text in made_up(new, old)
    }
    found: dict[str, Changed] = {}
    renewals: dict[str, dict[str, str]] = {}
    wanted = pairs
    while wanted:
        for old, new in wanted:
            inputs = with_new_values(new, renewals)
            if (one := _changed(old, new, inputs, (before, after), renames)) is not None:
                found[new.urn] = one
        now = {urn: texts for urn, one in found.items() if (texts := renewed(one))}
        moved = {urn for urn, texts in now.items() if texts != renewals.get(urn)}
        renewals = now
        wanted = [pair for pair in pairs if any(moved & {*urns} for urns in pair[1].property_dependencies.values())]
    return [found[new.urn] for _, new in pairs if new.urn in found]


def _changed(
    old: Resource, new: Resource, inputs: Mapping[str, Any], sides: tuple[Side, Side], renames: Mapping[str, str]
) -> Changed | None:
    """How a resource differs; `inputs` are the new one's, with renewed values of others in them."""
    before, after = (
        each_leaf(given, partial(_deployed, side.program))
        for given, side in zip((old.inputs, inputs), sides, strict=True)
    )
    # As the engine: `ignore_changes` of the program that is deployed now.
    ignored = (*new.options.ignore_changes, *_left_out(old, new))
    properties = [
        found
        for found in _differences("", before, each_leaf(after, partial(_renamed, renames)) if renames else after)
        if not is_part(found.name, ignored)
    ]
    if "tags" not in ignored and not any(top(found.name) == "tags" for found in properties):
        # The provider adds its own default tags to the resource's.
        properties += _differences("tagsAll", old.state.get("tagsAll"), new.state.get("tagsAll"))
    if old.region != new.region and "region" not in inputs and has_output(new.type, "region"):
        properties.append(Property("region", old.region, new.region))
    properties = [*named(properties, sides, new)]
    renamed = old.urn if key_of(old.urn) != key_of(new.urn) else ""
    if not properties and not renamed:
        return None
    replacing = replaced_by(old, new, [found.name for found in properties])
    return Changed(new, tuple(properties), None if replacing is None else tuple(replacing), renamed)


def differing(
    before: Mapping[str, Any], after: Mapping[str, Any], sides: tuple[Side, Side], own: Resource
) -> Iterator[Property]:
    """Every difference of two mappings of the inputs of a resource."""
    return named(_differences("", before, after), sides, own)


def named(properties: Iterable[Property], sides: tuple[Side, Side], own: Resource) -> Iterator[Property]:
    """Differences of a resource with the names of others in place of their IDs."""
    old_names, new_names = (partial(_by_name, side.graph, key_of(own.urn)) for side in sides)
    for found in properties:
        yield Property(found.name, each_leaf(found.before, old_names), each_leaf(found.after, new_names))


def _left_out(old: Resource, new: Resource) -> list[str]:
    """Inputs that only the old one has, of those that the provider keeps then."""
    kept = facts.kept if (facts := provider_facts(new.type)) else ()
    if new.type in types.ROUTE and TARGET_INPUTS & new.inputs.keys():
        # Another target takes the place of the one that is left out.
        kept = tuple(key for key in kept if key not in TARGET_INPUTS)
    return [key for key in kept if peek(old, *key.split(".")) is not None and peek(new, *key.split(".")) is None]


def _kept(pairs: Iterable[tuple[Resource, Resource]], replaced: Collection[str]) -> Iterator[str]:
    for old, new in pairs:
        for key in {*new.options.ignore_changes} - {*old.options.ignore_changes} if new.urn not in replaced else ():
            was, wanted = (peek(one, *key.split(".")) for one in (old, new))
            if was != wanted:
                yield f"{new.name}: {key} is ignored now and keeps its value, {shown(was)}; use `pulumi up --replace`"
        for key in () if new.urn in replaced else _left_out(old, new):
            was = shown(peek(old, *key.split(".")))
            yield f"{new.name}: {key} is left out and keeps its value, {was}; write the value that is wanted"


def _by_name(graph: Graph, own: str, value: Any) -> Any:
    """A resource's name in place of its made-up id, which means nothing to a reader."""
    if not isinstance(value, str):
        return value
    found = graph.find(value.removesuffix(MARK))
    if found is None or found.existing or key_of(found.urn) == own:
        return value.replace(MARK, " (new)")
    return f"the new {found.name}" if value.endswith(MARK) else found.name


def _differences(name: str, before: Any, after: Any) -> Iterator[Property]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from _differences(f"{name}.{key}" if name else key, before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(f"{name}[{index}]", one, other)
    elif isinstance(before, list) and isinstance(after, list) and (members := [*_members(name, before, after)]):
        yield from members
    elif before != after:
        parsed = [_document(value) for value in (before, after)]
        if None in parsed:
            yield Property(name, before, after)
        else:
            yield from _differences(name, *parsed)


def _members(name: str, before: list[Any], after: list[Any]) -> Iterator[Property]:
    """Members that a list loses or gets; nothing if it only repeats or orders them differently."""
    yield from (Property(f"{name}[{at}]", one, None) for at, one in enumerate(before) if one not in after)
    yield from (Property(f"{name}[{at}]", None, one) for at, one in enumerate(after) if one not in before)


def _document(value: Any) -> Mapping[str, Any] | None:
    """A policy, an API's body or another JSON object that an input holds as text."""
    if not isinstance(value, str) or not value.startswith("{"):
        return None
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return found if isinstance(found, Mapping) else None


def _deployed(program: Path, value: Any) -> Any:
    """In place of an asset, a digest of what is deployed: names and bytes of its files, or its text."""
    if not isinstance(value, Asset):
        return value
    digest = hashlib.sha256()
    try:
        for name, data in sorted(_files(value, program)):
            digest.update(f"{name}\n{len(data)}\n".encode() + data)
    except FileNotFoundError as missing:
        # Made by a build, which a revision in Git has not seen.
        return f"{str(missing.filename).removeprefix(f'{program}/')}, which is not there"
    return f"content {digest.hexdigest()[:12]}"


def _files(asset: Asset, program: Path) -> Iterator[tuple[str, bytes]]:
    if asset.path:
        path = program / asset.path
        inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
        for file in inside:
            if "__pycache__" not in file.parts:
                yield (str(file.relative_to(path)) if path.is_dir() else "", file.read_bytes())
    elif asset.members:
        for name, member in asset.members.items():
            yield from ((f"{name}/{inner}", data) for inner, data in _files(member, program))
    else:
        yield "", f"{reveal(asset.text)}{asset.uri}".encode()


def _renamed(renames: Mapping[str, str], value: Any) -> Any:
    for text, before in renames.items() if isinstance(value, str) else ():
        value = value.replace(text, before)
    return value
