"""The Git repository that a folder is in."""

from collections.abc import Iterator
from pathlib import Path


def find_repository(folder: Path) -> Path:
    """The Git checkout that a folder is in; the folder if it is in none."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)


def list_repositories(folder: Path) -> Iterator[Path]:
    """A folder, and the Git checkout that it is in."""
    yield folder
    top = find_repository(folder.absolute())
    if (top / ".git").exists():
        yield top
