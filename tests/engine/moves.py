"""From one config to another: the engine's steps beside those of moves.yaml."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from tests.integration.moves.moves import MOVES as MOVES

from .cli import Engine, Outcome, Step
from .cycle import STACK, Stage, stage
from .printed import outputs
from .read_back import read_back

_STASH: Final = "pulumi:index:Stash"
_DISKS: Final = (("backend", "diskGib"), ("network", "natInstance", "diskGib"))
"""Settings of disks. Their defaults are the smallest sizes."""


@dataclass(frozen=True)
class Steps:
    """What becomes of resources, by logical name."""

    created: frozenset[str]
    deleted: frozenset[str]
    replaced: frozenset[str]

    def against(self, other: Steps, of: str) -> Iterator[str]:
        """Where the engine's steps (these) and those of another source differ."""
        for word in ("created", "deleted", "replaced"):
            mine, others = getattr(self, word), getattr(other, word)
            for name in sorted(mine - others):
                yield f"{name} is {word} by the engine, and not by {of}"
            for name in sorted(others - mine):
                yield f"{name} is {word} by {of}, and not by the engine"


def of_engine(outcome: Outcome) -> Steps:
    """The steps of a preview; components are left out, for the review speaks of resources."""
    steps: dict[str, set[str]] = {"create": set(), "delete": set(), "replace": set()}
    for step in _of_resources(outcome):
        if step.operation in steps:
            steps[step.operation].add(step.name)
    return Steps(frozenset(steps["create"]), frozenset(steps["delete"]), frozenset(steps["replace"]))


def of_table(name: str) -> Steps:
    """What moves.yaml says of a move."""
    move = MOVES[name]
    return Steps(move.added, move.deleted, move.replaced)


def _of_resources(outcome: Outcome) -> list[Step]:
    """The steps of AWS resources, and of the engine's own that keep a value."""
    return [step for step in outcome.steps if step.type.startswith("aws:") or step.type == _STASH]


def content(config: Mapping[str, Any]) -> str:
    """A stack file with this config."""
    return yaml.safe_dump({"config": {"aws:region": "eu-west-1", **config}}, sort_keys=False)


@dataclass
class DeployedStack:
    """What is deployed in an engine: moves go on from where the one before ended."""

    stack: str = ""
    config: Mapping[str, Any] | None = None

    def start(self, engine: Engine) -> None:
        """Go on in a stack that is empty."""
        self.stack = f"{STACK}-{time.monotonic_ns()}"
        self.config = None
        engine.write_stack(self.stack, content({"topology": "public-proxy"}))
        engine.run("stack", "init", self.stack)


def chains(names: Sequence[str], longest: int = 6) -> list[list[str]]:
    """The moves in an order in which few of them need another config than the one before left."""
    left = list(names)
    groups: list[list[str]] = []
    at: Mapping[str, Any] | None = None
    while left:
        name = next((other for other in left if MOVES[other].before == at), left[0])
        left.remove(name)
        if at is None or len(groups[-1]) == longest or _shrinks(at, MOVES[name].before):
            groups.append([])
        groups[-1].append(name)
        at = MOVES[name].after
    return groups


def _shrinks(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a disk becomes smaller, which AWS refuses."""
    for section, *path in _DISKS:
        old, new = before.get(section, {}), after.get(section, {})
        for key in path:
            old, new = old.get(key) or {}, new.get(key) or {}
        if old and (not new or new < old):
            return True
    return False


def move(engine: Engine, deployed: DeployedStack, name: str) -> Iterator[Stage]:
    """Move from one config to another, from whatever is deployed."""
    before, after = MOVES[name].before, MOVES[name].after
    if deployed.config is None:
        deployed.start(engine)
    if deployed.config != before:
        first = _up(engine, deployed, before)
        yield stage("up", first)
        if first.status:
            deployed.config = None
            return
    engine.write_stack(deployed.stack, content(after))
    preview = engine.run("preview", stack=deployed.stack)
    unlike = of_engine(preview).against(of_table(name), "moves.yaml") if preview.status == 0 else ()
    yield stage("preview of the move", preview, unlike)
    moved = _up(engine, deployed, after)
    yield stage("move", moved)
    if moved.status:
        deployed.config = None
        return
    yield Stage(name="read back", seconds=0, steps=0, faults=list(read_back(engine, deployed.stack)))
    yield Stage(name="outputs", seconds=0, steps=0, faults=list(outputs(engine, deployed.stack)))
    again = engine.run("preview", "--expect-no-changes", stack=deployed.stack)
    drift = [f"{step.name} {step.operation}: {', '.join(step.changed)}" for step in again.changes]
    yield stage("preview after the move", again, drift)


def end(engine: Engine, deployed: DeployedStack) -> Iterator[Stage]:
    """Take down what the last move left."""
    if deployed.config is not None:
        ingress = {**deployed.config.get("ingress", {})}
        if ingress.pop("deletionProtection", False):
            yield stage("protection off", _up(engine, deployed, {**deployed.config, "ingress": ingress}))
        yield stage("destroy", engine.run("destroy", "--yes", "--skip-preview", stack=deployed.stack))


def _up(engine: Engine, deployed: DeployedStack, config: Mapping[str, Any]) -> Outcome:
    engine.write_stack(deployed.stack, content(config))
    deployed.config = config
    return engine.run("up", "--yes", "--skip-preview", stack=deployed.stack)
