"""Whether two versions of a program are written alike, so that what neither knows is what it was."""

import filecmp
import os
from collections.abc import Iterator
from pathlib import Path

from ...evaluate.project_file import own_folders
from .side import Evaluated


def alike(before: Evaluated, after: Evaluated) -> bool:
    """Whether config and files are the same. A file of one side only is made by a build, or another one names it."""
    mine, other = (_whole(evaluated) for evaluated in (before, after))
    places = {evaluated.program.resolve().relative_to(root) for evaluated, root in ((before, mine), (after, other))}
    return before.graph.config == after.graph.config and len(places) == 1 and (mine == other or _same(mine, other))


def _whole(side: Evaluated) -> Path:
    """The repository of a program, from which it may import; its own folder if it is in none."""
    program = side.program.resolve()
    return min((root for root in side.graph.roots or () if program.is_relative_to(root)), default=program)


def _same(path: Path, other: Path) -> bool:
    mine, theirs = ({*_contents(folder)} for folder in (path, other))
    both = mine & theirs
    files = {name for name in both if (path / name).is_file() and (other / name).is_file()}
    _, differing, unread = filecmp.cmpfiles(path, other, files, shallow=False)
    # Of a kind that the program has in a folder, one more may be read by a pattern, or hide a package.
    kinds = {(name.parent, name.suffix) for name in files if name.suffix}
    more = kinds & {(name.parent, name.suffix) for name in mine ^ theirs}
    return not (differing or unread or more) and all(_link(path / name) == _link(other / name) for name in both)


def _contents(folder: Path) -> Iterator[Path]:
    """Files and folders, without those of other stacks, whose config is compared by itself, and Git's own."""
    for above, folders, names in os.walk(folder):
        folders[:] = own_folders(folders)
        files = (name for name in names if name != ".git" and not Path(name).match("Pulumi.*.y*ml"))
        yield from (Path(above, name).relative_to(folder) for name in (*folders, *files))


def _link(path: Path) -> Path | None:
    return path.readlink() if path.is_symlink() else None
