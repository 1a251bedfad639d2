"""Effects of a change: resources added, removed, changed and replaced; money; reach; and what it interrupts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..cost import Usage
from ..cost.estimate import total
from ..graph import Graph, Resource
from ..graph.graph import grouped
from ..graph.judged import Judged
from ..reach.path import Path as Way
from .after_update import AfterUpdate, after_update
from .backend_view import seen_differently
from .callers import Callers, callers
from .interruptions import Passage, effects, passages
from .order import Step, Verb
from .refusals import refusals
from .side import Changed, Evaluated, Judge, Side, key_of, side
from .update import Update, managed, simulated


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


def compare_update(
    before: Evaluated, wanted: Evaluated, usage: Usage, judge: Judge, against: str, update: Update | None = None
) -> tuple[Changes, Side]:
    """The changes that an update makes, and the state after it. The update is simulated if it is not given."""
    update = update or simulated(before, wanted)
    found = after_update(before.graph, wanted.graph, update)
    old, new = (side(*one, usage, judge) for one in ((before.graph, before.program), (found.graph, wanted.program)))
    return compare(old, new, against, update, found), new


def compare(before: Side, after: Side, against: str, update: Update, found: AfterUpdate) -> Changes:
    """The difference between the states before and after an update."""
    effective = simulated(before, after)
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
        callers=callers(before, after, effective, [*found.unclear, *_other_secrets(before.graph, after.graph)]),
        seen=tuple(seen_differently(before, after)),
        steps=tuple(order),
        moved=tuple(passages(order, changed, before, after)),
        effects=tuple(effects(order, changed, before, after)),
        refused=tuple(refusals(added, removed, changed, order, managed(before.graph))),
        broken=tuple(_more(after.judged, before.judged, {old.urn: new.urn for old, new in effective.pairs})),
        mended=tuple(
            one
            for one in _more(before.judged, after.judged, {new.urn: old.urn for old, new in effective.pairs})
            if one.split()[0] not in after.judged.unsure
        ),
        kept=found.kept,
        unpriced=tuple(sorted({one.name for one in without_price if key_of(one.urn) in differing})),
    )


def _more(these: Judged, others: Judged, urns: Mapping[str, str]) -> Iterator[str]:
    """Findings of a rule and a resource of which the others have fewer; another message is no other finding.

    `urns` has the URN here of each resource of the others.
    """
    had = _by_own(others, urns)
    for key, found in sorted(_by_own(these, {}).items()):
        before = had.get(key, [])
        yield from sorted(one for one in found if one not in before) if len(found) > len(before) else ()


def _by_own(found: Judged, urns: Mapping[str, str]) -> dict[tuple[str, str], list[str]]:
    """Findings by rule and URN; those of an older version that the state after an update has beside it are its own."""
    owned = ((rule, urn.partition("#")[0], all_of) for (rule, urn), all_of in found.broken.items())
    return grouped(((rule, urns.get(urn, urn)), one) for rule, urn, all_of in owned for one in all_of)


def _other_secrets(before: Graph, after: Graph) -> Iterator[str]:
    """Encrypted values of the config with another ciphertext."""
    both = before.ciphertexts.keys() & after.ciphertexts.keys()
    yield from (f"{key} (encrypted)" for key in sorted(both) if before.ciphertexts[key] != after.ciphertexts[key])


def _course(way: Way) -> tuple[str, ...]:
    """Target of a path, without the conditions on the way."""
    return (way.kind.value, way.source, *(hop.name or hop.label for hop in way.hops), way.target)
