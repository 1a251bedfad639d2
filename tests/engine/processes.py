"""Processes that a run starts. They end with it, also if the run is interrupted or terminated."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

_PATIENCE_SECONDS: Final = 15


class EndedError(BaseException):
    """The run is ending and starts nothing more. No fault of a case, so `except Exception` does not catch it."""


class Processes:
    """Starts processes, each in a session of its own, and ends them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[Any]] = set()
        self._ending = False

    @contextmanager
    def started(self, command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
        """A process for as long as the context lasts. Raises EndedError once the run is ending."""
        with self._lock:
            if self._ending:
                raise EndedError
            process = subprocess.Popen(command, start_new_session=True, **options)
            self._running.add(process)
        try:
            with process:
                try:
                    yield process
                finally:
                    stop(process)
        finally:
            with self._lock:
                self._running.discard(process)
        if self._ending:
            raise EndedError

    def end(self) -> None:
        """End all processes, and start no more."""
        with self._lock:
            self._ending = True
            running = list(self._running)
        for process in running:
            stop(process)


def stop(process: subprocess.Popen[Any]) -> None:
    """Interrupt a process as ctrl-C does. If it does not end, kill it and the processes that it started."""
    if process.poll() is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


PROCESSES: Final = Processes()
"""Those of this run."""
