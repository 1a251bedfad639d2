"""Faults that are planted in the copy of the project: a run that does not find them proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tests.integration.moves.planted_traps import PLANTED

from .cli import ROOT, Engine
from .cycle import Stage, cycle
from .earlier_version import updated

Run = Callable[[Engine], Iterator[Stage]]


@dataclass(frozen=True)
class Trap:
    """Lines of a file with the lines that they must not be, the case that must find them, and its words."""

    file: str
    lines: Mapping[str, str]
    run: Run
    says: str

    def plant(self, project: Path) -> None:
        """Plant the fault in a copy of the project. Raises ValueError if it has the lines no more."""
        path = project / self.file
        text = path.read_text()
        for line, other in self.lines.items():
            if text.count(line) != 1:
                raise ValueError(f"{self.file} has {line!r} {text.count(line)} times")
            text = text.replace(line, other)
        path.write_text(text)


def _stack(name: str) -> Run:
    return partial(cycle, content=(ROOT / name).read_text())


def _of_provider(kind: str, key: str, example: str) -> Trap:
    """One of the provider's traps, which the review's tests plant as well."""
    planted = next(trap for trap in PLANTED if (trap.type, trap.key) == (kind, key))
    return Trap(planted.file, planted.lines, _stack(f"examples/{example}"), planted.at)


TRAPS: Final[Mapping[str, Trap]] = {
    "a NAT instance whose source/destination check is not ignored": _of_provider(
        "aws:ec2/instance:Instance", "primaryNetworkInterface", "nat-instance.yaml"
    ),
    "a hook that cannot ask": Trap(
        "components/compute/readiness.py",
        {'InstanceId=watched["instanceId"], Latest=True)\n    except': "Unknown=True)\n    except"},
        _stack("Pulumi.dev.yaml"),
        "warning: ",
    ),
    "an output with another address": Trap(
        "components/stack/topologies/outputs.py",
        {'        "apiUrl": url,\n': '        "apiUrl": "https://example.com",\n'},
        _stack("examples/greeter-in-the-open.yaml"),
        "apiUrl is ",
    ),
    "a size that AWS writes in another way": Trap(
        "components/compute/fargate_task.py",
        {"        cpu=str(spec.cpu),\n": '        cpu=f"{spec.cpu / 1024} vCPU",\n'},
        _stack("examples/rest-alb-fargate.yaml"),
        "backend-task",
    ),
    "a policy pack that takes outputs for inputs": Trap(
        "review/policy/adapter.py",
        {"_plain(one.props), inputs.of(one.urn))": "_plain(one.props), None)"},
        _stack("Pulumi.dev.yaml"),
        "the pack cannot tell ",
    ),
    "a resource that is renamed": Trap(
        "components/compute/single_instance.py",
        {'f"{scope.name}-instance"': 'f"{scope.name}-machine"'},
        partial(updated, name="Pulumi.dev.yaml"),
        "backend-instance is deleted",
    ),
}


def spring(engine: Engine, trap: Trap) -> Iterator[Stage]:
    """Plant a fault and run a case: the fault must be found."""
    trap.plant(engine.project)
    stages = list(trap.run(engine))
    faults = [fault for stage in stages for fault in stage.faults if trap.says in fault]
    missed = [] if faults else [f"the run says nothing of {trap.says!r}"]
    name = f"found: {faults[0][:200]}" if faults else "not found"
    yield Stage(name=name, seconds=sum(stage.seconds for stage in stages), steps=0, faults=missed)
