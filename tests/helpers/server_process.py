"""A server in a process of its own, on a free port of 127.0.0.1."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

_PATIENCE_SECONDS: Final = 120
_ATTEMPTS: Final = 3


@contextmanager
def server_process(
    command: Callable[[int], Sequence[str]], **options: Any
) -> Iterator[tuple[int, subprocess.Popen[Any]]]:
    """The server's port and process while the block runs. `command` takes the port, `options` are those of Popen.

    Raises RuntimeError if the process does not listen in time. Another program may take a port that was free before the
    server does: then the server ends, and is started again on another one.
    """
    for _ in range(_ATTEMPTS):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with subprocess.Popen(command(port), **options) as process:
            try:
                if _listens_in_time(port, process):
                    yield port, process
                    return
            finally:
                process.kill()
    raise RuntimeError(f"{command(0)} does not listen")


def _listens_in_time(port: int, process: subprocess.Popen[Any]) -> bool:
    until = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < until:
        if _listens(port):
            # Not another program's port, on which this one could not listen.
            return process.poll() is None
        time.sleep(0.05)
    return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
