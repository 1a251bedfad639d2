"""The difference of two versions as plain data: resources, money, callers, paths, steps, and all effects."""

from dataclasses import dataclass

from ..graph import Resource
from ..reach.path import Path as Way
from .callers.admission import Callers
from .effect import Effect, Tone
from .engine.order import Verb
from .engine.side import Changed
from .engine.update import Update
from .passages import Passage


@dataclass(frozen=True, kw_only=True)
class Changes(Update):
    against: str  # the other side of the comparison, in the reader's words
    data: tuple[Effect, ...]  # what the update deletes that holds something
    fixed: tuple[float | None, float | None]  # dollars a month before and after, also without calls; None if not known
    known: tuple[float, float]  # the parts of them that are known
    per_million: tuple[float | None, float | None]
    altered: tuple[tuple[Way, Way], ...]  # paths that stay open and require something else, before and after
    opened: tuple[Way, ...]  # paths that are open now and were not
    closed: tuple[Way, ...]
    calls_out: tuple[Way, ...]  # own calls that stay, or that a statement about more than their target allowed already
    callers: Callers
    seen: tuple[str, ...]  # differences that the backend sees in the same call
    moved: tuple[Passage, ...]  # paths that something on the way changes for, and whether they are cut
    effects: tuple[str, ...]  # other interruptions: machines, instances that are refreshed, the ways out
    settings: tuple[str, ...]  # other limits and settings of what is called
    lifted: tuple[str, ...]  # limits on calls that are higher, or gone
    quieter: tuple[tuple[str, str], ...]  # sentences on alarms that no longer notify, or otherwise, and their names
    refused: tuple[str, ...]  # why the update will fail, and what to do first
    broken: tuple[str, ...]  # findings that fail after and not before, `ID: message`; and those that it mends
    mended: tuple[str, ...]
    displacing: frozenset[str]  # rules of those findings by which one resource ends what another does, `ID (severity)`
    kept: tuple[str, ...]  # what stays: inputs that the program no longer gives, and machines that nothing replaces
    undone: tuple[str, ...]  # what the update makes and takes away again, since an old resource is the same object
    unpriced: tuple[str, ...]  # names of what differs and has no price: the difference in money is without it
    consequences: tuple[Effect, ...] = ()  # every effect once, for the first screen and the list below it

    @property
    def interruptions(self) -> tuple[str, ...]:
        """Calls that stop working, for a while or for good."""
        return (*(str(passage) for passage in self.moved if passage.cut), *self.effects)

    @property
    def retained(self) -> list[Resource]:
        """Resources that leave the stack and stay in AWS."""
        return [step.resource for step in self.order if step.verb is Verb.KEEP]

    @property
    def updated(self) -> list[Changed]:
        return [one for one in self.changed if one.properties and one.replacing is not None and not one.replacing]

    @property
    def bad(self) -> bool:
        """Whether an effect is one that the heading calls bad."""
        return any(effect.tone is Tone.BAD for effect in self.consequences)
