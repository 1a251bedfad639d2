"""Faults that this project once had, planted back: a run that does not find them proves nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .cli import ROOT, Engine
from .cycle import Stage, cycle


@dataclass(frozen=True, kw_only=True)
class Trap:
    """A line of the project, the line that it once was, and the example and resource that suffer."""

    file: str
    line: str
    once: str
    example: str
    resource: str


TRAPS: Final = {
    "Cloud Map's empty custom health check": Trap(
        file="components/ingress/cloud_map.py",
        line='health_check_custom_config={"failure_threshold": 1},',
        once="health_check_custom_config={},",
        example="http-cloudmap-fargate.yaml",
        resource="ingress-service",
    ),
    "a NAT instance whose source/destination check is not ignored": Trap(
        file="components/nat_instance.py",
        line='always = ["sourceDestCheck"]',
        once="always: list[str] = []",
        example="nat-instance.yaml",
        resource="network-nat-instance",
    ),
}


def spring(engine: Engine, trap: Trap) -> Iterator[Stage]:
    """Plant a fault and run the example: its resource must be found."""
    path = engine.project / trap.file
    text = path.read_text()
    if text.count(trap.line) != 1:
        yield Stage(name="plant", seconds=0, steps=0, faults=[f"{trap.file} has no line {trap.line!r} any more"])
        return
    path.write_text(text.replace(trap.line, trap.once))
    stages = list(cycle(engine, (ROOT / "examples" / trap.example).read_text()))
    found = [fault for stage in stages for fault in stage.faults if trap.resource in fault]
    seconds = sum(stage.seconds for stage in stages)
    missed = [] if found else [f"the run says nothing of {trap.resource}"]
    yield Stage(name="found: " + found[0][:200] if found else "not found", seconds=seconds, steps=0, faults=missed)
