"""Streams through the gateway, the pytest fixture, and recipes of the cookbook."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest

from review.local_gateway.pytest_fixture import serve_stack as serve_stack
from review.local_gateway.testing import Served
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import PROGRAM, graph_of
from review.tests.local_gateway.calling import signature, stack
from review.tests.local_gateway.conftest import Backend, Shared, listening

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


def called(shared: Shared, example: str, method: str, path: str, *, known: bool = True) -> tuple[int, str]:
    """The answer to a call as a caller who is meant sends it, or as anybody does."""
    routes = {f"{line.method} {line.path}": line for line in shared(f"examples/{example}.yaml").routes()}
    route = routes.get(f"{method} {path}") or routes[f"ANY {path}"]
    host = {name: value for name, value in route.headers.items() if name.lower() == "host"}
    signed = signature(method, route.url, route.signed, host=next(iter(host.values()), "")) if route.signed else {}
    role = {"X-Gatehouse-Principal": "arn:aws:iam::123456789012:role/nightly"} if route.signed else {}
    answer = plain_http.request(method, route.url, headers={**signed, **role, **route.headers} if known else host)
    return answer.status_code, answer.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("example", "method", "path", "refused"),
    [
        pytest.param(*case, marks=pytest.mark.xdist_group(f"examples/{case[0]}.yaml"))
        for case in (
            ("instead-of-public-balancer", "GET", "/", 401),
            ("scheduled", "POST", "/jobs/nightly", 403),
            ("webhook-second-sender", "POST", "/stripe", 401),
            ("two-regions", "GET", "/orders", 403),
            ("functions", "GET", "/orders", 403),
            ("own-login", "GET", "/", 200),  # The backend decides.
        )
    ],
)
def test_only_the_meant_caller_of_a_recipe_passes(
    shared: Shared, example: str, method: str, path: str, refused: int
) -> None:
    status, answer = called(shared, example, method, path)
    assert (status, called(shared, example, method, path, known=False)[0]) == (200, refused)
    if example == "functions":
        # Functions have their environment.
        assert json.loads(answer)["secret"] == "orders-db-AbCdEf"
