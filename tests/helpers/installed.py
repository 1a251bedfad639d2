"""The two packages as pip installs them, in a folder of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.stacks import ROOT


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `gatehouse` and `gatehouse_review` in it, and nothing else of ours."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(ROOT), str(ROOT / "review")], check=True, capture_output=True)
    return target
