"""Rules of answers that are passed on as they come."""

from collections.abc import Iterator
from typing import Final

from ....facts.defaults import LAMBDA_RUNTIME
from ....facts.limits import STREAM_MILLISECONDS
from ..api import Api
from ..backend import Backend, Greeter
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake
from ..topology import Topology
from ..unknown import as_far_as_known, require_known
from .proxy import is_forwarded
from .rule import make_mistake, register

_STREAM: Final = "set streaming: true on the route if the function answers in a stream"


@register
def check_stream_end(topology: Topology, backend: Backend, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    for index, route in enumerate(api.routes):
        streams = api.kind == "rest" and api.streams(route) and route.timeout_milliseconds is None
        if streams and is_forwarded(topology, backend, ingress, route):
            yield make_mistake(
                f"api.routes[{index}].timeoutMilliseconds",
                NOTHING,
                f"the longest duration of a stream through the forwarder, at most {STREAM_MILLISECONDS}: Lambda "
                "charges while it is open",
                "add timeoutMilliseconds: 60000, or send the route through a VPC link",
            )


@register
def check_greeter_stream(backend: Backend, api: Api) -> Iterator[Mistake]:
    for index, route in enumerate(api.routes):
        if isinstance(backend, Greeter) and route.target == "backend" and api.streams(route):
            key = "api.streaming" if route.streaming is None else f"api.routes[{index}].streaming"
            yield make_mistake(
                key, True, "a backend that streams; the greeter does not", "streaming: false on its route"
            )


def _streams_from(api: Api, function: str) -> bool:
    return any(api.streams(route) for route in api.routes if route.target == function)


@register
def check_function_streams(api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html"""
    for name, function in api.functions.items():
        with as_far_as_known():
            if function.spec.lacks_streams and _streams_from(api, name):
                runtime = function.runtime or LAMBDA_RUNTIME
                allowed = "a runtime that answers in a stream: nodejs22.x with awslambda.streamifyResponse"
                remedy = "set streaming: false on its route, or another runtime"
                yield make_mistake(f"api.functions.{name}.runtime", runtime, allowed, remedy)


@register
def check_function_timeouts(api: Api) -> Iterator[Mistake]:
    longest = api.longest_wait_milliseconds // 1000
    for name, function in api.functions.items():
        with as_far_as_known():
            if require_known(function.timeout_seconds) > longest and not _streams_from(api, name):
                yield make_mistake(
                    f"api.functions.{name}.timeoutSeconds",
                    function.timeout_seconds,
                    f"at most {longest}, the API's time-out, unless the function is the target of a route that streams",
                    "lower it"
                    if api.kind == "http"
                    else "set streaming: true on the route if the function answers in a stream",
                )
