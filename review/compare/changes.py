"""Effects of a change: resources added, removed, changed and replaced; money; reach; and what it interrupts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..cost import Usage
from ..cost.estimate import total
from ..graph import Graph, Resource
from ..graph.graph import grouped
from ..graph.judged import Judged
from ..reach.path import Path as Way
from .backend_view import seen_differently
from .callers.admission import Callers
from .callers.calls import callers
from .engine.after_update import AfterUpdate, after_update
from .engine.order import Step, Verb
from .engine.refusals import refusals
from .engine.side import Changed, Evaluated, Judge, Side, key_of, side
from .engine.update import Update, simulated
from .interruptions import Passage, effects, passages


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
    ways, others = ({str(way): way for way in each.reach.paths if way.open} for each in (before, after))
    closed = {_course(way): way for text, way in ways.items() if text not in others}
    opened = {_course(way): way for text, way in others.items() if text not in ways}
    differing = {
        key_of(one.urn) for one in (*update.added, *update.removed, *(each.resource for each in update.changed))
    }
    without_price = (*before.bill.unpriced, *after.bill.unpriced)
    now = {old.urn: new.urn for old, new in effective.pairs}
    mended = _more(before.judged, after.judged, {new: old for old, new in now.items()})
    return Changes(
        against=against,
        added=tuple(update.added),
        removed=tuple(update.removed),
        changed=tuple(update.changed),
        fixed=(before.bill.fixed_total(), after.bill.fixed_total()),
        known=(total(before.bill.fixed()), total(after.bill.fixed())),
        per_million=(before.bill.per_million, after.bill.per_million),
        altered=tuple((way, opened[course]) for course, way in closed.items() if course in opened),
        opened=tuple(way for course, way in opened.items() if course not in closed),
        closed=tuple(way for course, way in closed.items() if course not in opened),
        callers=callers(before, after, effective, [*found.unclear, *_other_secrets(before.graph, after.graph)]),
        seen=tuple(seen_differently(before, after)),
        steps=tuple(update.order),
        moved=tuple(passages(update, before, after)),
        effects=tuple(effects(update, before, after)),
        refused=tuple(refusals(update, before, after)),
        broken=tuple(_more(after.judged, before.judged, now)),
        mended=tuple(one for one in mended if one.split()[0] not in after.judged.unsure),
        kept=found.kept,
        unpriced=tuple(sorted({one.name for one in without_price if key_of(one.urn) in differing})),
    )


def _more(these: Judged, others: Judged, urns: Mapping[str, str]) -> Iterator[str]:
    """Findings of a rule and a resource of which the others have fewer; another message is no other finding.

    `urns` has the URN here of each resource of the others.
    """
    # Findings of an older version that the state after an update has beside a resource are the resource's own.
    own, had = (
        grouped(((rule, now.get(urn.partition("#")[0], urn.partition("#")[0])), one)
                for (rule, urn), all_of in each.broken.items() for one in all_of)
        for each, now in ((these, {}), (others, urns))
    )  # fmt: skip
    for key, found in sorted(own.items()):
        before = had.get(key, [])
        yield from sorted(one for one in found if one not in before) if len(found) > len(before) else ()


def _other_secrets(before: Graph, after: Graph) -> Iterator[str]:
    """Encrypted values of the config with another ciphertext."""
    both = before.ciphertexts.keys() & after.ciphertexts.keys()
    yield from (f"{key} (encrypted)" for key in sorted(both) if before.ciphertexts[key] != after.ciphertexts[key])


def _course(way: Way) -> tuple[str, ...]:
    """Target of a path, without the conditions on the way."""
    return (way.kind.value, way.source, *(hop.name or hop.label for hop in way.hops), way.target)
