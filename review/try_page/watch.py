"""Files of a project, and of its functions' code, whose change is a reason to evaluate again."""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ..aws.catalog import types
from ..graph import Asset, Graph, reveal

_SECONDS: Final = 0.5
_WATCHED: Final = (".py", ".yaml", ".yml", ".json")
"""Files of the project. Of a function's folder every file counts."""
_UNWATCHED: Final = ("__pycache__", "node_modules")


class Watch:
    """Changes of files below a project's root. Without `enabled`, no file is looked at."""

    def __init__(self, root: Path, *, enabled: bool) -> None:
        self._root, self._enabled = root, enabled
        self._folders: list[Path] = []
        """Folders and files of the functions' code."""
        # Before the evaluation, which may read a file before it changes.
        self._seen = self._read_times()

    async def wait_for_change(self, stopped: asyncio.Event) -> bool:
        """Wait until a file of the project differs. False if the command is stopped before."""
        seconds = _SECONDS if self._enabled else None
        while not stopped.is_set():
            before, self._seen = self._seen, self._read_times()
            if self._seen != before:
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), seconds)
        return False

    def take(self, graph: Graph) -> None:
        """Watch every file of the functions' code from now on, and of the folders that single files are in."""
        before, root = self._folders, self._root
        codes = [reveal(function.inputs.get("code")) for function in graph.list_by_type(*types.FUNCTION)]
        named = {path for code in codes for path in _list_places(code)}
        inner = {path if path.is_dir() or root.is_relative_to(path.parent) else path.parent for path in named}
        self._folders = sorted(path for path in inner if path.exists())
        if self._folders != before:
            self._seen = {**self._read_times(), **self._seen}

    def _read_times(self) -> dict[Path, float]:
        """When each file was written whose change is a reason to evaluate again. Empty without --watch."""
        times: dict[Path, float] = {}
        if not self._enabled:
            return times
        for root in (self._root, *self._folders):
            for folder, below, names in os.walk(root) if root.is_dir() else [(str(root.parent), [], [root.name])]:
                hidden = root == self._root
                below[:] = [name for name in below if name not in _UNWATCHED and not (hidden and name.startswith("."))]
                names = [name for name in names if not hidden or name.endswith(_WATCHED)]
                for path in (Path(folder, name) for name in names):
                    # Editors keep files that vanish, and links that lead nowhere.
                    with contextlib.suppress(OSError):
                        times[path] = path.stat().st_mtime
        return times


def _list_places(code: Any) -> Iterator[Path]:
    """The folders and files that an archive is made of, without those that the program builds."""
    if isinstance(code, Asset):
        if code.path:
            yield Path(code.base, code.path)
        for member in code.members.values():
            yield from _list_places(member)
