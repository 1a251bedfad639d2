"""Checks that call a stack, against a server on 127.0.0.1 in place of API Gateway. No other address is called."""

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.credentials import Credentials

from review.graph import Graph
from review.reach import trace
from review.tests.helpers.stacks import graph_of, remembered
from review.verify import calls
from review.verify.calls import Caller

Answer = Callable[[str, dict[str, str]], tuple[int, str]]
Serve = Callable[[Answer], str]
SIGNED = Credentials("AKIDEXAMPLE", "of nobody")
IAM: dict[str, Any] = {"authorization": "iam"}
KEY: dict[str, Any] = {"authorization": "none", "keyRequired": True}


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1", address
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(answer)` starts a server and gives its address. Without an answer it closes connections."""
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = answer(self.path, {key.lower(): value for key, value in self.headers.items()})
                if status:
                    self.send_response(status)
                    self.send_header("content-length", str(len(body)))
                    self.end_headers()
                self.wfile.write(body.encode("latin-1"))

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


def stack(given: dict[str, Any], *, protection: dict[str, Any] | None = None, **api: Any) -> Graph:
    """A REST API with a throttle, and one route that has these settings."""
    route = {"path": "/orders", "methods": ["GET"], **given}
    plans = {"plans": {"callers": {"keys": ["first"]}}} if "keyRequired" in given else {}
    return remembered(
        {
            "topology": "public-proxy",
            "protection": protection or {},
            "backend": {"image": "traefik/whoami:v1.11.0", "port": 80},
            "api": {"kind": "rest", "throttle": {"rate": 1, "burst": 1}, **plans, **api, "routes": [route]},
        }
    )


def checked(graph: Graph, by: Caller) -> dict[str, str]:
    """The status of each check of the route itself, by its message."""
    checks = [*calls.check_calls(trace(graph).statements, by)]
    return {check.message: check.status.value for check in checks if check.about.endswith("/orders")}


def echo(wanted: str, value: str = "") -> Answer:
    """An API that wants a header, and an echo backend behind it."""

    def answer(path: str, headers: dict[str, str]) -> tuple[int, str]:
        if wanted and not headers.get(wanted, "").startswith(value or "AWS4-HMAC-SHA256 "):
            return 403, "Forbidden"
        return 200, f"Hostname: echo\nGET {path} HTTP/1.1\nHost: x\n"

    return answer


REFUSES = "refuses a call without credentials (403)"


@pytest.mark.parametrize(
    ("route", "answer", "by", "found"),
    [
        (IAM, echo("authorization"), {"credentials": SIGNED},
         {REFUSES: "passed", "answers 200 with credentials": "passed"}),
        (KEY, echo("x-api-key", "k"), {"key": "k"}, {REFUSES: "passed", "answers 200 with credentials": "passed"}),
        (KEY, echo("x-api-key", "k"), {}, {REFUSES: "passed", "not called with credentials: set API_KEY": "not read"}),
        # An open gate, and a backend that does not answer.
        (IAM, echo(""), {}, {"answers 200 to a call without credentials": "failed"}),
        (KEY, lambda _, headers: (502 if "x-api-key" in headers else 403, ""), {"key": "k"},
         {"answers 502 with credentials": "failed"}),
        *((KEY, lambda *_, status=status: (status, ""), {},
           {f"answers {status}, so it is not known whether it requires credentials": "not read"})
          for status in (404, 429)),
    ],
)  # fmt: skip
def test_a_route_refuses_without_its_credentials_and_answers_with_them(
    route: dict[str, Any], answer: Answer, by: dict[str, Any], found: dict[str, str], serve: Serve
) -> None:
    assert found.items() <= checked(stack(route), Caller(url=serve(answer), **by)).items()


COGNITO = {
    "authorizers": {
        "pool": {
            "kind": "cognito",
            "userPoolArns": ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_a1B2c3D4e"],
        }
    }
}


@pytest.mark.parametrize(("kind", "sent"), [("jwt", "Bearer token-of-a-test"), ("cognito", "token-of-a-test")])
def test_a_route_with_a_token(kind: str, sent: str, serve: Serve) -> None:
    graph = graph_of("examples/jwt-http.yaml") if kind == "jwt" else stack({"authorization": "pool"}, **COGNITO)
    url = serve(echo("authorization", sent))
    called = checked(graph, Caller(token="token-of-a-test", url=url))
    assert {REFUSES: "passed", "answers 200 with credentials": "passed"}.items() <= called.items()
    assert checked(graph, Caller(url=url))["not called with credentials: set TOKEN"] == "not read"


@pytest.mark.parametrize(("protection", "status"), [({"waf": {}}, "not read"), ({}, "failed")])
def test_a_web_acl_may_refuse_this_caller(protection: dict[str, Any], status: str, serve: Serve) -> None:
    found = checked(stack(KEY, protection=protection), Caller(key="k", url=serve(echo("never-sent"))))
    assert [found[message] for message in found if "403 with credentials" in message] == [status], found


def test_a_method_that_changes_something_is_not_called_with_credentials(serve: Serve) -> None:
    called: set[str] = set()

    def answer(path: str, headers: dict[str, str]) -> tuple[int, str]:
        called.add(headers.get("x-api-key", ""))
        return 403, ""

    found = checked(stack({"methods": ["POST"], **KEY}), Caller(key="k", url=serve(answer)))
    assert ("POST would reach the backend" in found, called) == (True, {""})


def test_a_webhook_without_its_signature(serve: Serve) -> None:
    by = Caller(url=serve(echo("x-hub-signature-256")))
    checks = [*calls.check_calls(trace(graph_of("examples/webhook.yaml")).statements, by)]
    assert {check.message for check in checks if check.about.startswith("POST")} == {REFUSES}


def test_an_address_that_was_given_is_the_only_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: set[str] = set()

    def send(_: str, url: str, *__: Any) -> tuple[int, str]:
        called.add(url)
        return 403, ""

    monkeypatch.setattr(calls, "_send", send)
    [*calls.check_calls(trace(graph_of("examples/fortress.yaml")).statements, Caller(url="https://given.invalid"))]
    assert called
    assert all(url.startswith("https://given.invalid/") for url in called)


def test_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    found = checked(stack(IAM), Caller(credentials=SIGNED, url=url))
    assert [*found.values()] == ["not read", "not read"]


CERTIFICATE = {"domain": {"name": "a.example.com", "zoneId": "Z0123456789EXAMPLE", "truststore": "s3://trust/a.pem"}}


@pytest.mark.parametrize("answer", ["", "\xff\xff\r\n\r\n"])
@pytest.mark.parametrize(("api", "status"), [(CERTIFICATE, "passed"), ({}, "not read")])
def test_only_mutual_tls_refuses_by_closing_the_connection(
    api: dict[str, Any], status: str, answer: str, serve: Serve
) -> None:
    with contextlib.suppress(ConnectionError):
        found = checked(stack(IAM, **api), Caller(url=serve(lambda *_: (0, answer))))
    assert [found[message] for message in found if "without credentials" in message] == [status], found
