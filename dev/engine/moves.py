"""From one config to another: the engine's steps beside those of `review --against`."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from review.compare.changes import Changes
from review.compare.engine.order import Verb
from review.graph.graph import grouped
from tests_of_both.moves import moves as reviewed_moves

from . import moves_document, planned, reviewing
from .cli import Engine, Outcome, Step
from .cycle import STACK, Stage, stage
from .printed import outputs
from .read_back import rest_apis

_PROXY: Final = reviewed_moves.MOVES["REST → HTTP"].before
_ROUTE: Final = _PROXY["api"]["routes"][0]
_STREAMING: Final = {
    **_PROXY,
    "api": {**_PROXY["api"], "routes": [{**_ROUTE, "streaming": True, "timeoutMilliseconds": 60_000}]},
}
_REFUSALS: Final = {"a protected balancer, ALB → NLB": "cannot be deleted: it is protected"}
"""Words by which AWS refuses a move that the review refuses."""

MOVES: Final[Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    **{name: (each.before, each.after) for name, each in reviewed_moves.MOVES.items()},
    "whole answers → streams": (_PROXY, _STREAMING),
    "streams → whole answers": (_STREAMING, _PROXY),
}
"""The moves of dev/moves.json, and those that it does not have."""

_DISKS: Final = (("backend", "diskGib"), ("network", "natInstance", "diskGib"))
"""Settings of disks. Their defaults are the smallest sizes."""
_AT_THE_END: Final = ("delete", "delete-replaced")
_DONE: Final = {"create": "created", "update": "updated", "create-replacement": "replaced"}


@dataclass(frozen=True)
class Steps:
    """What becomes of resources, by logical name."""

    created: frozenset[str]
    deleted: frozenset[str]
    replaced: frozenset[str]
    updated: frozenset[str]
    deleted_first: frozenset[str]
    """Of those that are replaced: deleted before their replacement is created."""

    def against(self, other: Steps) -> Iterator[str]:
        """Where the engine's steps (these) and the review's differ."""
        for word in ("created", "deleted", "replaced", "updated", "deleted_first"):
            mine, others = getattr(self, word), getattr(other, word)
            for name in sorted(mine - others):
                yield f"{name} is {word.replace('_', ' ')} by the engine; the review does not say so"
            for name in sorted(others - mine):
                yield f"{name} is {word.replace('_', ' ')} in the review; the engine does not do so"


def of_engine(outcome: Outcome) -> Steps:
    """The steps of a preview; components are left out, for the review speaks of resources."""
    steps: dict[str, set[str]] = {"create": set(), "delete": set(), "replace": set(), "update": set()}
    fresh, first = set(), set()
    for step in _of_aws(outcome):
        if step.operation in steps:
            steps[step.operation].add(step.name)
        if step.operation == "create-replacement":
            fresh.add(step.name)
        if step.operation == "delete-replaced" and step.name not in fresh:
            first.add(step.name)
    created, deleted, replaced, updated = (frozenset(steps[verb]) for verb in ("create", "delete", "replace", "update"))
    return Steps(created, deleted, replaced, updated, frozenset(first))


def of_review(changes: Changes) -> Steps:
    """The review's answer."""
    return Steps(
        frozenset(resource.name for resource in changes.added if resource.type.startswith("aws:")),
        frozenset(resource.name for resource in changes.removed if resource.type.startswith("aws:")),
        frozenset(change.resource.name for change in changes.replaced if change.resource.type.startswith("aws:")),
        frozenset(change.resource.name for change in changes.updated if change.resource.type.startswith("aws:")),
        frozenset(step.resource.name for step in changes.order if step.verb is Verb.DELETE_FIRST),
    )


def out_of_order(outcome: Outcome, changes: Changes) -> Iterator[str]:
    """Where the engine's order is not that of the review.

    Whatever is deleted goes after all that is created or updated, what depends on others before those, unless it is
    deleted to be replaced.
    """
    first = of_review(changes).deleted_first
    steps = [step for step in _of_aws(outcome) if step.name not in first]
    late = next((at for at, step in enumerate(steps) if step.operation in _AT_THE_END), len(steps))
    for step in steps[late:]:
        if step.operation in _DONE:
            yield f"{step.name} is {_DONE[step.operation]} after {steps[late].name} was deleted"
    gone = {step.name: at for at, step in enumerate(steps) if step.operation == "delete"}
    for removed in changes.removed:
        for other in changes.removed:
            both = removed.name in gone and other.name in gone
            if both and other.urn in removed.dependencies and gone[other.name] < gone[removed.name]:
                yield f"{other.name} is deleted before {removed.name}, which depends on it"


def _of_aws(outcome: Outcome) -> list[Step]:
    return [step for step in outcome.steps if step.type.startswith("aws:")]


def content(config: Mapping[str, Any]) -> str:
    """A stack file with this config."""
    return yaml.safe_dump({"config": {"aws:region": "eu-west-1", **config}}, sort_keys=False)


@dataclass
class Standing:
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
        name = next((other for other in left if MOVES[other][0] == at), left[0])
        left.remove(name)
        if at is None or len(groups[-1]) == longest or _shrinks(at, MOVES[name][0]):
            groups.append([])
        groups[-1].append(name)
        at = MOVES[name][1]
    return groups


def beginnings(names: Sequence[str]) -> list[list[str]]:
    """The moves by the config from which they begin, the one of most moves first."""
    return sorted(grouped((yaml.safe_dump(MOVES[name][0]), name) for name in names).values(), key=len, reverse=True)


def _shrinks(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether a disk becomes smaller, which AWS refuses."""
    for section, *path in _DISKS:
        old, new = before.get(section, {}), after.get(section, {})
        for key in path:
            old, new = old.get(key) or {}, new.get(key) or {}
        if old and (not new or new < old):
            return True
    return False


def move(engine: Engine, standing: Standing, name: str) -> Iterator[Stage]:
    """Move from one config to another, from whatever is deployed."""
    before, after = MOVES[name]
    if standing.config is None:
        standing.start(engine)
    if standing.config != before:
        first = _up(engine, standing, before)
        yield stage("up", first)
        if first.status:
            standing.config = None
            return
    said = reviewing.move(before, after)
    yield from _previewed(engine, standing, name, said)
    moved = _up(engine, standing, after)
    if said.refused:
        yield refusal(moved, said.refused, _REFUSALS.get(name, ""))
    else:
        orders = [*out_of_order(moved, said), *moves_document.out_of_order(promised_orders(name), moved)]
        yield stage("move", moved, orders if moved.status == 0 else ())
    if moved.status:
        standing.config = None
        return
    yield Stage(name="read back", seconds=0, steps=0, faults=list(rest_apis(engine, standing.stack)))
    yield Stage(name="outputs", seconds=0, steps=0, faults=list(outputs(engine, standing.stack)))
    again = engine.run("preview", "--expect-no-changes", stack=standing.stack)
    drift = [f"{step.name} {step.operation}: {', '.join(step.changed)}" for step in again.changes]
    yield stage("preview after the move", again, drift)


def _previewed(engine: Engine, standing: Standing, name: str, said: Changes) -> Iterator[Stage]:
    engine.write_stack(standing.stack, content(MOVES[name][1]))
    preview = engine.run("preview", stack=standing.stack)
    yield stage("preview of the move", preview, unlike(name, preview, said) if preview.status == 0 else ())
    if preview.status == 0:
        yield Stage(name="by plan", seconds=0, steps=0, faults=list(planned.of_move(engine, standing.stack, said)))


def preview(engine: Engine, standing: Standing, name: str) -> Iterator[Stage]:
    """The comparisons of a move, without the move. What it begins from is deployed if no move before it did so."""
    before, after = MOVES[name]
    if standing.config != before:
        standing.start(engine)
        deployed = _up(engine, standing, before)
        yield stage("up", deployed)
        standing.config = None if deployed.status else before
    if standing.config is not None:
        yield from _previewed(engine, standing, name, reviewing.move(before, after))


def unlike(name: str, preview: Outcome, said: Changes) -> Iterator[str]:
    """Where a preview differs from the review of the program, and from moves.json."""
    steps = of_engine(preview)
    yield from steps.against(of_review(said))
    if row := moves_document.rows().get(name):
        yield from moves_document.replaced_otherwise(row, steps.replaced)


def promised_orders(name: str) -> list[list[str]]:
    """The orders of steps that moves.json names, and that the review's tests expect."""
    row, expected = moves_document.rows().get(name), reviewed_moves.MOVES.get(name)
    return [*(row.orders if row else []), *([expected.steps] if expected and expected.steps else [])]


def end(engine: Engine, standing: Standing) -> Iterator[Stage]:
    """Take down what the last move left."""
    if standing.config is not None:
        ingress = {**standing.config.get("ingress", {})}
        if ingress.pop("deletionProtection", False):
            yield stage("protection off", _up(engine, standing, {**standing.config, "ingress": ingress}))
        yield stage("destroy", engine.run("destroy", "--yes", "--skip-preview", stack=standing.stack))


def _up(engine: Engine, standing: Standing, config: Mapping[str, Any]) -> Outcome:
    engine.write_stack(standing.stack, content(config))
    standing.config = config
    return engine.run("up", "--yes", "--skip-preview", stack=standing.stack)


def refusal(outcome: Outcome, said: tuple[str, ...], words: str) -> Stage:
    """The engine's end of a move that the review refuses; `words` are those by which it is to be refused."""
    errors = " ".join(outcome.errors)
    faults = []
    if not outcome.status:
        faults.append(f"the engine does what the review refuses: {'; '.join(said)}")
    elif not words or words not in errors:
        faults.append(f"the move fails, but not with the words {words!r}: {errors[:600]}")
    return Stage(name=f"refused: {words}", seconds=round(outcome.seconds, 1), steps=0, faults=faults)
