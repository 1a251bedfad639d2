"""Starts a command confined, and speaks with the process that keeps it. Nothing of the command runs in this process."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ..launch import CONFINED
from .keeper import Task
from .namespace import UNREADABLE, Held, set_option

LAUNCH: Final = Path(__file__).resolve().parents[1] / "launch.py"
_MOST_OUTPUT: Final = 1 << 20
_AGAIN: Final = 500  # milliseconds
_GRACE: Final = 10  # seconds after the limit in which the keeper ends all, unless a program that sees it has stopped it


class Keeper:
    """A process of our own that keeps a command: its caller then calls `started`. Its standard input takes
    `text`, and it inherits `passed`. It ends the command when `close` is called.
    """

    def __init__(self, task: Task) -> None:
        set_option(*UNREADABLE)
        reading, status = os.pipe()
        self.relay, relay = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.passed = (status, relay.detach())
        # Isolated, and without site-packages: it needs only the standard library.
        self.command = [sys.executable, "-I", "-S", str(LAUNCH), CONFINED]
        self.text = json.dumps({**task._asdict(), "status": status, "relay": self.passed[1]}).encode()
        self._status = os.fdopen(reading, "rb", buffering=0)

    def started(self) -> None:
        for number in self.passed:
            os.close(number)

    def message(self) -> dict[str, Any]:
        """The next message, for which it waits: `held` when the command begins, `ending` when it ended."""
        ready = select.poll()
        ready.register(self._status, select.POLLIN)
        # Python sees a signal that came right before a call only after it.
        while not ready.poll(_AGAIN):
            pass
        line = self._status.readline()
        return dict(json.loads(line)) if line else {}

    def go(self) -> None:
        """Start a command that waits for it."""
        with suppress(OSError):  # the process may have ended
            self.relay.send(b"!")

    def close(self) -> None:
        self._status.close()
        self.relay.close()


class Confined:
    """A confined command. `wrote` takes each line that it prints."""

    def __init__(self, task: Task, environment: Mapping[str, str], wrote: Callable[[str], None]) -> None:
        self._keeper = Keeper(task)
        self._process = subprocess.Popen(  # noqa: S603 # our own command
            self._keeper.command,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=self._keeper.passed,
            start_new_session=True,
        )
        self._keeper.started()
        self._late = threading.Timer(task.limits.seconds + _GRACE, self._process.kill)
        self._late.daemon = True
        self._late.start()
        assert self._process.stdin is not None
        self._process.stdin.write(self._keeper.text)
        self._process.stdin.close()
        self._wrote, self.dropped = wrote, 0
        self._output = threading.Thread(target=self._read, daemon=True)
        self._output.start()
        self.held, self.layered = Held.NOTHING, False
        self._lock = threading.Lock()

    def _read(self) -> None:
        """Hand the output on, up to a limit: what is more is read, so that the command can go on."""
        assert self._process.stdout is not None
        left = _MOST_OUTPUT
        while text := self._process.stdout.readline(1 << 16):
            if left > 0:
                self._wrote(text.decode(errors="replace"))
            else:
                self.dropped += len(text)
            left -= len(text)

    def connect(self, port: int) -> socket.socket:
        """A connection to a port that the command serves. Raises OSError."""
        return socket.socket(fileno=self._asked(str(port).encode()))

    def open(self, path: str) -> int:
        """A file or folder of a layer as the command sees it now. Raises OSError for one that it did not change."""
        return self._asked(os.fsencode(path))

    def _asked(self, asked: bytes) -> int:
        with self._lock:
            self._keeper.relay.send(asked)
            said, numbers, _, _ = socket.recv_fds(self._keeper.relay, 200, 1)
        if not numbers:
            raise OSError(said.decode(errors="replace") or "the program ended")
        return numbers[0]

    def wait(self) -> tuple[int, str, list[str]]:
        """The exit status, or the signal below 0; the limit that ended it; files that it wrote in a layer. After it,
        `held` is what the command was kept from, and `layered` whether its repository had a layer.
        """
        begun, last = self._keeper.message(), self._keeper.message()
        self.held, self.layered = Held(begun.get("held", 0)), bool(begun.get("layered"))
        self._process.wait()
        self._output.join(5)
        return last.get("ending", -signal.SIGKILL), last.get("reason", ""), last.get("changed", [])

    def end(self) -> None:
        """End the command, if it runs."""
        self._keeper.close()
        self._process.wait()
        self._late.cancel()
        self._output.join(5)
        assert self._process.stdout is not None
        if not self._output.is_alive():  # else it would wait for a process that outlived the keeper
            self._process.stdout.close()
