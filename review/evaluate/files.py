"""Files that a program names as code or content: the review reads them, so it must not read others for the program."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final


@dataclass
class Files:
    """Files of one run."""

    base: str = ""
    """The folder that relative paths start from. Defaults to the working directory."""
    roots: Sequence[Path] | None = None
    """Folders, without links in their paths, that the review reads for the program. If omitted, it reads all files."""
    refused: set[str] = field(default_factory=set)
    """Paths that are not read."""

    def may_read(self, name: str) -> bool:
        """Whether a path and each link below it stay in the roots, and the path is no pipe, socket or device."""
        if self.roots is None:
            return True
        path = Path(self.base, name)
        readable = path.is_dir() or path.is_file() or not path.exists()
        if readable and not any(outside(one, self.roots) for one in (path, *_links(path))):
            return True
        self.refused.add(name)
        return False


FILES: Final[ContextVar[Files]] = ContextVar("FILES", default=Files())  # noqa: B039 # without roots it keeps nothing
"""Those of the run whose request this thread answers."""


def outside(path: Path, roots: Iterable[Path]) -> bool:
    """Whether a path leads out of the roots."""
    try:
        whole = path.resolve()
    except (OSError, RuntimeError):  # a circle of links
        return True
    return not any(whole.is_relative_to(root) for root in roots)


def close(folder: Path, roots: Sequence[Path]) -> None:
    """Remove links that lead out of the roots, pipes, sockets and devices from a folder that a program wrote into."""
    for path in list(_below(folder)):
        mode = path.lstat().st_mode
        if outside(path, roots) if stat.S_ISLNK(mode) else not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            path.unlink()


def _links(folder: Path) -> Iterator[Path]:
    return (path for path in _below(folder) if path.is_symlink())


def _below(folder: Path) -> Iterator[Path]:
    for above, folders, names in os.walk(folder):
        yield from (Path(above, name) for name in (*folders, *names))
