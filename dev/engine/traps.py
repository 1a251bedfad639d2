"""Faults that this project once had, planted back: a run that does not find them proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from review.tests.moves.planted_traps import PLANTED, Planted

from .cli import ROOT, Engine
from .cycle import Stage, cycle

_BY_INPUT: Final = {(one.type, one.key): one for one in PLANTED}
TRAPS: Final[dict[str, tuple[Planted, str]]] = {
    "Cloud Map's empty custom health check": (
        _BY_INPUT["aws:servicediscovery/service:Service", "healthCheckCustomConfig"],
        "http-cloudmap-fargate.yaml",
    ),
    "a NAT instance whose source/destination check is not ignored": (
        _BY_INPUT["aws:ec2/instance:Instance", "primaryNetworkInterface"],
        "nat-instance.yaml",
    ),
}
"""With the example whose resource suffers."""


def spring(engine: Engine, trap: tuple[Planted, str]) -> Iterator[Stage]:
    """Plant a fault and run the example: its resource must be found."""
    planted, example = trap
    (engine.project / planted.file).write_text(planted.text(engine.project))
    stages = list(cycle(engine, (ROOT / "examples" / example).read_text()))
    found = [fault for stage in stages for fault in stage.faults if planted.at in fault]
    seconds = sum(stage.seconds for stage in stages)
    missed = [] if found else [f"the run says nothing of {planted.at}"]
    yield Stage(name="found: " + found[0][:200] if found else "not found", seconds=seconds, steps=0, faults=missed)
