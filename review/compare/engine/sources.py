"""Whether two versions of a program are written alike, so that what neither knows is what it was."""

import filecmp
import os
from pathlib import Path
from typing import Final

from .side import Evaluated

_PACKAGES: Final = ("node_modules", "venv", "site-packages", "__pycache__")


def alike(before: Evaluated, after: Evaluated) -> bool:
    """Whether config and files are the same; files of one side alone are what a build made, or are named in others."""
    one, other = (_whole(each) for each in (before, after))
    places = {each.program.resolve().relative_to(root) for each, root in ((before, one), (after, other))}
    return before.graph.config == after.graph.config and len(places) == 1 and (one == other or _same(one, other))


def _whole(side: Evaluated) -> Path:
    """The repository of a program, from which it may import; its own folder if it is in none."""
    program = side.program.resolve()
    return min((root for root in side.graph.roots or () if program.is_relative_to(root)), default=program)


def _same(one: Path, other: Path) -> bool:
    for above, folders, names in os.walk(one):
        folders[:] = [each for each in folders if each not in _PACKAGES and not each.startswith(".")]
        files = ((Path(above, name), other / Path(above, name).relative_to(one)) for name in names)
        if not all(filecmp.cmp(*pair, shallow=False) for pair in files if all(file.is_file() for file in pair)):
            return False
    return True
