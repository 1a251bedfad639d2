"""The drift: the engine's refresh, and what no resource declares, compared with the state as an update is."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..compare.callers.other_demands import POLICIES
from ..compare.changes import Changes, compare
from ..compare.engine.after_update import AfterUpdate
from ..compare.engine.side import Evaluated, side
from ..cost import Usage
from ..engine_files.plan import Plan
from ..engine_files.update import planned
from ..graph import Origin, Resource
from ..graph.reading import text
from ..graph.recorded import is_read
from ..rules.check import judged


def changes(refresh: Plan, members: Iterable[Resource]) -> Changes:
    """The comparison of the state with AWS, with what the differences open and break."""
    before, added = refresh.before, {one.urn: one for one in members}
    standing = replace(refresh.after, origin=Origin.AWS, resources={**refresh.after.resources, **added})
    update = planned(refresh, Evaluated(before, Path()), Evaluated(standing, Path()))
    was, now = (side(one, Path(), Usage(), judged) for one in (before, standing))
    # The comparison of policies, and for the rest the paths, show what they open and end.
    others = (one for one in added.values() if not any(text(one.inputs.get(key)) for key in POLICIES))
    silent = (one for one in others if not any(is_read(now.reads, one.urn, key) for key in one.inputs))
    unclear = tuple(f"{one.name} ({one.kind})" for one in silent)
    update = replace(update, added=[*added.values()])
    return compare(was, now, "AWS", update, AfterUpdate(standing, unclear=unclear))
