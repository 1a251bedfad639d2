"""Stacks that the tests of one process call together."""

import functools
import http.server
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from review.graph import Asset, Resource
from review.local_gateway.apis import Authorizer, list_served_apis
from review.local_gateway.call import Call
from review.local_gateway.environment import Environment
from review.local_gateway.functions import Function
from review.local_gateway.request import Request
from review.local_gateway.stack import Options, Stack
from review.local_gateway.testing import Served, serve_graph
from review.reach.statements import Statements
from review.tests.helpers.stacks import graph_of

ACCOUNT = "123456789012"
Shared = Callable[[str], Served]
Stops = TypeVar("Stops", Function, Environment, Stack)


_running = ExitStack()
_serving = functools.cache(lambda name: _running.enter_context(serve_graph(graph_of(name), Options())))


@pytest.fixture(scope="session")
def shared() -> Shared:
    """`shared("prod")` serves a stack of the project for all tests here. Tests that change one serve their own."""
    return _serving


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Stop them after the last of these tests: what keeps their functions measures each of them every second."""
    if nextitem is None or "/local_gateway/" not in nextitem.nodeid:
        _running.close()
        _serving.cache_clear()


def call_of(request: Request, authorizer: Authorizer | None = None, *, rest: bool = False, **given: Any) -> Call:
    """A call of a route with this authorizer."""
    graph = graph_of("examples/open-proxy.yaml" if rest else "examples/jwt-http.yaml")
    (api,) = list_served_apis(Statements(graph), lambda *_: [])
    return Call(request, api, replace(api.routes[0], authorizer=authorizer, **given), {}, "/", ACCOUNT)


def function_of(code: str, runtime: str = "python3.13", **members: Asset) -> Resource:
    archive = Asset(members={"main.py": Asset(text=code), **members})
    inputs: dict[str, Any] = {"code": archive, "runtime": runtime, "handler": "main.handler", "timeout": 60}
    kind = "aws:lambda/function:Function"
    return Resource(urn="u", type=kind, name="f", parent=None, custom=True, remote=False, inputs=inputs, state={})


@asynccontextmanager
async def stopped(served: Stops) -> AsyncIterator[Stops]:
    """Stops what a test calls when the block is over."""
    try:
        yield served
    finally:
        await served.stop()


class Backend(http.server.BaseHTTPRequestHandler):
    """A backend of one's own: `body` writes what follows the head, to any request."""

    protocol_version = "HTTP/1.1"
    framing = ("Content-Length", "4")

    def body(self) -> None:
        self.wfile.write(b"mine")

    def handle_one(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header(*self.framing)
        self.send_header("Connection", "close")
        self.end_headers()
        self.body()

    do_GET = do_POST = handle_one  # noqa: N815 # the library's names

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def listening(kind: type[Backend], port: int = 0) -> Iterator[int]:
    """The port of a backend that answers while the block runs."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), kind) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
