"""Files that a program names as code or content: the review reads them, so it must not read others for the program."""

import errno
import math
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from ..graph import Asset, Graph, revealed

_MOST_BYTES: Final = 1 << 30
_MOST_FILES: Final = 50_000  # both of all copies of one run
_MOST_ENTRIES: Final = 1_000_000  # of all that a run names, where each mention counts
_CHUNK: Final = 1 << 20
_DEEPEST, _LONGEST = 100, 2000  # levels of folders, and bytes of a path, in what a program wrote or names


@dataclass
class Copies:
    """Copies of files that a program makes in a layer over its repository, which is gone when the program ends."""

    folder: Path
    opened: Callable[[str], int]  # opens a changed file or folder as the program sees it. Raises OSError for any other
    too_large: set[str] = field(default_factory=set)  # paths whose content is more than a run may copy
    _bytes: int = _MOST_BYTES
    _files: int = _MOST_FILES

    def of(self, path: Path) -> str:
        """The path of a new copy, where nothing is if it is too large. Empty if the program did not change the path."""
        path = Path(os.path.normpath(path))
        try:
            number = self.opened(str(path))
        except OSError:
            return ""
        target = Path(mkdtemp(dir=self.folder), path.name)
        try:
            self._copy(number, path, target, ())
        except OverflowError:
            shutil.rmtree(target.parent, ignore_errors=True)
            self.too_large.add(str(path))
        return str(target)

    def _copy(self, number: int, path: Path, target: Path, above: tuple[tuple[int, int], ...]) -> None:
        """Copy an open file or folder, and what its links lead to, and close it. Raises OverflowError."""
        try:
            told = os.fstat(number)
            self._count(files=1)
            if len(above) > _DEEPEST:
                raise OverflowError
            if stat.S_ISREG(told.st_mode):
                with target.open("wb") as file:
                    while part := os.read(number, _CHUNK):
                        self._count(size=len(part))
                        file.write(part)
                target.chmod(told.st_mode & 0o777)
            elif stat.S_ISDIR(told.st_mode) and (own := (told.st_dev, told.st_ino)) not in above:
                target.mkdir()
                for name in os.listdir(number):
                    with suppress(OSError):  # a link that leads out
                        self._copy(self._entry(number, path / name), path / name, target / name, (*above, own))
        finally:
            os.close(number)

    def _entry(self, folder: int, path: Path) -> int:
        try:
            return os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            return self.opened(str(path))

    def _count(self, size: int = 0, files: int = 0) -> None:
        self._bytes -= size
        self._files -= files
        if self._bytes < 0 or self._files < 0:
            raise OverflowError


@dataclass
class Files:
    """Files of one run."""

    base: str = ""  # the folder that relative paths start from. Defaults to the working directory
    roots: tuple[Path, ...] | None = None
    """Folders, without links in their paths, that the review reads for the program. If omitted, it reads all files."""
    refused: set[str] = field(default_factory=set)  # paths that are not read
    copies: Copies | None = None
    _entries: dict[str, float] = field(default_factory=dict)  # how many are at a path; infinite if it is not read
    _left: float = _MOST_ENTRIES

    def copy(self, name: str) -> str:
        """The path of a copy of what only the program sees. Empty for what is on the disk."""
        return "" if self.copies is None else self.copies.of(Path(self.base, name))

    def may_read(self, name: str) -> bool:
        """Whether a path and each link below it stay in the roots, and the path is no pipe, socket or device."""
        if (roots := self.roots) is None:
            return True
        place = os.path.realpath(path := Path(self.base, name))
        if place not in self._entries:
            readable = path.is_dir() or path.is_file() or not path.exists()
            shut = [_is_shut(place, path, roots) for place in (path, *_below(path))] if readable else [True]
            self._entries[place] = math.inf if any(shut) else len(shut)
        if self._entries[place] > self._left:
            self.refused.add(name)
            return False
        self._left -= self._entries[place]
        return True


FILES: Final[ContextVar[Files]] = ContextVar("FILES", default=Files())  # noqa: B039 # without roots it keeps nothing
"""Those of the run whose request this thread answers."""


def outside(path: Path, roots: Iterable[Path]) -> bool:
    """Whether a path leads out of the roots."""
    with suppress(OSError, RuntimeError):  # a circle of links
        return not any(map(path.resolve().is_relative_to, roots))
    return True


def close(folder: Path, roots: Sequence[Path]) -> None:
    """Remove links out of the roots, pipes, sockets and devices from a folder that a program wrote into, and what is
    deeper than `_DEEPEST`: a path would be too long for it, or Python's own functions call themselves too often."""
    waiting = [folder] if folder.is_dir() and not folder.is_symlink() else []
    while waiting:
        if not os.access(inner := waiting.pop(), os.R_OK | os.W_OK | os.X_OK):
            inner.chmod(0o700)  # a program may lock its own
        for path in list(inner.iterdir()):
            mode = path.lstat().st_mode
            deep = len(path.parts) - len(folder.parts) > _DEEPEST or len(bytes(path)) > _LONGEST
            if stat.S_ISDIR(mode) and deep:
                # Of any depth, and locked ones. By the system's own: npm puts a folder of the project first on PATH.
                # What were left would be read as the program's own.
                for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
                    own = {"PATH": os.defpath}
                    subprocess.run([*command, path], env=own, capture_output=True, check=True)  # noqa: S603 # as above
            elif stat.S_ISDIR(mode):
                waiting.append(path)
            elif outside(path, roots) if stat.S_ISLNK(mode) else not stat.S_ISREG(mode):
                path.unlink()


def missing_files(graph: Graph, program: Path) -> list[str]:
    """Files and folders that inputs name and that do not exist: a build may not have run. The engine refuses them."""
    return [
        f"{resource.name}{f' ({resource.source})' if resource.source else ''}: there is no file or folder {path!r} "
        "(seen from the program's folder), so the engine will refuse it"
        for resource in graph
        for path in _paths(revealed(resource.inputs))
        if not (program / path).exists()
    ]


def _paths(value: Any) -> Iterator[str]:
    """Paths of the assets in a value, at any depth, but of those that only the program saw."""
    if isinstance(value, Asset):
        yield from [value.path] if value.path and not value.copy else []
        value = revealed(value.members)
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _paths(inner)


def _below(folder: Path) -> Iterator[Path]:
    """All in a folder, at any depth. Not by os.walk, which calls itself for each level before Python 3.12."""
    waiting = [folder]
    while waiting:
        with suppress(OSError):
            for path in waiting.pop().iterdir():
                yield path
                waiting += [path] * (path.is_dir() and not path.is_symlink())


def _is_shut(path: Path, folder: Path, roots: Iterable[Path]) -> bool:
    deep = len(path.parts) - len(folder.parts) > _DEEPEST
    return deep or ((path == folder or path.is_symlink()) and outside(path, roots))
