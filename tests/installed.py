"""The package as pip installs it, in a folder of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stacks import ROOT


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `gatehouse` and the review in it, and nothing else of ours."""
    source = tmp_path_factory.mktemp("source")
    for folder in ("components", "facts", "handlers", "review"):
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(source)], check=True, capture_output=True)
    return target
