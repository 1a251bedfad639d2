"""Whether two versions of a program are written alike, so that what neither knows is what it was."""

import filecmp
import os
from pathlib import Path

from ...evaluate.other_stacks import own_folders
from .side import Evaluated


def alike(before: Evaluated, after: Evaluated) -> bool:
    """Whether config and files are the same. A file of one side only is made by a build, or another one names it."""
    one, other = (_whole(each) for each in (before, after))
    places = {each.program.resolve().relative_to(root) for each, root in ((before, one), (after, other))}
    return before.graph.config == after.graph.config and len(places) == 1 and (one == other or _same(one, other))


def _whole(side: Evaluated) -> Path:
    """The repository of a program, from which it may import; its own folder if it is in none."""
    program = side.program.resolve()
    return min((root for root in side.graph.roots or () if program.is_relative_to(root)), default=program)


def _same(path: Path, other: Path) -> bool:
    for above, folders, names in os.walk(path):
        folders[:] = own_folders(folders)
        here, there = Path(above), other / Path(above).relative_to(path)
        if any(_link(here / name) != _link(there / name) for name in (*folders, *names) if (there / name).exists()):
            return False
        mine, theirs = _files(here), _files(there)
        # Of a kind that the program has in this folder, one more may be read by a pattern, or hide a package.
        kinds = {Path(name).suffix for name in mine & theirs} - {""}
        if kinds & {Path(name).suffix for name in mine ^ theirs}:
            return False
        _, differing, unread = filecmp.cmpfiles(here, there, mine & theirs, shallow=False)
        if differing or unread:
            return False
    return True


def _link(path: Path) -> Path | None:
    return path.readlink() if path.is_symlink() else None


def _files(folder: Path) -> set[str]:
    """Names of regular files, without those of other stacks, whose config is compared by itself, and Git's own."""
    files = (file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else ()
    return {file.name for file in files if file.name != ".git" and not file.match("Pulumi.*.y*ml")}
