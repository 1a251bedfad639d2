"""From one config to another: what the engine does beside what `review --against` said."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from review.compare.changes import Changes, compare
from review.compare.side import side
from review.cost import Usage
from review.rules.check import failed
from tests.stacks import ROOT, graph_with

from .cli import Engine, Outcome
from .cycle import STACK, Stage

_REVIEWING: Final = threading.Lock()
_BASE: Final[dict[str, Any]] = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80},
    "api": {"kind": "rest", "routes": [{"path": "/orders", "methods": ["GET"], "authorization": "iam"}]},
}


def _with(base: Mapping[str, Any], **sections: Any) -> dict[str, Any]:
    """A config with some sections written over; None takes one away."""
    made = {**copy.deepcopy(dict(base)), **sections}
    return {key: value for key, value in made.items() if value is not None}


def _egress(*ways: str) -> dict[str, Any]:
    return _with(_BASE, network={"egress": ways[0] if len(ways) == 1 else list(ways)})


_LINK: Final = _with(_BASE, topology="vpc-link", ingress={"kind": "alb"})
_PRIVATE: Final = _with(_BASE, topology="private-api")
_GREETER: Final = _with(_BASE, backend={"kind": "greeter"}, network={"egress": "none"})

_STREAMING: Final = _with(
    _BASE,
    api={
        "kind": "rest",
        "routes": [{**_BASE["api"]["routes"][0], "streaming": True, "timeoutMilliseconds": 60_000}],
    },
)

MOVES: Final[dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "nat-instance → nat-gateway": (_BASE, _egress("nat-gateway")),
    "nat-gateway → both NATs": (_egress("nat-gateway"), _egress("nat-instance", "nat-gateway")),
    "nat-instance → with ipv6": (_BASE, _egress("nat-instance", "ipv6")),
    "public-proxy → vpc-link": (_BASE, _LINK),
    "vpc-link → public-proxy": (_LINK, _BASE),
    "regional → private API": (_BASE, _PRIVATE),
    "private → regional API": (_PRIVATE, _BASE),
    "REST → HTTP": (_BASE, _with(_BASE, api={**_BASE["api"], "kind": "http"})),
    "whole answers → streams": (_BASE, _STREAMING),
    "streams → whole answers": (_STREAMING, _BASE),
    "one instance → two": (_LINK, _with(_LINK, backend={**_BASE["backend"], "count": 2})),
    "instance → fargate": (_LINK, _with(_LINK, backend={**_BASE["backend"], "kind": "fargate"})),
    "two zones → three": (_BASE, _with(_BASE, network={"egress": "nat-instance", "zones": 3})),
    "another image": (_BASE, _with(_BASE, backend={**_BASE["backend"], "image": "traefik/whoami:v1.10.0"})),
    "greeter → instance": (_GREETER, _BASE),
    "routes and authorization": (
        _BASE,
        _with(_BASE, api={"kind": "rest", "routes": [{"path": "/", "methods": ["ANY"], "authorization": "none"}]}),
    ),
}


@dataclass(frozen=True)
class Steps:
    """What becomes of resources, by logical name."""

    created: frozenset[str]
    deleted: frozenset[str]
    replaced: frozenset[str]
    updated: frozenset[str]

    def against(self, other: Steps) -> Iterator[str]:
        """Where the engine's steps (these) and the review's differ."""
        for word in ("created", "deleted", "replaced", "updated"):
            mine, others = getattr(self, word), getattr(other, word)
            for name in sorted(mine - others):
                yield f"{name} is {word} by the engine; the review does not say so"
            for name in sorted(others - mine):
                yield f"{name} is {word} in the review; the engine does not do so"


def of_engine(outcome: Outcome) -> Steps:
    """The steps of a preview; components are left out, for the review speaks of resources."""
    found: dict[str, set[str]] = {"create": set(), "delete": set(), "replace": set(), "update": set()}
    for step in outcome.steps:
        if step.type.startswith("aws:") and step.operation in found:
            found[step.operation].add(step.name)
    return Steps(*(frozenset(found[each]) for each in ("create", "delete", "replace", "update")))


def of_review(changes: Changes) -> Steps:
    """What the review says."""
    return Steps(
        frozenset(resource.name for resource in changes.added if resource.type.startswith("aws:")),
        frozenset(resource.name for resource in changes.removed if resource.type.startswith("aws:")),
        frozenset(one.resource.name for one in changes.replaced),
        frozenset(one.resource.name for one in changes.updated),
    )


def reviewed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Steps:
    """What the review says of a move."""
    # It evaluates programs in this process, one at a time.
    with _REVIEWING:
        old, new = (side(graph_with(dict(each)), Usage(), ROOT, failed) for each in (before, after))
        return of_review(compare(old, new, "the config before"))


def content(config: Mapping[str, Any]) -> str:
    """A stack file with this config."""
    return yaml.safe_dump({"config": {"aws:region": "eu-west-1", **config}}, sort_keys=False)


def move(engine: Engine, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Stage]:
    """Deploy one config, move to the other, and take it down."""
    engine.write_stack(STACK, content(before))
    engine.run("stack", "init", STACK)
    first = engine.run("up", "--yes", "--skip-preview", stack=STACK)
    yield _stage("up", first)
    if first.status == 0:
        engine.write_stack(STACK, content(after))
        planned = engine.run("preview", stack=STACK)
        faults = list(of_engine(planned).against(reviewed(before, after))) if planned.status == 0 else []
        yield _stage("preview of the move", planned, faults)
        moved = engine.run("up", "--yes", "--skip-preview", stack=STACK)
        yield _stage("move", moved)
        if moved.status == 0:
            again = engine.run("preview", "--expect-no-changes", stack=STACK)
            drift = [f"{step.name} {step.operation}: {', '.join(step.changed)}" for step in again.changes]
            yield _stage("preview after the move", again, drift)
    yield _stage("destroy", engine.run("destroy", "--yes", "--skip-preview", stack=STACK))


def _stage(name: str, outcome: Outcome, faults: list[str] | None = None) -> Stage:
    errors = [*outcome.errors] if outcome.status else []
    return Stage(
        name=name, seconds=round(outcome.seconds, 1), steps=len(outcome.changes), faults=[*errors, *(faults or [])]
    )
