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

from review.aws.gateway.api import Api, Call, Firewall, Requirement
from review.aws.model.model import AwsModel
from review.graph import Graph
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stacks import graph_of, remembered
from review.verify import calls
from review.verify.calls import Caller
from review.verify.check import Check

Answer = Callable[[str, dict[str, str]], tuple[int, str]]
Serve = Callable[[Answer], str]
SIGNED = Credentials("AKIDEXAMPLE", "of nobody")
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


def stack(**api: Any) -> Graph:
    route = {"path": "/orders", "methods": ["GET"], **api}
    plans = {"plans": {"callers": {"keys": ["first"]}}} if "keyRequired" in api else {}
    return remembered(
        {
            "topology": "public-proxy",
            "backend": {"image": "traefik/whoami:v1.11.0", "port": 80},
            "api": {"kind": "rest", "throttle": {"rate": 1, "burst": 1}, **plans, "routes": [route]},
        }
    )


def checked(graph: Graph, by: Caller) -> dict[str, str]:
    """The status of each check of the route itself, by its message."""
    checks = [*calls.check_calls(AwsModel(graph), by)]
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
        ({"authorization": "iam"}, echo("authorization"), {"credentials": SIGNED},
         {REFUSES: "passed", "answers 200 with credentials": "passed"}),
        (KEY, echo("x-api-key", "k"), {"key": "k"}, {REFUSES: "passed", "answers 200 with credentials": "passed"}),
        (KEY, echo("x-api-key", "k"), {}, {REFUSES: "passed", "not called with credentials: set API_KEY": "not read"}),
        # An open gate, and a backend that does not answer.
        ({"authorization": "iam"}, echo(""), {}, {"answers 200 to a call without credentials": "failed"}),
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
    assert found.items() <= checked(stack(**route), Caller(url=serve(answer), **by)).items()


def of_route(api: Api, call: Call, url: str, by: Caller) -> list[Check]:
    return [*calls._Route(api, call, url, by).checks()]


@pytest.mark.parametrize(
    ("required", "sent"), [(Requirement.JWT, "Bearer token-of-a-test"), (Requirement.COGNITO, "token-of-a-test")]
)
def test_a_route_with_a_token(required: Requirement, sent: str, serve: Serve) -> None:
    (api,) = AwsModel(graph_of("examples/jwt-http.yaml")).apis.all
    call = replace(next(call for call in api.calls if call.name == "GET /orders"), requires=frozenset({required}))
    url = serve(echo("authorization", sent))
    messages = [check.message for check in of_route(api, call, url, Caller(token="token-of-a-test"))]
    assert messages[:2] == [REFUSES, "answers 200 with credentials"]
    assert of_route(api, call, url, Caller())[-1].message == "not called with credentials: set TOKEN"


@pytest.mark.parametrize(("acl", "status"), [(True, "not read"), (False, "failed")])
def test_a_web_acl_may_refuse_this_caller(acl: bool, status: str, serve: Serve) -> None:
    (api,) = AwsModel(stack(**KEY)).apis.all
    api = replace(api, firewalls=tuple(Firewall(stage, stage if acl else None, None) for stage in api.stages))
    call = next(call for call in api.calls if call.name == "GET /orders")
    last = of_route(api, call, serve(echo("never-sent")), Caller(key="k"))[-1]
    assert (last.status.value, last.message.startswith("403 with credentials")) == (status, acl)


def test_a_websocket_api_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    build = Builder()
    build("apigatewayv2/api:Api", "chat", protocolType="WEBSOCKET", routeSelectionExpression="$request.body.action")
    assert [*calls.check_calls(AwsModel(build.graph()), Caller(url="https://chat.invalid"))] == []


def test_a_method_that_changes_something_is_not_called_with_credentials(serve: Serve) -> None:
    called: set[str] = set()

    def answer(path: str, headers: dict[str, str]) -> tuple[int, str]:
        called.add(headers.get("x-api-key", ""))
        return 403, ""

    found = checked(stack(methods=["POST"], **KEY), Caller(key="k", url=serve(answer)))
    assert ("POST would reach the backend" in found, called) == (True, {""})


def test_a_webhook_without_its_signature(serve: Serve) -> None:
    by = Caller(url=serve(echo("x-hub-signature-256")))
    checks = [*calls.check_calls(AwsModel(graph_of("examples/webhook.yaml")), by)]
    assert {check.message for check in checks if check.about.startswith("POST")} == {REFUSES}


def test_an_address_that_was_given_is_the_only_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: set[str] = set()

    def send(_: str, url: str, *__: Any) -> tuple[int, str]:
        called.add(url)
        return 403, ""

    monkeypatch.setattr(calls, "_send", send)
    [*calls.check_calls(AwsModel(graph_of("examples/fortress.yaml")), Caller(url="https://given.invalid"))]
    assert called
    assert all(url.startswith("https://given.invalid/") for url in called)


def test_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    found = checked(stack(authorization="iam"), Caller(credentials=SIGNED, url=url))
    assert [*found.values()] == ["not read", "not read"]


@pytest.mark.parametrize("answer", ["", "\xff\xff\r\n\r\n"])
@pytest.mark.parametrize(("certificate", "status"), [(True, "passed"), (False, "not read")])
def test_only_mutual_tls_refuses_by_closing_the_connection(
    certificate: bool, status: str, answer: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls._Route, "_needs_certificate", lambda _: certificate)
    with contextlib.suppress(ConnectionError):
        found = checked(stack(authorization="iam"), Caller(url=serve(lambda *_: (0, answer))))
    assert [found[message] for message in found if "without credentials" in message] == [status], found
