"""`pulumi-resource-aws` for planted graphs: takes any inputs and answers as the review's mocks do.

The real provider would refuse the graphs, which have only what a rule reads.
"""

from __future__ import annotations

import threading
from typing import Any, Final

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from review.evaluate.mocks.location import Location
from review.evaluate.mocks.resources import Resources
from review.tests.graph_builder import ACCOUNT, REGION
from tests.engine.aws_plugin.wire import message, opened, plain
from tests.engine.serving import Plugin, serve

_THREADS: Final = 16


class Servicer(Plugin):
    """Creates, and nothing else."""

    def __init__(self) -> None:
        self._answers = Resources(Location(REGION, ACCOUNT, "aws"))
        self._lock = threading.Lock()

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Create(self, request: Any, context: Any) -> Any:
        inputs = plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=message(inputs))
        token, name = request.urn.split("::")[2].rpartition("$")[2], request.urn.split("::", 3)[3]
        with self._lock:
            outputs = self._answers.answer(f"{token}::{name}", token, name, opened(inputs), REGION)
        return provider_pb2.CreateResponse(
            id=str(outputs.get("id") or name), properties=message({**_whole(outputs), **inputs})
        )

    def Delete(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


def _whole(outputs: Any) -> dict[str, Any]:
    """The outputs as plain values: the mocks mark what is secret in their own way."""
    return {key: getattr(value, "value", value) for key, value in outputs.items()}


if __name__ == "__main__":
    serve(Servicer(), _THREADS)
