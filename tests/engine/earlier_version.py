"""A stack of an earlier version of this project is updated by today's: what is replaced or deleted, and no more."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from .cli import ROOT, Engine, Outcome
from .cycle import STACK, Stage, stage, write
from .moves import of_engine
from .read_back import rest_apis

EXPECTED: Final = Path(__file__).with_suffix(".yaml")
_UP: Final = ("up", "--yes", "--skip-preview")


def expected() -> Mapping[str, Any]:
    """The commit, and what is expected of each stack."""
    document: Mapping[str, Any] = yaml.safe_load(EXPECTED.read_text())
    return document


def earlier() -> str:
    """The latest tag, or the commit that is written down as long as there is none."""
    tag = _git("describe", "--tags", "--abbrev=0")
    return tag.stdout.decode().strip() if tag.returncode == 0 else str(expected()["commit"])


def updated(engine: Engine, name: str) -> Iterator[Stage]:
    """Deploy a stack file by the earlier version, and update it by today's."""
    version = earlier()
    # A trap may have changed it.
    today = shutil.copytree(engine.project, engine.folder / "today", symlinks=True)
    try:
        engine.copy_program(_checked_out(version, engine.folder / "earlier"))
    except LookupError as error:
        yield Stage(name=f"from {version}", seconds=0, steps=0, faults=[str(error)])
        return
    write(engine, (engine.folder / "earlier" / name).read_text())
    before = engine.run(*_UP, stack=STACK)
    yield stage(f"up by {version}", before)
    if before.status:
        return
    engine.copy_program(today)
    write(engine, (ROOT / name).read_text())
    planned = engine.run("preview", stack=STACK)
    yield stage("preview of the update", planned, unlike(planned, expected()["stacks"][name]))
    yield stage("update", engine.run(*_UP, stack=STACK))
    yield Stage(name="read back", seconds=0, steps=0, faults=list(rest_apis(engine, STACK)))
    again = engine.run("preview", "--expect-no-changes", stack=STACK)
    yield stage("nothing is planned after it", again, (f"{step.name} {step.operation}" for step in again.changes))


def unlike(planned: Outcome, wanted: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Where an update replaces or deletes other resources than it should."""
    steps = of_engine(planned)
    for word, names in (("replaced", steps.replaced), ("deleted", steps.deleted)):
        known = set(wanted[word])
        yield from (f"{name} is {word}, and {EXPECTED.name} does not list it" for name in sorted(names - known))
        yield from (f"{name} is not {word}, and {EXPECTED.name} lists it" for name in sorted(known - names))


def _checked_out(version: str, folder: Path) -> Path:
    """The program of a version, in a folder. Raises LookupError if git has no such version."""
    archive = _git("archive", version)
    if archive.returncode:
        raise LookupError(f"git has no {version} here: fetch the whole history")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
        packed.extractall(folder, filter="data")
    return folder


def _git(*command: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, check=False)
