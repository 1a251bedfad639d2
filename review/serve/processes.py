"""What Linux shows of a process and of those below it."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

_SEARCH_SECONDS: Final = 1
"""For the process that has a connection."""


def holds(process: int, inode: int) -> bool:
    """Whether one of them has a socket. True where they do not show theirs to this process."""
    hidden, until = not any(Path("/proc/self/task").glob("*/children")), time.monotonic() + _SEARCH_SECONDS
    for descendant in _descendants(process):
        try:
            links = [*Path(f"/proc/{descendant}/fd").iterdir()]
        except OSError as error:
            hidden |= isinstance(error, PermissionError)
            continue
        for link in links:
            if time.monotonic() > until:
                return False
            with suppress(OSError):  # it may be closed meanwhile
                if link.readlink().name == f"socket:[{inode}]":
                    return True
    return hidden


def peak_megabytes(process: int) -> float:
    """The most memory that one of them has had. 0 where the system does not show it."""
    lines = ["0"]
    for descendant in (process, *_descendants(process)):
        with suppress(OSError):
            lines += re.findall(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{descendant}/status").read_text(), re.MULTILINE)
    return max(map(int, lines)) / 1024


def _descendants(process: int) -> Iterator[int]:
    """The running processes that a process started, by itself or through others. None where the system hides them."""
    with suppress(OSError):
        for file in Path(f"/proc/{process}/task").glob("*/children"):
            for child in map(int, file.read_text().split()):
                yield child
                yield from _descendants(child)
