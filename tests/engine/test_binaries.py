"""`make engine` looks for its binaries first, and passes a regular expression on as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.cli import ROOT


def make(*arguments: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    found = shutil.which("make")
    if not found:
        pytest.skip("there is no make here")
    named = ("GATEHOUSE_PULUMI", "MAKEFLAGS")
    environment = {key: value for key, value in os.environ.items() if key not in named}
    return subprocess.run(
        [found, *arguments], cwd=ROOT, env={**environment, "PATH": path}, capture_output=True, text=True, check=False
    )


def test_a_missing_cli_is_named_before_anything_is_installed(tmp_path: Path) -> None:
    outcome = make("engine", f"VENV={tmp_path / 'none'}", f"PYTHON={sys.executable}", path=str(tmp_path))
    assert outcome.returncode
    assert outcome.stderr.startswith("this needs the Pulumi CLI")
    assert "Installing" not in outcome.stderr


def test_make_keeps_the_end_of_a_regular_expression() -> None:
    assert "-m tests.engine --only '^dev$'" in make("--dry-run", "engine", "ARGS=--only '^dev$'").stdout
