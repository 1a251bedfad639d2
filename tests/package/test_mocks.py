"""The mocks that the package ships for other people's unit tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]


def test_every_component_runs_on_them(installed: Path, tmp_path: Path) -> None:
    """In a process of its own, as a user of the installed package tests."""
    shutil.copy(Path(__file__).with_name("mocked.py"), tmp_path / "test_mocked.py")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_mocked.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
