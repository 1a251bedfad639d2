"""Streams through the gateway, the pytest fixture, and recipes of the cookbook."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from review.local_gateway.pytest_fixture import serve_stack as serve_stack
from review.local_gateway.testing import Served
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import PROGRAM, graph_of
from review.tests.local_gateway.calling import stack
from review.tests.local_gateway.conftest import Backend, listening

_SECONDS = 120


def test_a_stream_arrives_as_it_comes() -> None:
    """The backend sends the second part only after the first one is here."""
    arrived = threading.Event()

    class Slow(Backend):
        framing = ("Transfer-Encoding", "chunked")

        def body(self) -> None:
            self.wfile.write(b"3\r\none\r\n")
            # A health check does not wait, and without a stream the wait has to end as well.
            second = b"two" if self.command == "GET" or arrived.wait(_SECONDS / 10) else b"old"
            self.wfile.write(b"3\r\n" + second + b"\r\n0\r\n\r\n")

    graph, body = graph_of("examples/streaming.yaml"), b""
    with listening(Slow) as port, stack(graph, backends=[f"http://127.0.0.1:{port}"]) as served:
        line = next(served.routes())
        with httpx.stream("POST", line.url, headers=line.headers, timeout=_SECONDS) as answer:
            for part in answer.iter_raw():
                body += part
                arrived.set()
    assert body == b"onetwo"


def test_a_stream_that_the_backend_cuts_is_named(caplog: pytest.LogCaptureFixture) -> None:
    class Cut(Backend):
        framing = ("Content-Length", "50")

    graph = graph_of("examples/http-cloudmap-fargate.yaml")
    with listening(Cut) as port, stack(graph, backends=[f"http://127.0.0.1:{port}"]) as served:
        (gateway,) = served.stack.gateways
        gateway.api.routes = tuple(replace(route, authorizer=None, streams=True) for route in gateway.api.routes)
        with pytest.raises(httpx.RemoteProtocolError):
            plain_http.get(next(served.routes()).url)
        assert "cut its answer" in served.traces[-1].note
    assert "Traceback" not in caplog.text


@pytest.fixture
def ended() -> Iterator[list[str]]:
    """Addresses that must be closed once the fixtures made after this one are gone."""
    urls: list[str] = []
    yield urls
    for url in urls:
        with pytest.raises(httpx.ConnectError):
            plain_http.get(url)


@pytest.mark.slow
def test_a_stack_of_the_fixture_answers_until_the_test_ends(
    ended: list[str], serve_stack: Callable[..., Served]
) -> None:
    served = serve_stack("examples/greeter-in-the-open.yaml", project=PROGRAM)
    ended.append(served.url())
    route = next(served.routes())
    assert plain_http.get(route.url, headers=route.headers).status_code == 200
