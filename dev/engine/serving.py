"""How a plugin of ours is served: it prints its port, and runs until the engine ends it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from .aws_plugin.terraform_provider import LARGE_MESSAGES


@contextmanager
def serving(servicer: provider_pb2_grpc.ResourceProviderServicer, threads: int) -> Iterator[Any]:
    """The server, for as long as the block runs."""
    server = grpc.server(futures.ThreadPoolExecutor(threads), options=LARGE_MESSAGES)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    try:
        yield server
    finally:
        server.stop(None)


def serve(servicer: provider_pb2_grpc.ResourceProviderServicer, threads: int) -> None:
    """Serve until the engine ends the process."""
    with serving(servicer, threads) as server:
        server.wait_for_termination()
