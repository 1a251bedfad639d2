"""The drift: the engine's refresh, and what no resource declares, compared with the state as an update is."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..compare.changes import Changes, compare
from ..compare.engine.after_update import AfterUpdate
from ..compare.engine.side import Evaluated, side
from ..cost import Usage
from ..engine_files.plan import Plan
from ..engine_files.update import planned
from ..graph import Graph, Origin, Resource
from ..rules.check import judged


def changes(refresh: Plan, members: Iterable[Resource]) -> Changes:
    """The comparison of the state with AWS, with what the differences open and break."""
    before = refresh.before
    standing = with_members(refresh.after, members)
    update = planned(refresh, Evaluated(before, Path()), Evaluated(standing, Path()))
    update = replace(update, added=[one for one in standing if one.urn not in refresh.after.resources])
    sides = side(before, Path(), Usage(), judged), side(standing, Path(), Usage(), judged)
    return compare(*sides, "AWS", update, AfterUpdate(standing))


def with_members(standing: Graph, members: Iterable[Resource]) -> Graph:
    resources = {**standing.resources, **{one.urn: one for one in members}}
    return replace(standing, origin=Origin.AWS, resources=resources)
