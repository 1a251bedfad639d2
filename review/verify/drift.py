"""The drift: the engine's refresh, and what no resource declares, compared with the state as an update is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..aws.catalog import types
from ..compare.callers.other_demands import POLICIES
from ..compare.changes import Changes, compare
from ..compare.effect import Tone
from ..compare.engine.outcome import Outcome
from ..compare.engine.side import Evaluated, Side, side
from ..compare.engine.update import Update
from ..cost import Usage
from ..engine_files.plan import Plan
from ..engine_files.update import planned
from ..graph import Graph, Origin, Resource
from ..graph.prose import listed
from ..graph.reading import text
from ..graph.recorded import is_read
from ..rules.check import judged

_SILENT: Final = frozenset(("tags", "tagsAll", "description", "comment"))
"""Texts for people."""
_MOST: Final = 10
"""Differences whose effects are looked for one by one: of more, each that no effect names is not judged."""


def changes(refresh: Plan, members: Iterable[Resource]) -> Changes:
    """The comparison of the state with AWS, with what the differences open and break."""
    before, added = refresh.before, {member.urn: member for member in members}
    standing = replace(refresh.after, origin=Origin.AWS, resources={**refresh.after.resources, **added})
    update = planned(refresh, Evaluated(before, Path()), Evaluated(standing, Path()))
    update = replace(update, added=[*added.values()], past=True)
    was, states = side(before, Path(), Usage(), judged), [*_states(standing, update)]
    # The comparison of policies, and for the rest the paths, show what they open and end.
    others = (resource for resource in added.values() if not any(text(resource.inputs.get(key)) for key in POLICIES))
    silent = (one for one in others if not any(is_read(states[0].reads, one.urn, key) for key in one.inputs))
    unclear = [f"{resource.name} ({resource.kind})" for resource in silent]
    found = _compared(was, states, update, unclear)
    more = [*_without_effect(found, update, was, standing)]
    return _compared(was, states, update, [*unclear, *more]) if more else found


def _without_effect(found: Changes, update: Update, was: Side, standing: Graph) -> Iterator[str]:
    """Differences without which the effects would be the same: what each of them does is not known."""
    known = _texts(found)
    changed = [(one.resource, f".{listed(sorted(one.inputs))}") for one in found.changed if one.inputs - _SILENT]
    gone = [(resource, f" ({resource.kind}), which is gone") for resource in found.removed]
    asked = [each for each in (*changed, *gone) if not any(each[0].name in one for one in known)]
    for resource, words in asked:
        if len(asked) > _MOST or _texts(_without(resource, update, was, standing)) == known:
            yield f"{resource.name}{words}"


def _without(resource: Resource, update: Update, was: Side, standing: Graph) -> Changes:
    """The comparison, but for one difference."""
    old = update.olds.get(resource.urn, resource)
    there = replace(standing, resources={**standing.resources, resource.urn: old})
    rest = replace(
        update,
        pairs=[(first, old if second is resource else second) for first, second in update.pairs],
        removed=[each for each in update.removed if each is not resource],
        changed=[each for each in update.changed if each.resource is not resource],
        order=[step for step in update.order if step.resource.urn != resource.urn],
    )
    return _compared(was, _states(there, rest), rest)


def _states(standing: Graph, update: Update) -> Iterator[Side]:
    """AWS, and if something is gone that only carried calls, with it again: what named it leads nowhere."""
    gone = {resource.urn: resource for resource in update.removed if resource.type in types.CARRIERS}
    for graph in (standing, replace(standing, resources={**gone, **standing.resources}))[: 1 + bool(gone)]:
        yield side(graph, Path(), Usage(), judged)


def _compared(was: Side, states: Iterable[Side], update: Update, unclear: Sequence[str] = ()) -> Changes:
    now, *carried = states
    return compare(was, now, "AWS", update, Outcome(was.graph, now.graph, update, unclear), *carried)


def _texts(found: Changes) -> set[str]:
    return {consequence.text for consequence in found.consequences if consequence.tone is not Tone.GOOD}
