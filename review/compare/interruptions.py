"""What a change interrupts: paths that stop, machines that are stopped or replaced, and traffic on its way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ..aws import types
from ..graph import Resource
from ..graph.prose import listed
from ..reach.path import Kind, Path
from .egress_changes import egress_changes, key_of
from .side import Changed, Side

_STOPS: Final = ("instanceType", "userData", "userDataBase64", "ebsOptimized")
"""Inputs of an instance that are changed by stopping it. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-resize.html"""

_BOOTS: Final = (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE)


def interruptions(removed: Iterable[Resource], changed: Iterable[Changed], before: Side, after: Side) -> Iterator[str]:
    """What stops working for a while, or for good, of what worked before."""
    replaced = [one for one in changed if one.replacing]
    yield from _ways_in(removed, replaced, before)
    for one in changed:
        yield from _stopped(one)
    for cut in egress_changes(before.reach, after.reach, {one.resource.urn for one in replaced}):
        yield cut.text


def _ways_in(removed: Iterable[Resource], replaced: Iterable[Changed], before: Side) -> Iterator[str]:
    """Open paths whose parts go away or are replaced, each path once."""
    gone = {key_of(resource.urn): resource.name for resource in removed}
    anew = {key_of(one.renamed_from or one.resource.urn): _how(one) for one in replaced}
    for way in before.paths:
        if way.open and way.kind is Kind.INBOUND:
            keys = list(dict.fromkeys(key_of(resource.urn) for resource in _parts(way)))
            lost = [gone[key] for key in keys if key in gone]
            made = [anew[key] for key in keys if key in anew]
            if lost:
                yield f"{way}: ends, as {listed(lost)} {'go' if len(lost) > 1 else 'goes'} away"
            elif made:
                yield f"{way}: stops until {listed(made)}"


def _parts(way: Path) -> list[Resource]:
    return [resource for resource in (*(hop.resource for hop in way.hops), way.backend) if resource is not None]


def _how(one: Changed) -> str:
    """How the engine goes about it: the new one first, unless the program wants the old one gone before."""
    first = "deleted and replaced" if one.resource.options.delete_before_replace else "replaced beside the old one"
    booted = ", and has booted" if one.resource.type in _BOOTS else ""
    return f"{one.resource.name} is {first} (for {', '.join(one.replacing or ())}){booted}"


def _stopped(one: Changed) -> Iterator[str]:
    names = {found.name.partition(".")[0] for found in one.properties}
    stops = sorted(names & set(_STOPS))
    if not one.replacing and one.resource.type == "aws:ec2/instance:Instance" and stops:
        yield f"{one.resource.name} is stopped and started again ({', '.join(stops)})"
