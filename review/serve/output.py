"""What a function's process writes, shown line by line."""

from asyncio.subprocess import Process
from typing import Final

from .request import Say

_CHUNK: Final = 65_536
_MOST: Final = 1 << 20
"""Bytes that are shown of a start and of a call."""
_LONGEST_LINE: Final = 1_048_576
"""Longer ones are cut: a function that writes no end of a line is no reason to keep all of it."""


class Output:
    def __init__(self, name: str, say: Say) -> None:
        self._name, self._say = name, say
        self.last, self._room = "", _MOST

    def begin(self) -> None:
        """Another call has room for as much."""
        self._room = _MOST

    async def show(self, process: Process) -> None:
        assert process.stdout is not None
        rest = b""
        # The stream's own lines end at 64 KB, with an error.
        while data := await process.stdout.read(_CHUNK):
            if self._room < 0:  # what nobody is shown is read, so that the process goes on
                rest = b""
                continue
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._show(line)
            if len(rest) >= _LONGEST_LINE:
                self._show(rest)
                rest = b""
        if rest:
            self._show(rest)

    def _show(self, line: bytes) -> None:
        size = len(self._name) + len(line) + 3
        self._room -= size
        if self._room < 0:
            if self._room + size >= 0:
                self._say(f"{self._name}: it writes more than {_MOST >> 20} MB: no more is shown of this call")
            return
        # Clients of Lambda write the line ends of a traceback so. A line without the name could begin with another.
        for part in line.decode(errors="replace").rstrip().split("\r"):
            self.last = part
            self._say(f"{self._name}: {part}")
