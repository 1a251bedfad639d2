"""A server in a process of its own, on a free port of 127.0.0.1."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

_PATIENCE_SECONDS: Final = 60


@contextmanager
def server_process(command: Callable[[int], Sequence[str]], **options: Any) -> Iterator[str]:
    """The server's `host:port` while the block runs. `command` takes the port, `options` are those of Popen.

    Raises RuntimeError if the process ends, or does not listen in time.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen(command(port), **options) as process:
        try:
            until = time.monotonic() + _PATIENCE_SECONDS
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{command(port)} does not listen")
                time.sleep(0.05)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
