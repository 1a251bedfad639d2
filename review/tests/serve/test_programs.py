"""Programs that are not ours: APIs of separate resources, functions that authorize, Node.js, a backend of one's own."""

import threading
from dataclasses import replace

import httpx
import pytest

from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_of
from review.tests.serve.conftest import Backend, listening


def test_a_stream_arrives_as_it_comes() -> None:
    """The backend sends the second part only after the first one is here."""
    arrived = threading.Event()

    class Slow(Backend):
        framing = ("Transfer-Encoding", "chunked")

        def body(self) -> None:
            self.wfile.write(b"3\r\none\r\n")
            # A health check does not wait, and without a stream the wait has to end as well.
            second = b"two" if self.command == "GET" or arrived.wait(5) else b"old"
            self.wfile.write(b"3\r\n" + second + b"\r\n0\r\n\r\n")

    with listening(Slow) as port:
        options = Options(backends=[f"http://127.0.0.1:{port}"])
        with serving(graph_of("examples/streaming.yaml"), options) as stack:
            line = next(stack.routes())
            body = b""
            with httpx.stream("POST", line.url, headers=line.headers, timeout=30) as answer:
                for part in answer.iter_raw():
                    body += part
                    arrived.set()
    assert body == b"onetwo"


def test_a_stream_that_the_backend_cuts_is_named(caplog: pytest.LogCaptureFixture) -> None:
    class Cut(Backend):
        framing = ("Content-Length", "50")

    graph = graph_of("examples/http-cloudmap-fargate.yaml")
    with listening(Cut) as port, serving(graph, Options(backends=[f"http://127.0.0.1:{port}"])) as stack:
        (gateway,) = stack.stack.gateways
        gateway.api.routes = tuple(
            replace(route, authorizer=None, integration=replace(route.integration, streams=True))
            for route in gateway.api.routes
        )
        with pytest.raises(httpx.RemoteProtocolError):
            plain_http.get(next(stack.routes()).url)
        assert "cut its answer" in stack.traces[-1].note
    assert "Traceback" not in caplog.text
