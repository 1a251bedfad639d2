"""AWS's API on 127.0.0.1: moto's server, with what the provider needs and moto lacks.

`python -m tests.engine.emulator` prints its address, and serves until its parent ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast
from urllib.parse import urlsplit

from .cli import ROOT
from .processes import PROCESSES

HOST: Final = "127.0.0.1"
COMMAND: Final = (sys.executable, "-m", "tests.engine.emulator")
_LOOK_SECONDS: Final = 2


def serve() -> None:
    """Serve on a free port until the parent process ends."""
    # Only where it is installed: the module is imported by tests that start no emulator.
    os.environ["MOTO_ACM_VALIDATION_WAIT"] = "1"
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    from . import corrections, existing_resources
    from .cbor_bridge import CborBridge
    from .repeated import Repeated

    threading.Thread(target=_end_with, args=[os.getppid()], daemon=True).start()
    corrections.apply_corrections()
    existing_resources.create_existing_resources()
    application = Repeated(CborBridge(DomainDispatcherApplication(create_backend_app)))
    server = make_server(HOST, 0, application, threaded=True)
    sys.stdout.write(f"http://{HOST}:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _end_with(parent: int) -> None:
    """End this process once its parent is gone: a run that is killed sends no signal."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(0)


@contextmanager
def emulator(command: Sequence[str], log: Path) -> Iterator[str]:
    """The address of an emulator, for as long as the context lasts. Its command prints the address as its first line.

    Raises RuntimeError if it ends before it prints an address of this machine.
    """
    with (
        log.open("wb") as errors,
        PROCESSES.started(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        address = str(cast(IO[str], process.stdout).readline()).strip()
        if urlsplit(address).hostname != HOST:
            raise RuntimeError(f"{' '.join(command)} prints no address of {HOST}: {address or log.read_text()[-500:]}")
        yield address


if __name__ == "__main__":
    serve()
