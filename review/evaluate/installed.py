"""Packages of Node.js for an older version of a repository, which has none: those that are installed today."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

PACKAGES: Final = "node_modules"


def link_installed(today: Path, older: Path) -> Iterator[Path]:
    """The folders of installed packages of the repository `today`, which the folder `older` has links to from now on.

    A package of the repository itself, as in a workspace, is the one of that version.
    """
    for folder, inner, files in os.walk(older):
        inner[:] = [name for name in inner if name not in (".git", PACKAGES)]
        here, there = Path(folder, PACKAGES), today / Path(folder, PACKAGES).relative_to(older)
        if "package.json" in files and there.resolve() == there and there.is_dir() and not os.path.lexists(here):
            _link(there, here, today, older)
            yield there


def _link(there: Path, here: Path, today: Path, older: Path) -> None:
    here.mkdir()
    for entry in (each for each in there.iterdir() if not each.name.startswith(".")):
        target = entry.resolve()
        if entry.name.startswith("@") and not entry.is_symlink():
            _link(entry, here / entry.name, today, older)
        elif target.is_relative_to(today) and PACKAGES not in target.relative_to(today).parts:
            (here / entry.name).symlink_to(older / target.relative_to(today))
        else:
            (here / entry.name).symlink_to(entry)
