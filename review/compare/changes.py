"""Effects of a change: resources added, removed, changed and replaced; money; reach; and what it interrupts."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ..aws.template_versions import WORDS
from ..cost import Usage
from ..cost.estimate import total
from ..evaluate.mocks.resources import has_output
from ..graph import Asset, Graph, Resource, reveal
from ..reach.path import Path as Way
from .after_update import AfterUpdate, Pair, after_update, left_out
from .backend_view import seen_differently
from .callers import Callers, callers
from .egress_changes import key_of
from .fresh import MARK, renewed, with_new_values
from .interruptions import Passage, effects, passages
from .order import Step, Verb, steps
from .pairs import joined, made_up
from .refusals import refusals
from .replacements import replaced_by
from .side import Changed, Differing, Evaluated, Judge, Property, Side, each_leaf, is_part, side, top


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
    callers: Callers
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


class Planned(NamedTuple):
    """What the program wants, beside the state that AWS will have."""

    graph: Graph
    differing: Differing
    update: AfterUpdate


def compare_update(
    before: Graph, wanted: Graph, usage: Usage, programs: tuple[Path, Path], judge: Judge, against: str
) -> tuple[Changes, Side]:
    """The changes that an update to what a program wants makes, and the state after it."""
    evaluated = Evaluated(before, programs[0]), Evaluated(wanted, programs[1])
    pairs, differing = _differing(*evaluated)
    update = after_update(before, wanted, pairs, differing)
    old, new = (side(*one, usage, judge) for one in (evaluated[0], Evaluated(update.graph, programs[1])))
    return compare(old, new, against, Planned(wanted, differing, update)), new


def compare(before: Side, after: Side, against: str, planned: Planned | None = None) -> Changes:
    """The changes from one state to another; `planned` if the second is that after an update of a program."""
    _, effective = _differing(before, after)
    wanted, (added, removed, changed), update = planned or Planned(after.graph, effective, AfterUpdate(after.graph))
    old_ways, new_ways = ({str(way): way for way in each.reach.paths if way.open} for each in (before, after))
    # Paths that lead the same way with other requirements are altered.
    closed = {_course(way): way for text, way in old_ways.items() if text not in new_ways}
    opened = {_course(way): way for text, way in new_ways.items() if text not in old_ways}
    order = steps(added, removed, changed, wanted)
    differing = {key_of(one.urn) for one in (*added, *removed, *(one.resource for one in changed))}
    without_price = (*before.bill.unpriced, *after.bill.unpriced)
    old = {key_of(one.urn): one for one in before.graph}
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
        callers=callers(before, after, effective, [*update.unclear, *_other_secrets(before.graph, wanted)]),
        seen=tuple(seen_differently(before, after)),
        steps=tuple(order),
        moved=tuple(passages(order, changed, before, after)),
        effects=tuple(effects(order, changed, before, after)),
        refused=tuple(refusals(added, removed, changed, old)),
        broken=tuple(sorted(after.broken - before.broken)),
        mended=tuple(one for one in sorted(before.broken - after.broken) if one.split()[0] not in after.unsure),
        kept=update.kept,
        unpriced=tuple(sorted({one.name for one in without_price if key_of(one.urn) in differing})),
    )


def _other_secrets(before: Graph, after: Graph) -> Iterator[str]:
    """Encrypted values of the config with another ciphertext."""
    both = before.ciphertexts.keys() & after.ciphertexts.keys()
    yield from (f"{key} (encrypted)" for key in sorted(both) if before.ciphertexts[key] != after.ciphertexts[key])


def _differing(before: Evaluated | Side, after: Evaluated | Side) -> tuple[list[Pair], Differing]:
    """The resources that are in both, and those that differ."""
    old, new = (
        {key_of(one.urn): one for one in each.graph if one.custom and not one.existing} for each in (before, after)
    )
    lasting = joined(old, new, after.graph)
    kept = set(lasting.values())
    added = [resource for key, resource in new.items() if key not in lasting]
    removed = [resource for key, resource in old.items() if key not in kept]
    pairs = [(old[other], new[key]) for key, other in lasting.items()]
    return pairs, Differing(added, removed, _settled(pairs, before, after))


def _course(way: Way) -> tuple[str, ...]:
    """Target of a path, without the conditions on the way."""
    return (way.kind.value, way.source, *(hop.name or hop.label for hop in way.hops), way.target)


def _settled(
    pairs: list[tuple[Resource, Resource]], before: Evaluated | Side, after: Evaluated | Side
) -> list[Changed]:
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
    old: Resource,
    new: Resource,
    inputs: Mapping[str, Any],
    sides: tuple[Evaluated | Side, Evaluated | Side],
    renames: Mapping[str, str],
) -> Changed | None:
    """How a resource differs; `inputs` are the new one's, with renewed values of others in them."""
    before, after = (
        each_leaf(given, partial(_deployed, side.program))
        for given, side in zip((old.inputs, inputs), sides, strict=True)
    )
    # As the engine: `ignore_changes` of the program that is deployed now.
    ignored = (*new.options.ignore_changes, *left_out(old, new))
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
    old_names, new_names = (partial(_by_name, side.graph) for side in sides)
    properties = [
        Property(found.name, each_leaf(found.before, old_names), each_leaf(found.after, new_names))
        for found in properties
    ]
    renamed = old.urn if key_of(old.urn) != key_of(new.urn) else ""
    if not properties and not renamed:
        return None
    replacing = replaced_by(old, new, [found.name for found in properties])
    return Changed(new, tuple(properties), None if replacing is None else tuple(replacing), renamed)


def _by_name(graph: Graph, value: Any) -> Any:
    """A resource's name in place of its made-up id, which means nothing to a reader."""
    if not isinstance(value, str):
        return value
    value = WORDS.get(value, value)
    found = graph.find(value.removesuffix(MARK))
    if found is None or found.existing:
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
