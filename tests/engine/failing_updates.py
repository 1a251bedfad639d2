"""An update to an image that never becomes healthy, the same `up` again, and a fix: calls must reach what answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from .answering import silent
from .cli import Engine
from .corrections.health import BROKEN
from .cycle import STACK, Stage, stage
from .read_back import read_back

_UP: Final = ("up", "--yes", "--skip-preview")
_GOOD: Final = "traefik/whoami:v1.10.0"
_FIXED: Final = "traefik/whoami:v1.11.0"
_BAD: Final = f"traefik/whoami:{BROKEN}"
_ROUTE: Final = {"path": "/orders", "methods": ["GET"], "authorization": "iam"}

SHORTER: Final[Mapping[str, tuple[str, str]]] = {
    "components/facts/limits.py": ("ANSWER_SECONDS: Final = 2_100", "ANSWER_SECONDS: Final = -240")
}
"""Waits that are cut short in the case's copy of the project: with the default of `startSeconds`, to a minute."""


@dataclass(frozen=True)
class Kind:
    """A kind of backend, and what the update changes besides the image."""

    config: Mapping[str, Any]
    also: Mapping[str, Any]

    def content(self, image: str, *, changed: bool) -> str:
        """The stack file with an image, before or after the change."""
        backend = {**self.config["backend"], **(self.also if changed else {}), "image": image}
        config = {"aws:region": "eu-west-1", **self.config, "backend": backend}
        return yaml.safe_dump({"config": config}, sort_keys=False)


def _kind(backend: Mapping[str, Any], ingress: str, **also: Any) -> Kind:
    config = {
        "topology": "vpc-link" if ingress else "public-proxy",
        "network": {"egress": "nat-gateway"},
        "backend": {"port": 80, **backend},
        "api": {"kind": "http", "routes": [_ROUTE]},
        **({"ingress": {"kind": ingress}} if ingress else {}),
    }
    return Kind(config, also)


KINDS: Final[Mapping[str, Kind]] = {
    "Fargate behind a load balancer": _kind({"kind": "fargate"}, "alb"),
    "Fargate behind a load balancer, on another port": _kind({"kind": "fargate"}, "alb", port=8080),
    "Fargate that scales": _kind({"kind": "fargate", "scaling": {"maximum": 4, "cpuPercent": 60}}, "alb", port=8080),
    "Fargate behind Cloud Map": _kind({"kind": "fargate"}, "cloud-map"),
    "one instance behind the forwarder": _kind({"kind": "ec2"}, ""),
    "one instance behind a load balancer": _kind({"kind": "ec2"}, "alb"),
    "one instance behind Cloud Map": _kind({"kind": "ec2"}, "cloud-map"),
    "several instances": _kind({"kind": "ec2", "count": 2}, "alb"),
    "several instances that scale": _kind(
        {"kind": "ec2", "scaling": {"minimum": 2, "maximum": 4, "cpuPercent": 60}}, "alb"
    ),
}


def failing(engine: Engine, kind: Kind) -> Iterator[Stage]:
    """After each step, calls must reach something that answers."""
    shorten(engine.project)
    engine.write_stack(STACK, kind.content(_GOOD, changed=False))
    engine.run("stack", "init", STACK)
    created = engine.run(*_UP, stack=STACK)
    yield stage("up", created, silent(engine, STACK) if created.status == 0 else ())
    if created.status:
        return
    engine.write_stack(STACK, kind.content(_BAD, changed=True))
    # A refresh removes the engine's mark of a failed resource: pulumi/pulumi#17949
    for name, more in (("the image fails", ()), ("up again, unchanged", ()), ("up after a refresh", ("--refresh",))):
        outcome = engine.run(*_UP, *more, stack=STACK)
        passed = [] if outcome.status else ["the update succeeds, and its image never answers"]
        yield Stage(
            name=name,
            seconds=round(outcome.seconds, 1),
            steps=len(outcome.changes),
            faults=[*passed, *silent(engine, STACK)],
        )
    engine.write_stack(STACK, kind.content(_FIXED, changed=True))
    yield stage("fixed", engine.run(*_UP, stack=STACK), [*silent(engine, STACK), *read_back(engine, STACK)])
    again = engine.run("preview", "--expect-no-changes", stack=STACK)
    yield stage("nothing is planned after it", again, (f"{step.name} {step.operation}" for step in again.changes))
    yield stage("destroy", engine.run("destroy", "--yes", "--skip-preview", stack=STACK))


def shorten(project: Path) -> None:
    """Cut the waits of a copy of the project short. Raises ValueError if a file has a wait no more."""
    for name, (line, other) in SHORTER.items():
        path = project / name
        text = path.read_text()
        if text.count(line) != 1:
            raise ValueError(f"{name} has {line!r} {text.count(line)} times")
        path.write_text(text.replace(line, other))
