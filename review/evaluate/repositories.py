"""The Git repository that a folder is in."""

from collections.abc import Iterator
from pathlib import Path


def repository(folder: Path) -> Path:
    """The Git checkout that a folder is in; the folder if it is in none."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)


def repositories(folder: Path) -> Iterator[Path]:
    """A folder, and the Git checkout that it is in."""
    yield folder
    top = repository(folder.absolute())
    if (top / ".git").exists():
        yield top
