"""Checks that call a stack, against a server on 127.0.0.1 in place of API Gateway. No other address is called."""

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.credentials import Credentials

from review.aws.gateway.api import Requirement
from review.aws.model.model import AwsModel
from review.graph import Graph
from review.tests.graph_builder import Builder
from review.tests.helpers.stacks import graph_of, remembered
from review.verify import calls
from review.verify.calls import Caller
from review.verify.check import Check, Status

Answer = Callable[[str, dict[str, str]], tuple[int, str]]
Serve = Callable[[Answer], str]


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1", address
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answer)` starts a server and gives its address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = answer(self.path, {key.lower(): value for key, value in self.headers.items()})
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            do_POST = do_GET  # noqa: N815 # the name that the standard library calls

            def log_message(self, *_: Any) -> None: ...

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def stack(**api: Any) -> Graph:
    route = {"path": "/orders", "methods": ["GET"]}
    plans = {"plans": {"callers": {"keys": ["first"]}}} if "keyRequired" in api else {}
    return remembered(
        {
            "topology": "public-proxy",
            "backend": {"image": "traefik/whoami:v1.11.0", "port": 80},
            "api": {"kind": "rest", "throttle": {"rate": 1, "burst": 1}, **plans, "routes": [{**route, **api}]},
        }
    )


def checked(graph: Graph, by: Caller) -> dict[str, Check]:
    """The last check of each kind of words, of the route itself."""
    checks = [*calls.checks(AwsModel(graph), by)]
    return {check.message: check for check in checks if check.about.endswith("/orders")}


def echo(wanted: str, value: str = "") -> Answer:
    """An API that wants a header, and an echo backend behind it."""

    def answer(path: str, headers: dict[str, str]) -> tuple[int, str]:
        if wanted and not headers.get(wanted, "").startswith(value or "AWS4-HMAC-SHA256 "):
            return 403, "Forbidden"
        return 200, f"Hostname: echo\nGET {path} HTTP/1.1\nHost: x\n"

    return answer


def statuses(checks: dict[str, Check]) -> dict[str, str]:
    return {message: check.status.value for message, check in checks.items()}


def test_a_route_with_a_signature(serve: Serve) -> None:
    by = Caller(credentials=Credentials("AKIDEXAMPLE", "of nobody"), url=serve(echo("authorization")))
    assert statuses(checked(stack(authorization="iam"), by)) == {
        "refuses a call without credentials (403)": "passed",
        "answers 200 with credentials": "passed",
    }


def test_a_route_with_a_key(serve: Serve) -> None:
    url = serve(echo("x-api-key", "key-of-a-test"))
    graph = stack(authorization="none", keyRequired=True)
    found = statuses(checked(graph, Caller(key="key-of-a-test", url=url)))
    assert found["answers 200 with credentials"] == "passed"
    assert statuses(checked(graph, Caller(url=url)))["not called with credentials: set API_KEY"] == "not read"


@pytest.mark.parametrize(
    ("required", "sent"), [(Requirement.JWT, "Bearer token-of-a-test"), (Requirement.COGNITO, "token-of-a-test")]
)
def test_a_route_with_a_token(required: Requirement, sent: str, serve: Serve) -> None:
    (api,) = AwsModel(graph_of("examples/jwt-http.yaml")).apis.all
    call = replace(next(call for call in api.calls if call.name == "GET /orders"), requires=frozenset({required}))
    url = serve(echo("authorization", sent))
    messages = [check.message for check in calls._Route(api, call, url, Caller(token="token-of-a-test")).checks()]
    assert messages[:2] == ["refuses a call without credentials (403)", "answers 200 with credentials"]
    (*_, last) = calls._Route(api, call, url, Caller()).checks()
    assert last.message == "not called with credentials: set TOKEN"


@pytest.mark.parametrize(("acl", "status"), [(True, "not read"), (False, "failed")])
def test_a_web_acl_may_refuse_this_caller(acl: bool, status: str, serve: Serve) -> None:
    (api,) = AwsModel(stack(authorization="none", keyRequired=True)).apis.all
    api = replace(api, acl=api.resource if acl else None)
    call = next(call for call in api.calls if call.name == "GET /orders")
    url = serve(echo("never-sent"))
    (*_, last) = calls._Route(api, call, url, Caller(key="key-of-a-test")).checks()
    assert (last.status.value, last.message.startswith("403 with credentials")) == (status, acl)


def test_a_websocket_api_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    build = Builder()
    build("apigatewayv2/api:Api", "chat", protocolType="WEBSOCKET", routeSelectionExpression="$request.body.action")
    checks = [*calls.checks(AwsModel(build.graph()), Caller(url="https://chat.invalid"))]
    assert checks == []


def test_an_open_gate_is_found(serve: Serve) -> None:
    checks = checked(stack(authorization="iam"), Caller(url=serve(echo(""))))
    assert checks["answers 200 to a call without credentials"].status is Status.FAILED


def test_a_backend_that_does_not_answer(serve: Serve) -> None:
    graph = stack(authorization="none", keyRequired=True)
    url = serve(lambda _path, headers: (502 if "x-api-key" in headers else 403, "Bad Gateway"))
    assert checked(graph, Caller(key="any", url=url))["answers 502 with credentials"].status is Status.FAILED


def test_a_method_that_changes_something_is_not_called_with_credentials(serve: Serve) -> None:
    called: list[str] = []

    def answer(path: str, headers: dict[str, str]) -> tuple[int, str]:
        called.append(headers.get("x-api-key", ""))
        return 403, ""

    found = checked(stack(methods=["POST"], authorization="none", keyRequired=True), Caller(key="k", url=serve(answer)))
    assert "POST would reach the backend" in found
    assert set(called) == {""}


def test_a_webhook_without_its_signature(serve: Serve) -> None:
    by = Caller(url=serve(echo("x-hub-signature-256")))
    checks = [*calls.checks(AwsModel(graph_of("examples/webhook.yaml")), by)]
    assert {check.message for check in checks if check.about.startswith("POST")} == {
        "refuses a call without credentials (403)"
    }


@pytest.mark.parametrize("status", [404, 429])
def test_an_answer_that_shows_no_gate_is_not_read(status: int, serve: Serve) -> None:
    checks = checked(stack(authorization="none", keyRequired=True), Caller(url=serve(lambda *_: (status, ""))))
    assert checks[f"answers {status}, so it is not known whether it requires credentials"].status is Status.NOT_READ


def test_an_address_that_was_given_is_the_only_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: set[str] = set()

    def send(_: str, url: str, *__: Any) -> tuple[int, str]:
        called.add(url)
        return 403, ""

    monkeypatch.setattr(calls, "_send", send)
    graph = graph_of("examples/fortress.yaml")
    [*calls.checks(AwsModel(graph), Caller(url="https://given.invalid"))]
    assert called
    assert all(url.startswith("https://given.invalid/") for url in called)


def test_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    checks = checked(stack(authorization="iam"), Caller(credentials=Credentials("A", "B"), url=url))
    assert [check.status.value for check in checks.values()] == ["not read", "not read"]


@pytest.fixture
def raw() -> Iterator[Callable[[Callable[[socket.socket], object]], str]]:
    """`raw(answer)` starts a server that answers each connection by a function, and gives its address."""
    servers: list[socket.socket] = []

    def start(answer: Callable[[socket.socket], object]) -> str:
        def one(accepted: socket.socket) -> None:
            with contextlib.suppress(OSError), accepted:
                accepted.recv(65_536)
                answer(accepted)

        def listen() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=one, args=listening.accept()[:1], daemon=True).start()

        listening = socket.create_server(("127.0.0.1", 0))
        servers.append(listening)
        threading.Thread(target=listen, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("answer", [b"", b"\xff\xff\r\n\r\n"])
@pytest.mark.parametrize(("certificate", "status"), [(True, Status.PASSED), (False, Status.NOT_READ)])
def test_only_mutual_tls_refuses_by_closing_the_connection(
    certificate: bool, status: Status, answer: bytes, raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls._Route, "_needs_certificate", lambda _: certificate)
    by = Caller(url=raw(lambda one: one.sendall(answer)))
    checks = [one for one in checked(stack(authorization="iam"), by).values() if "without credentials" in one.message]
    assert [check.status for check in checks] == [status], checks
