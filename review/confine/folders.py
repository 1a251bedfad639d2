"""Folders that a confined program keeps: its repository, its Python and the review. All others of the home are hidden.

The environment is only read here. What it names is kept only if it is a Python, or the source of a Python package:
an environment that someone committed must not show other folders of the home.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

_REVIEW: Final = Path(__file__).resolve().parents[2]
_PACKAGE_FILES: Final = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True)
class Folders:
    """Folders that stay in sight. All but `writable` are read-only, also inside a writable folder."""

    writable: Sequence[str] = field(default_factory=list)
    read_only: Sequence[str] = field(default_factory=list)


def kept(projects: Iterable[Path], python: str = "", shared: Iterable[Path] = ()) -> Folders:
    """For programs of these projects, run by the Python of another environment, or by this one.

    `shared` are more folders that the program's process may write into.
    """
    repositories = [each for project in projects for each in _repositories(project)]
    environment = _environment(python) if python else _own()
    writable = [one for one in repositories if one.name != ".git"]
    # Python, the review and Git's own files run on this machine later, unconfined.
    marks = [mark for one in writable if (mark := one / ".git").exists()]
    read_only = [
        *(one for one in repositories if one.name == ".git"),
        *marks,
        *environment,
        _REVIEW / "review",
        _REVIEW / "facts",
    ]
    read_only += [_REVIEW, *_commands()] if _REVIEW not in _named(writable) else _commands()
    return Folders(sorted(map(str, _named([*writable, *shared]))), sorted(map(str, _named(read_only))))


def _named(folders: Iterable[Path]) -> set[Path]:
    """Folders and files that exist, under all their names."""
    return {name for one in folders if one.exists() for name in (one.absolute(), one.resolve())}


def _repositories(folder: Path) -> Iterator[Path]:
    """A folder, the Git checkout that it is in and, if that is a worktree, the Git folder that this belongs to."""
    yield folder
    for parent in (folder.absolute(), *folder.absolute().parents):
        if (mark := parent / ".git").exists():
            yield parent
            if mark.is_file():
                yield Path(mark.read_text().removeprefix("gitdir:").strip()).parents[1]
            return


def _own() -> Iterator[Path]:
    yield from map(Path, (sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)))


def _environment(python: str) -> Iterator[Path]:
    """A virtual environment, the Python that it was made of, and packages that it only refers to."""
    home = Path(python).absolute().parents[1]
    yield home
    link = Path(python).absolute()
    for _ in range(9):
        yield from (prefix for prefix in link.parents[1:2] if any(prefix.glob("lib*/python3*/os.py")))
        if not link.is_symlink():
            break
        link = link.parent / link.readlink()
    yield from (prefix for prefix in link.resolve().parents[1:2] if any(prefix.glob("lib*/python3*/os.py")))
    for packages in home.glob("lib*/python3*/site-packages"):
        yield from filter(_is_package, _referred(packages))


def _referred(packages: Path) -> Iterator[Path]:
    """Folders outside that an environment imports from: lines of .pth files, and editable installations."""
    for file in packages.glob("*.pth"):
        yield from (packages / line for line in file.read_text(errors="replace").splitlines() if line.startswith("/"))
    for file in packages.glob("*.dist-info/direct_url.json"):
        try:
            found = json.loads(file.read_text())
            yield Path(unquote(urlsplit(found["url"]).path))
        except (ValueError, KeyError, TypeError):
            continue


def _is_package(folder: Path) -> bool:
    """Whether a folder is the source of a package, or the packages of another environment."""
    if folder.match("lib*/python3*/site-packages"):
        return folder.is_dir()
    return folder.is_dir() and any((one / name).is_file() for one in (folder, folder.parent) for name in _PACKAGE_FILES)


def _commands() -> Iterator[Path]:
    """Folders of commands below /run, which some distributions have there."""
    paths = map(Path, os.environ.get("PATH", "").split(os.pathsep))
    yield from (path for path in paths if path.is_relative_to("/run"))
