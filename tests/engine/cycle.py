"""The life of a stack: preview, up, nothing changes, nothing has drifted, destroy, nothing left.

The policy pack judges both previews, of the new stack and of the deployed and unchanged one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from .cli import Engine, Outcome
from .printed import outputs
from .read_back import read_back

STACK: Final = "test"
_SECRET: Final = "0123456789abcdefghijklmnopqrstuv"
PACK: Final = ("--policy-pack", "review/policy")
_STAGES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("preview", ("preview", *PACK)),
    ("up", ("up", "--yes", "--skip-preview")),
    ("second preview", ("preview", "--expect-no-changes")),
    ("policy pack on what is deployed", ("preview", *PACK)),
    ("refresh", ("refresh", "--yes", "--skip-preview")),
    ("destroy", ("destroy", "--yes", "--skip-preview")),
)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One command on a stack, and what was wrong with it."""

    name: str
    seconds: float
    steps: int
    faults: list[str] = field(default_factory=list)


def stage(name: str, outcome: Outcome, faults: Iterable[str] = ()) -> Stage:
    """A command as a stage, with its own faults and others."""
    return Stage(
        name=name, seconds=round(outcome.seconds, 1), steps=len(outcome.changes), faults=[*outcome.faults, *faults]
    )


def write(engine: Engine, content: str) -> dict[str, Any]:
    """Write a stack file with a secret of ours in place of each encrypted one; returns the file without secrets."""
    document: dict[str, Any] = yaml.safe_load(content)
    secrets = list(without_secrets(document["config"], ""))
    engine.write_stack(STACK, yaml.safe_dump(document, sort_keys=False))
    engine.run("stack", "init", STACK)
    for path in secrets:
        engine.run("config", "set", "--secret", "--path", path, _SECRET, stack=STACK)
    return document


def cycle(engine: Engine, content: str) -> Iterator[Stage]:
    """Take a stack through its life. It goes on after a fault as far as it can, so that one run shows all."""
    document = write(engine, content)
    failed = False
    for name, command in _STAGES:
        if failed and name != "destroy":
            continue
        protected = (
            document["config"].get("ingress", {}).pop("deletionProtection", False) if name == "destroy" else False
        )
        if protected and not failed:
            yield _refused_destroy(engine)
            engine.run("config", "rm", "--path", "ingress.deletionProtection", stack=STACK)
            yield _stage("protection off", engine.run("up", "--yes", "--skip-preview", stack=STACK), set())
        # A lookup of what this very stack has set since, the account's log role, is read anew: that is no drift.
        read = {each["urn"] for each in engine.state(STACK) if each.get("external")} if name == "refresh" else set()
        outcome = engine.run(*command, stack=STACK)
        failed = failed or (name in ("preview", "up") and outcome.status != 0)
        yield _stage(name, outcome, read)
        if name == "up" and not failed:
            yield Stage(name="read back", seconds=0, steps=0, faults=list(read_back(engine, STACK)))
            yield Stage(name="outputs", seconds=0, steps=0, faults=list(outputs(engine, STACK)))
    left = [record["urn"] for record in engine.state(STACK)]
    names = ", ".join(urn.rpartition("::")[2] for urn in left)
    faults = [f"{len(left)} resources are still in the state: {names}"] if left else []
    yield Stage(name="nothing left", seconds=0, steps=0, faults=faults)
    engine.run("stack", "rm", "--yes", "--force", STACK)


def _refused_destroy(engine: Engine) -> Stage:
    """A destroy of a protected stack ends before the first deletion."""
    before = [record["urn"] for record in engine.state(STACK)]
    outcome = engine.run("destroy", "--yes", "--skip-preview", stack=STACK)
    left = {record["urn"] for record in engine.state(STACK)}
    faults = [
        f"{urn.rpartition('::')[2]} was deleted though the stack is protected" for urn in before if urn not in left
    ]
    if "destroy-protection" not in outcome.text or "protected" not in outcome.text:
        faults.append(f"the destroy was not refused for its protection: {outcome.text.strip()[-2000:]}")
    return Stage(name="protected destroy", seconds=round(outcome.seconds, 1), steps=len(outcome.changes), faults=faults)


def leaks(engine: Engine, outcome: Outcome, secret: str) -> Iterator[str]:
    """Where a secret can be read after a command: in a file of the state, or in what was printed."""
    files = [path for path in (engine.folder / "state").rglob("*") if path.is_file()]
    yield from (f"the secret is in {path.name}" for path in files if secret in path.read_text(errors="replace"))
    if secret in outcome.text:
        yield "the secret is printed"


def without_secrets(values: dict[str, Any], at: str) -> Iterator[str]:
    """Take out what is encrypted, with a key that nobody here has; gives the paths."""
    for key, value in list(values.items()):
        path = f"{at}.{key}" if at else key
        if isinstance(value, dict) and "secure" in value:
            del values[key]
            yield path
        elif isinstance(value, dict):
            yield from without_secrets(value, path)


def _stage(name: str, outcome: Outcome, read: Set[str]) -> Stage:
    changes = (
        [step for step in outcome.changes if step.urn not in read] if name in ("second preview", "refresh") else []
    )
    drifted = [f"{step.name} ({step.type}) {step.operation}: {', '.join(step.changed)}" for step in changes]
    return stage(name, outcome, drifted)
