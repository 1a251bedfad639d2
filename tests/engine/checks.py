"""What only the engine can tell: how it reads the configuration, keeps secrets, runs policies, and is interrupted."""

from __future__ import annotations

import io
import subprocess
import tarfile
import time
from collections.abc import Iterator
from typing import Final

from .aws_plugin.terraform_provider import OFFLINE, running
from .cli import ROOT, Engine, Outcome
from .cycle import STACK, Stage
from .replacing_inputs import Disagreement, disagreements

_SMALL: Final = (ROOT / "examples" / "greeter-in-the-open.yaml").read_text()
_BEHIND_FORWARDER: Final = (ROOT / "examples" / "existing-backend.yaml").read_text()
_SECRET: Final = "a-word-that-stands-nowhere-else.internal"
_UP: Final = ("up", "--yes", "--skip-preview")
_DESTROY: Final = ("destroy", "--yes", "--skip-preview")


def configuration(engine: Engine) -> Iterator[Stage]:
    """Pulumi.yaml's declarations as the CLI reads them: what is missing or of another type is refused."""
    config = "config:\n  aws:region: eu-west-1\n"
    engine.write_stack(STACK, config)
    engine.run("stack", "init", STACK)
    yield _refusal("topology is missing", engine.run("preview", stack=STACK), "missing configuration value 'topology'")
    engine.write_stack(STACK, f"{config}  topology: public-proxy\n  network: none\n")
    yield _refusal("network is no map", engine.run("preview", stack=STACK), "must be of type 'object'")
    engine.write_stack(STACK, f"{config}  topology: public-proxy\n")
    for key, value in (
        ("backend.kind", "greeter"),
        ("network.egress", "none"),
        ("api.routes[0].path", "/"),
        ("api.routes[0].authorization", "iam"),
    ):
        engine.run("config", "set", "--path", key, value, stack=STACK)
    yield _success("written by pulumi config set --path", engine.run("preview", stack=STACK))
    engine.run("config", "set", "--path", "network.egres", "none", stack=STACK)
    yield _refusal("a mistake of ours", engine.run("preview", stack=STACK), "did you mean egress?")


def secrets(engine: Engine) -> Iterator[Stage]:
    """A secret of the config stands in no file of the state."""
    engine.write_stack(STACK, _BEHIND_FORWARDER)
    engine.run("stack", "init", STACK)
    engine.run("config", "set", "--secret", "--path", "backend.url", f"http://{_SECRET}:8080", stack=STACK)
    outcome = engine.run(*_UP, stack=STACK)
    files = [path for path in (engine.folder / "state").rglob("*") if path.is_file()]
    leaks = [f"the secret stands in {path.name}" for path in files if _SECRET in path.read_text(errors="replace")]
    shown = ["the secret is printed"] if _SECRET in outcome.text else []
    yield _stage("up with a secret", outcome, [*leaks, *shown])
    yield _success("destroy", engine.run(*_DESTROY, stack=STACK))


def policies(engine: Engine) -> Iterator[Stage]:
    """The policy pack under preview and up: it passes a good stack."""
    engine.write_stack(STACK, _SMALL)
    engine.run("stack", "init", STACK)
    pack = ("--policy-pack", "policy")
    yield _success("preview with policies", engine.run("preview", *pack, stack=STACK))
    yield _success("up with policies", engine.run(*_UP, *pack, stack=STACK))
    yield _success("destroy", engine.run(*_DESTROY, stack=STACK))


def template(engine: Engine) -> Iterator[Stage]:
    """`pulumi new` from what git holds, under another name."""
    source, made = engine.folder / "template", engine.folder / "made"
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(source, filter="data")
    made.mkdir()
    named = ("--name", "another-name", "--stack", "first", "--dir", str(made))
    yield _success("new", engine.run("new", str(source), *named, "--yes", "--force", "--generate-only"))
    written = (made / "Pulumi.yaml").read_text() if (made / "Pulumi.yaml").exists() else ""
    faults = [] if written.startswith("name: another-name\n") else ["Pulumi.yaml does not carry the new name"]
    (made / ".venv").symlink_to(ROOT / ".venv")
    (made / "Pulumi.first.yaml").write_text(_SMALL)
    engine.run("stack", "init", "first", cwd=made)
    yield _stage("preview", engine.run("preview", stack="first", cwd=made), faults)


def parallelism(engine: Engine) -> Iterator[Stage]:
    """One thing at a time, then as many as there are; one resource alone goes and comes back."""
    engine.write_stack(STACK, _SMALL)
    engine.run("stack", "init", STACK)
    yield _success("up one at a time", engine.run(*_UP, "--parallel", "1", stack=STACK))
    urn = next(each["urn"] for each in engine.state(STACK) if each["urn"].endswith("::front-settings"))
    alone = engine.run(*_DESTROY, "--target", urn, stack=STACK)
    gone = [step.name for step in alone.changes]
    faults = [] if gone == ["front-settings"] else [f"{', '.join(gone)} went, and front-settings was the target"]
    yield _stage("destroy one target", alone, faults)
    yield _success("up 64 at a time", engine.run(*_UP, "--parallel", "64", stack=STACK))
    yield _success("nothing is planned after it", engine.run("preview", "--expect-no-changes", stack=STACK))
    yield _success("destroy 64 at a time", engine.run(*_DESTROY, "--parallel", "64", stack=STACK))


def interruption(engine: Engine) -> Iterator[Stage]:
    """An update that is interrupted is taken up by the next one."""
    engine.write_stack(STACK, _SMALL)
    engine.run("stack", "init", STACK)
    started = time.monotonic()
    status = engine.interrupted(*_UP, stack=STACK, after=12)
    faults = [] if status else ["the interrupted update reports success: it ended before the interruption"]
    yield Stage(name="interrupted up", seconds=round(time.monotonic() - started, 1), steps=0, faults=faults)
    engine.run("cancel", "--yes", stack=STACK)
    yield _success("up again", engine.run(*_UP, stack=STACK))
    yield _success("nothing is planned after it", engine.run("preview", "--expect-no-changes", stack=STACK))
    yield _success("destroy", engine.run(*_DESTROY, stack=STACK))


def replacing_inputs(engine: Engine) -> Iterator[Stage]:
    """The review's table of inputs that replace a resource, beside what the provider plans."""
    started = time.monotonic()
    if engine.binaries.provider is None:
        return
    with running(engine.binaries.provider, engine.folder / "provider.log") as provider:
        provider.configure(OFFLINE)
        found = [str(each) for each in disagreements(provider) if isinstance(each, Disagreement)]
    yield Stage(name="compared", seconds=round(time.monotonic() - started, 1), steps=0, faults=found)


CHECKS: Final = {
    "inputs that replace": replacing_inputs,
    "configuration": configuration,
    "secrets in state": secrets,
    "policy pack": policies,
    "template under another name": template,
    "parallelism and targets": parallelism,
    "interrupted up": interruption,
}


def _success(name: str, outcome: Outcome) -> Stage:
    return _stage(name, outcome, [])


def _stage(name: str, outcome: Outcome, faults: list[str]) -> Stage:
    failed = (outcome.errors or [outcome.text[-700:]]) if outcome.status else []
    return Stage(name=name, seconds=round(outcome.seconds, 1), steps=len(outcome.changes), faults=[*failed, *faults])


def _refusal(name: str, outcome: Outcome, words: str) -> Stage:
    said = outcome.text + "".join(outcome.errors)
    if outcome.status == 0:
        faults = ["it is not refused"]
    else:
        faults = [] if words in said else [f"it is refused without the words {words!r}: {said[-400:]}"]
    return Stage(name=name, seconds=round(outcome.seconds, 1), steps=0, faults=faults)
