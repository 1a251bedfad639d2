"""`pulumi-resource-aws`: prints its port and serves until the engine ends it."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Final

from ..serving import serving
from .servicer import AwsServicer
from .terraform_provider import running

BINARY: Final = "GATEHOUSE_TERRAFORM_PROVIDER_AWS"
ENDPOINT: Final = "GATEHOUSE_ENGINE_ENDPOINT"
FOLDER: Final = "GATEHOUSE_ENGINE_FOLDER"
_THREADS: Final = 96
_LOOK_SECONDS: Final = 2


def main() -> None:
    """Serve."""
    folder = Path(os.environ[FOLDER])
    engine = os.getppid()
    stopped = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda number, frame: stopped.set())
    with (
        running(Path(os.environ[BINARY]), folder / f"provider-{os.getpid()}.log") as provider,
        serving(AwsServicer(provider, os.environ[ENDPOINT], folder), _THREADS),
    ):
        # An engine that is killed sends no signal: its plugin has another parent then.
        while not stopped.wait(_LOOK_SECONDS) and os.getppid() == engine:
            pass


if __name__ == "__main__":
    main()
