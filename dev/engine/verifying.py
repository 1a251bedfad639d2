"""`gatehouse verify` against the emulator: no drift on what was just created, and each planted drift is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from . import foreign_programs
from .cli import ROOT, Engine
from .cycle import Stage, stage, without_secrets
from .existing_resources import REGION
from .planted_changes import PLANTED, Planted
from .read_back import client
from .verified import drifted, faults_of_new, verified

_UP: Final = ("up", "--yes", "--skip-preview")
_STACKS: Final = ("fortress", "nat-instance", "http-alb-ec2", "jwt-http")


def verifying(engine: Engine) -> Iterator[Stage]:
    """Deploy stack files, verify, plant everything, and verify again."""
    for name in _STACKS:
        document = yaml.safe_load((ROOT / f"examples/{name}.yaml").read_text())
        [*without_secrets(document["config"], "")]
        engine.write_stack(name, yaml.safe_dump(document, sort_keys=False))
    yield from _verifying(engine, _STACKS, engine.project)


def verifying_foreign(engine: Engine) -> Iterator[Stage]:
    """The same for programs as others write them."""
    (folder := engine.folder / "foreign").mkdir()
    (folder / "__main__.py").write_text(Path(foreign_programs.__file__).read_text())
    (folder / ".venv").symlink_to(ROOT / ".venv")
    runtime = {"name": "python", "options": {"virtualenv": ".venv"}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "foreign", "runtime": runtime}))
    for name in foreign_programs.PROGRAMS:
        (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": {"aws:region": REGION}}))
    yield from _verifying(engine, [*foreign_programs.PROGRAMS], folder)


def _verifying(engine: Engine, stacks: Iterable[str], folder: Path) -> Iterator[Stage]:
    for name in stacks:
        engine.run("stack", "init", name, cwd=folder)
        yield stage(f"up of {name}", engine.run(*_UP, stack=name, cwd=folder))
        yield _stage(f"no drift of {name}", faults_of_new(engine, name, folder))
    for name in stacks:
        planted = [change for change in PLANTED if change.stack == name]
        deployed = [record for record in engine.state(name, cwd=folder) if "outputs" in record]
        states = {_name(record): record["outputs"] | {"id": record.get("id")} for record in deployed}
        faults = []
        for each in planted:
            try:
                each.plant(lambda service: client(engine, service), states[each.resource])
            except Exception as error:  # the others are planted
                faults.append(f"{each.resource}: {each.named} could not be planted: {type(error).__name__}: {error}")
        report, _ = verified(engine, name, folder)
        yield _stage(f"{len(planted)} planted in {name}", [*faults, *missing(planted, drifted(report))])


def missing(planted: Iterable[Planted], drifts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What was planted, and is not named."""
    known = [*drifts]
    for change in planted:
        if not any(words.startswith(change.named) and change.resource in name for name, words in known):
            yield f"{change.resource}: {change.named} was planted, and is not found"


def _name(record: Mapping[str, Any]) -> str:
    return str(record["urn"]).rpartition("::")[2]


def _stage(name: str, faults: Iterable[str]) -> Stage:
    return Stage(name=name, seconds=0, steps=0, faults=[*faults])
