"""AWS's API on 127.0.0.1: moto's server, with what the provider needs and moto lacks.

`python -m tests.engine.emulator 3` serves on the listening socket of file descriptor 3.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from .cli import ROOT
from .processes import PROCESSES

HOST: Final = "127.0.0.1"
_PATIENCE_SECONDS: Final = 60
_LOOK_SECONDS: Final = 2


def serve(descriptor: int) -> None:
    """Serve on a socket that listens already, until ended."""
    # Only where it is installed: the module is imported by tests that start no emulator.
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "1"
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    from . import existing_resources, mends
    from .cbor_bridge import CborBridge
    from .repeated import Repeated

    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    mends.mend()
    existing_resources.furnish()
    application = Repeated(CborBridge(DomainDispatcherApplication(create_backend_app)))
    make_server(HOST, 0, application, threaded=True, fd=descriptor).serve_forever()


def _end_with(parent: int) -> None:
    """End this process once its parent is gone: a run that is killed sends no signal."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(0)


@contextmanager
def emulator(log: Path) -> Iterator[str]:
    """The address of an emulator, for as long as the context lasts.

    It inherits a socket that listens already, so that no other process can take its port.
    """
    with socket.create_server((HOST, 0)) as listening, log.open("wb") as lines:
        address = f"http://{HOST}:{listening.getsockname()[1]}"
        descriptor = listening.fileno()
        with PROCESSES.started(
            [sys.executable, "-m", "tests.engine.emulator", str(descriptor)],
            cwd=ROOT,
            stdout=lines,
            stderr=subprocess.STDOUT,
            pass_fds=[descriptor],
        ) as process:
            _wait(address, process)
            yield address


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(_PATIENCE_SECONDS * 10):
        try:
            urllib.request.urlopen(f"{address}/moto-api/", timeout=5).close()
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                raise RuntimeError("the emulator ended before it answered") from None
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the emulator does not answer")


def request(address: str, path: str, method: str = "GET") -> Any:
    """What moto's own pages answer."""
    import json

    with urllib.request.urlopen(urllib.request.Request(f"{address}{path}", method=method), timeout=60) as answer:
        return json.load(answer)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
