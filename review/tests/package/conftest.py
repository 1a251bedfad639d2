"""The package as pip installs it."""

import subprocess
import sys
from pathlib import Path

import pytest

REVIEW = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `gatehouse_review` in it, and nothing else of ours."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(REVIEW)], check=True, capture_output=True)
    return target
