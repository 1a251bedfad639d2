"""Builds the two wheels of a clone, for projects that cannot install them from a repository."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_LEFT_OUT: Final = shutil.ignore_patterns("__pycache__", ".venv", ".*_cache", "node_modules", "build", "dist", "tests")
_VERSION: Final = re.compile(r'^VERSION = ".*"$', re.MULTILINE)
_PARTS: Final = ("components", "docs", "handlers", "review", "template", "pyproject.toml", "LICENSE", "README.md")


class BuildError(Exception):
    """A reason why no wheel was built."""


def build_wheels(clone: Path, version: str, folder: Path) -> Mapping[str, bytes]:
    """The wheels of `gatehouse` and `gatehouse-review` by their file names, with this version in them.

    pip and uv take two wheels of one version for the same, so the version names the commit. The files are copied into
    `folder` to write it. The same files give the same bytes. Raises BuildError.
    """
    copy = folder / "clone"
    copy.mkdir()
    for name in _PARTS:
        if (clone / name).is_dir():
            shutil.copytree(clone / name, copy / name, symlinks=True, ignore=_LEFT_OUT)
        else:
            shutil.copy2(clone / name, copy / name)
    file = copy / "components" / "facts" / "version.py"
    file.write_text(_VERSION.sub(f'VERSION = "{version}"', file.read_text(encoding="utf-8")), encoding="utf-8")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist")]
    for distribution in (copy, copy / "review"):
        done = subprocess.run(command, cwd=distribution, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["hatchling printed nothing"])[-1]
            raise BuildError(f"the wheels of {clone} cannot be built: {reason}")
    return {path.name: path.read_bytes() for path in sorted((folder / "dist").glob("*.whl"))}
