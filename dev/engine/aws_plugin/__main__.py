"""`pulumi-resource-aws`: prints its port and serves until the engine ends it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent import futures
from pathlib import Path
from typing import Final

import grpc  # type: ignore[import-untyped]  # grpcio ships no types
from pulumi.runtime.proto import provider_pb2_grpc

from .servicer import AwsServicer
from .terraform_provider import LARGE_MESSAGES, running

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
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda number, frame: stopped.set())
    with running(Path(os.environ[BINARY]), folder / f"provider-{os.getpid()}.log") as provider:
        server = grpc.server(
            futures.ThreadPoolExecutor(_THREADS),
            options=LARGE_MESSAGES,
        )
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(
            AwsServicer(provider, os.environ[ENDPOINT], folder), server
        )
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        # An engine that is killed sends no signal: its plugin has another parent then.
        while not stopped.wait(_LOOK_SECONDS) and os.getppid() == engine:
            pass
        server.stop(None)


if __name__ == "__main__":
    main()
