"""Can answers stream? What API Gateway refuses of routes that pass them on as they come, or answers with 500."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..aws import types
from ..aws.api import Api, Call
from ..aws.functions import WRAPPER, answers_whole
from ..facts import limits
from ..graph import Resource
from ..graph.reading import number, peek, text
from ..reach import Reach
from .registry import Severity, guide, rule

_GUIDE: Final = "apigateway/latest/developerguide"
_PROXIES: Final = ("AWS_PROXY", "HTTP_PROXY")
_STREAMED: Final = "/response-streaming-invocations"
_WHOLE: Final = "/invocations"


@rule(
    "GATE-09",
    "An answer that streams comes from where API Gateway can stream it",
    Severity.HIGH,
    on=types.REST_API,
    why="API Gateway refuses to deploy it, or answers every call with 500.",
    remedy="Stream only from proxy integrations, without cache and compression, and call functions that stream by "
    "response-streaming-invocations.",
    source=guide(_GUIDE, "response-transfer-mode"),
)
def answers_can_stream(reach: Reach, resource: Resource) -> Iterator[str]:
    api = reach.model.apis.of(resource)
    for call in api.calls:
        integration = call.integration
        uri = text(integration.uri)
        if integration.streams:
            yield from _cannot_stream(call, uri)
        elif uri.endswith(_STREAMED):
            yield f"{call.name} calls its function for a stream, and its answer is to be whole"
    if any(call.integration.streams for call in api.calls):
        yield from _needs_whole_answers(api)


def _cannot_stream(call: Call, uri: str) -> Iterator[str]:
    integration = call.integration
    if integration.kind and integration.kind not in _PROXIES:
        yield f"{call.name} streams from an integration of type {integration.kind}"
    if ":lambda:path/" in uri and uri.endswith(_WHOLE):
        yield f"{call.name} streams, and calls its function for a whole answer"
    longest = limits.STREAM_MILLISECONDS
    if (integration.timeout_milliseconds or 0) > longest:
        yield f"{call.name} streams for {integration.timeout_milliseconds:g} ms; {longest} is the most"
    function = integration.function
    if function is not None and answers_whole(function):
        runtime = text(peek(function, "runtime"))
        yield f"{call.name} streams, and {function.name} runs {runtime}, which answers whole without {WRAPPER}"


def _needs_whole_answers(api: Api) -> Iterator[str]:
    name = api.resource.name
    smallest = number(peek(api.resource, "minimumCompressionSize"))
    if smallest is not None and smallest >= 0:
        yield f"{name} compresses answers, which it cannot while they stream"
    for stage in api.stages:
        if peek(stage, "cacheClusterEnabled") is True:
            yield f"{stage.name} caches answers, which it cannot while they stream"
