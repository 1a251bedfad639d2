"""The command, run in this process and in one of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from review.cli.command import main
from review.tests.helpers.fixture_types import Write
from review.tests.helpers.stacks import REVIEW, ROOT

SCHEMA: dict[str, Any] = json.loads((REVIEW / "docs" / "review.schema.json").read_text())
LAUNCH = [sys.executable, str(REVIEW / "launch.py"), "dev"]


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def documents(self) -> list[Any]:
        """The JSON documents, which keep to their schema."""
        found = json.loads(self.out)
        for document in (documents := found if isinstance(found, list) else [found]):
            jsonschema.validate(document, SCHEMA)
        return documents


Reviewed = Callable[..., Done]


def command(*arguments: str, cwd: Path = ROOT, program: str = "") -> Done:
    """The command in a process of its own; `program` runs in place of the module."""
    whole = [sys.executable, *(["-c", program] if program else ["-m", "review", *arguments])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(whole, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def reviewed(
    write_project: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], in_this_process: None
) -> Reviewed:
    """`reviewed(program, "dev", "--strict", config=…)` writes a project and runs the command in its folder."""

    def run(program: str, *arguments: str, stacks: dict[str, str] | None = None, **written: str) -> Done:
        root = write_project(program, **written).root
        for name, text in (stacks or {}).items():
            (root / f"Pulumi.{name}.yaml").write_text(text)
        monkeypatch.chdir(root)
        return Done(main(arguments), *capsys.readouterr())

    return run
