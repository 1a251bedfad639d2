"""Checks that call a stack, against a server on 127.0.0.1 in place of API Gateway. No other address is called."""

import contextlib
import errno
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.credentials import Credentials

from review.aws.gateway.api import Requirement
from review.aws.model.model import AwsModel
from review.graph import Graph
from review.reach import trace
from review.tests.graph_builder import Builder
from review.verify import calls
from review.verify.calls import Caller
from review.verify.check import Check, Status
from tests.helpers.stacks import graph_of, remembered

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
        threading.Thread(target=server.serve_forever, daemon=True).start()
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
    found = [*calls.checks(AwsModel(graph), by, graph.resources)]
    return {one.message: one for one in found if one.about.endswith("/orders")}


def echo(wanted: str, value: str = "") -> Answer:
    """An API that wants a header, and an echo backend behind it."""

    def answer(path: str, headers: dict[str, str]) -> tuple[int, str]:
        if wanted and not headers.get(wanted, "").startswith(value or "AWS4-HMAC-SHA256 "):
            return 403, "Forbidden"
        return 200, f"Hostname: echo\nGET {path} HTTP/1.1\nHost: x\n"

    return answer


def statuses(found: dict[str, Check]) -> dict[str, str]:
    return {message: one.status.value for message, one in found.items()}


def test_a_route_with_a_signature(serve: Serve) -> None:
    by = Caller(credentials=Credentials("AKIDEXAMPLE", "of nobody"), url=serve(echo("authorization")))
    assert statuses(checked(stack(authorization="iam"), by)) == {
        "refuses a call without credentials (403)": "passed",
        "answers 200 with credentials": "passed",
        "the backend got /orders": "passed",
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
    call = replace(next(one for one in api.calls if one.name == "GET /orders"), requires=frozenset({required}))
    url = serve(echo("authorization", sent))
    found = [one.message for one in calls._Route(api, call, url, Caller(token="token-of-a-test")).checks()]
    assert found[:2] == ["refuses a call without credentials (403)", "answers 200 with credentials"]
    (*_, last) = calls._Route(api, call, url, Caller()).checks()
    assert last.message == "not called with credentials: set TOKEN"


@pytest.mark.parametrize(("acl", "status"), [(True, "not read"), (False, "failed")])
def test_a_web_acl_may_refuse_this_caller(acl: bool, status: str, serve: Serve) -> None:
    (api,) = AwsModel(stack(authorization="none", keyRequired=True)).apis.all
    api = replace(api, acl=api.resource if acl else None)
    call = next(one for one in api.calls if one.name == "GET /orders")
    url = serve(echo("never-sent"))
    (*_, last) = calls._Route(api, call, url, Caller(key="key-of-a-test")).checks()
    assert (last.status.value, last.message.startswith("403 with credentials")) == (status, acl)


def test_a_websocket_api_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    build = Builder()
    build("apigatewayv2/api:Api", "chat", protocolType="WEBSOCKET", routeSelectionExpression="$request.body.action")
    found = [*calls.checks(AwsModel(build.graph()), Caller(url="https://chat.invalid"), ())]
    assert [(one.status, one.message) for one in found] == [(Status.NOT_READ, "a WebSocket API is not called")]


def test_an_open_gate_is_found(serve: Serve) -> None:
    found = checked(stack(authorization="iam"), Caller(url=serve(echo(""))))
    assert found["answers 200 to a call without credentials"].status is Status.FAILED


def test_a_backend_that_does_not_answer(serve: Serve) -> None:
    graph = stack(authorization="none", keyRequired=True)
    url = serve(lambda _path, headers: (502 if "x-api-key" in headers else 403, "Bad Gateway"))
    assert checked(graph, Caller(key="any", url=url))["answers 502 with credentials"].status is Status.FAILED


def test_another_path_at_the_backend(serve: Serve) -> None:
    url = serve(lambda _path, headers: (200 if "x-api-key" in headers else 403, "GET /live/orders HTTP/1.1\n"))
    found = checked(stack(authorization="none", keyRequired=True), Caller(key="any", url=url))
    assert found["the backend got /live/orders, and /orders is documented"].status is Status.FAILED


def test_a_backend_that_is_no_echo(serve: Serve) -> None:
    url = serve(lambda _path, headers: (200 if "x-api-key" in headers else 403, "{}"))
    found = statuses(checked(stack(authorization="none", keyRequired=True), Caller(key="any", url=url)))
    assert found["the path that the backend got: it is no echo backend"] == "not read"


def test_load_only_when_it_is_asked_for(serve: Serve) -> None:
    counted: list[str] = []

    def answer(path: str, headers: dict[str, str]) -> tuple[int, str]:
        if "x-api-key" not in headers:
            return 403, ""
        counted.append(path)
        return (429, "") if len(counted) > 9 else (200, "")

    graph, url = stack(authorization="none", keyRequired=True), serve(answer)
    quiet = statuses(checked(graph, Caller(key="any", url=url)))
    assert not [message for message in quiet if "429" in message]
    counted.clear()
    assert [one for one in statuses(checked(graph, Caller(key="any", url=url, load=True))) if "429" in one]


def test_a_throttle_that_does_not_hold(serve: Serve) -> None:
    url = serve(lambda _path, headers: (200 if "x-api-key" in headers else 403, ""))
    found = checked(stack(authorization="none", keyRequired=True), Caller(key="any", url=url, load=True))
    (one,) = [one for message, one in found.items() if "429" in message]
    assert one.status is Status.FAILED


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
    found = [*calls.checks(AwsModel(graph_of("examples/webhook.yaml")), by, ())]
    assert {one.message for one in found if one.about.startswith("POST")} == {
        "refuses a call without credentials (403)"
    }


def test_an_answer_is_read_up_to_a_limit(serve: Serve) -> None:
    url = serve(lambda *_: (200, "a" * (8 * calls.LONGEST)))
    status, body = calls._send("GET", url, {}, None)
    assert (status, len(body)) == (200, calls.LONGEST)


@pytest.mark.parametrize("status", [404, 429])
def test_an_answer_that_shows_no_gate_is_not_read(status: int, serve: Serve) -> None:
    found = checked(stack(authorization="none", keyRequired=True), Caller(url=serve(lambda *_: (status, ""))))
    assert found[f"answers {status}, so it is not known whether it requires credentials"].status is Status.NOT_READ


@pytest.mark.parametrize(("status", "wanted"), [(403, "passed"), (404, "passed"), (200, "failed"), (0, "not read")])
def test_a_disabled_address_must_refuse(status: int, wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *_: (status, b""))
    graph = graph_of("examples/fortress.yaml")
    (api,) = AwsModel(graph).apis.all
    url = f"https://{api.resource.id}.execute-api.{graph.region}.amazonaws.com/live"
    found = [*calls.checks(AwsModel(elsewhere(graph, url)), Caller(), graph.resources)]
    assert {one.status.value for one in found if one.about == f"GET {url}, which is disabled"} == {wanted}


def test_an_address_that_was_given_is_the_only_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: set[str] = set()

    def send(_: str, url: str, *__: Any) -> tuple[int, bytes]:
        called.add(url)
        return 403, b""

    monkeypatch.setattr(calls, "_send", send)
    graph = graph_of("examples/fortress.yaml")
    [*calls.checks(AwsModel(graph), Caller(url="https://given.invalid"), graph.resources)]
    assert called
    assert all(url.startswith("https://given.invalid/") for url in called)


def test_only_calls_that_are_signed_need_a_permission() -> None:
    found = [*calls.signed_routes(AwsModel(stack(methods=["GET", "POST"], authorization="iam")))]
    assert [one.rpartition("/*/")[2] for one in found] == ["GET/orders", "GET/orders/*"]
    assert [*calls.signed_routes(AwsModel(stack(authorization="none", keyRequired=True)))] == []


def test_nothing_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    found = checked(stack(authorization="iam"), Caller(credentials=Credentials("A", "B"), url=url))
    assert [one.status.value for one in found.values()] == ["not read", "not read"]


def addressed(key: str, port: int) -> Graph:
    """A stack whose machine has this machine's address, and whose backend has this port."""
    graph = graph_of("examples/rest-nlb-ec2.yaml")
    changed = {}
    for one in graph:
        state = {
            name: value
            for name, value in one.state.items()
            if name not in ("publicIp", "privateIp", "dnsName", "ipv6Addresses")
        }
        inputs = dict(one.inputs)
        if one.kind == "Instance":
            state[key] = "127.0.0.1"
        if one.kind in ("TargetGroup", "Listener"):
            inputs["port"] = port
        if one.kind == "SecurityGroupIngressRule":
            inputs |= {"fromPort": port, "toPort": port}
        changed[one.urn] = replace(one, state=state, inputs=inputs)
    return replace(graph, resources=changed)


def noting(note: Callable[[Any], object], position: int | None = 0) -> Callable[..., bool]:
    """A probe that notes what it is called with, and to which nothing answers."""

    def probe(*called: Any) -> bool:
        note(called if position is None else called[position])
        return False

    return probe


def hosts(graph: Graph, key: str) -> dict[str, list[tuple[str, bool]]]:
    """The address of the machine, as AWS answered."""
    return {resource.urn: [("127.0.0.1", key == "privateIp")] for resource in graph if resource.kind == "Instance"}


@pytest.mark.parametrize(("key", "status"), [("publicIp", "failed"), ("privateIp", "not read")])
def test_a_machine_that_answers_from_here(key: str, status: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        graph = addressed(key, listening.getsockname()[1])
        (found,) = calls.unreachable(graph, trace(AwsModel(graph)), hosts(graph, key))
    assert found.status.value == status


def test_a_machine_that_does_not_answer_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_gets_out", lambda _: True)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    graph = addressed("publicIp", port)
    (found,) = calls.unreachable(graph, trace(AwsModel(graph)), hosts(graph, "publicIp"))
    assert found.status is Status.PASSED


def test_a_machine_behind_an_api_is_called_and_one_on_the_internet_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(calls, "_answers", noting(called.append))
    graph = graph_of("examples/nat-instance.yaml")
    machine = next(resource for resource in graph if resource.name == "backend-instance")
    addresses = {machine.urn: [("203.0.113.9", False)]}
    reach = trace(AwsModel(graph))
    assert machine.urn in reach.public
    (found,) = calls.unreachable(graph, reach, addresses)
    assert found.status is Status.PASSED
    assert set(called) == {"203.0.113.9"}
    # As a review has a machine with a public address and an open security group.
    path: Any = SimpleNamespace(open=True, source="internet", hops=[SimpleNamespace(resource=machine)])
    opened: Any = SimpleNamespace(inbound=[path])
    assert [*calls.unreachable(graph, opened, addresses)] == []


@pytest.mark.parametrize("ports", [(1, 65_535), (-1, -1), (70_000, 70_000), (10**30, 10**30)])
def test_only_single_ports_are_probed(ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule for a range or for every port names none on which something listens, nor does a number that is no port."""
    called: set[int] = set()
    monkeypatch.setattr(calls, "_answers", noting(called.add, 1))
    graph = addressed("publicIp", 8080)
    (rule,) = (resource for resource in graph if resource.kind == "SecurityGroupIngressRule")
    ranged = replace(rule, inputs={**rule.inputs, "fromPort": ports[0], "toPort": ports[1]})
    graph = replace(graph, resources={**graph.resources, rule.urn: ranged})
    (found,) = calls.unreachable(graph, trace(AwsModel(graph)), hosts(graph, "publicIp"))
    assert (found.status, called) == (Status.PASSED, {8080})


def test_addresses_are_called_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2)
    # One after the other, the first would wait for the second in vain.
    monkeypatch.setattr(calls, "_answers", lambda *_: together.wait(timeout=30) < 0)
    graph = addressed("publicIp", 8080)
    (machine,) = hosts(graph, "publicIp")
    found = [
        *calls.unreachable(graph, trace(AwsModel(graph)), {machine: [("203.0.113.1", False), ("203.0.113.2", False)]})
    ]
    assert [one.status for one in found] == [Status.PASSED] * 2


def test_ports_that_a_limit_leaves_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address is called on the first port before one is called on the second."""
    called: list[tuple[str, int]] = []
    monkeypatch.setattr(calls, "_answers", noting(called.append, None))
    monkeypatch.setattr(calls, "_CONNECTIONS", 3)
    graph = addressed("publicIp", 8080)
    group = next(resource for resource in graph if resource.kind == "SecurityGroupIngressRule")
    more = {
        f"urn:{port}": replace(group, urn=f"urn:{port}", inputs={"fromPort": port, "toPort": port})
        for port in (22, 9000)
    }
    graph = replace(graph, resources={**graph.resources, **more})
    (machine,) = hosts(graph, "publicIp")
    addresses = [(f"203.0.113.{last}", False) for last in (1, 2)]
    first, second = [f"{graph.resources[machine].name} at {host}" for host, _ in addresses]
    found = [*calls.unreachable(graph, trace(AwsModel(graph)), {machine: addresses})]
    assert sorted(called) == [("203.0.113.1", 22), ("203.0.113.1", 8080), ("203.0.113.2", 22)]
    assert [(one.status.value, one.about, one.message) for one in found] == [
        ("passed", first, "does not answer from here on 22, 8080, and AWS does on 443"),
        ("not read", first, "not called on 9000: one run makes 3 connections"),
        ("passed", second, "does not answer from here on 22, and AWS does on 443"),
        ("not read", second, "not called on 8080, 9000: one run makes 3 connections"),
    ]


def test_an_address_that_is_not_called_at_all_is_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_answers", lambda *called: pytest.fail(str(called)))
    monkeypatch.setattr(calls, "_CONNECTIONS", 0)
    graph = addressed("publicIp", 8080)
    found = calls.unreachable(graph, trace(AwsModel(graph)), hosts(graph, "publicIp"))
    assert [one.status for one in found] == [Status.NOT_READ]


def test_addresses_of_an_api() -> None:
    graph = graph_of("examples/own-domain.yaml")
    (api,) = AwsModel(graph).apis.all
    assert any("api.example.com/" in url for url in calls.urls(graph, api, graph.resources))


def elsewhere(graph: Graph, url: str) -> Graph:
    """A graph whose stages have another address."""
    changed = {
        resource.urn: replace(resource, state={**resource.state, "invokeUrl": url})
        for resource in graph
        if resource.kind in ("Stage", "Deployment")
    }
    return replace(graph, resources={**graph.resources, **changed})


@pytest.mark.parametrize(
    "url",
    [
        "http://{host}/live",
        "https://{host}.example.com/live",
        "https://{host}@example.com/",
        "https://example.com/{host}/",
    ],
)
def test_a_state_cannot_name_the_host_that_gets_credentials(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    graph = stack(authorization="none", keyRequired=True)
    (api,) = AwsModel(graph).apis.all
    host = f"{api.resource.id}.execute-api.{graph.region}.amazonaws.com"
    assert [*calls.urls(elsewhere(graph, f"https://{host}/live"), api, graph.resources)] == [f"https://{host}/live"]
    named = elsewhere(graph, url.format(host=host))
    found = [*calls.checks(AwsModel(named), Caller(key="key-of-a-test"), graph.resources)]
    assert [one.message for one in found] == ["the state has no address that AWS confirmed"]


@pytest.mark.parametrize("path", [".example.com/x", "@example.com/x", ":1@example.com/", "\\x"])
def test_a_route_cannot_name_the_host_that_gets_credentials(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    graph = graph_of("examples/jwt-http.yaml")
    key = {"routeKey": f"GET {path}"}
    routes = (resource for resource in graph if resource.kind == "Route" and "routeKey" in resource.inputs)
    changed = {one.urn: replace(one, inputs={**one.inputs, **key}, state={**one.state, **key}) for one in routes}
    assert changed
    named = replace(graph, resources={**graph.resources, **changed})
    (api,) = AwsModel(named).apis.all
    host = f"{api.resource.id}.execute-api.{graph.region}.amazonaws.com"
    found = [*calls.checks(AwsModel(elsewhere(named, f"https://{host}/")), Caller(token="t"), graph.resources)]
    assert {one.message for one in found} == {"the route's path does not begin with /"}


@pytest.mark.parametrize("example", ["examples/own-domain.yaml", "examples/rest-nlb-ec2.yaml"])
def test_nothing_is_called_that_aws_did_not_confirm(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    monkeypatch.setattr(calls, "_answers", lambda *called: pytest.fail(str(called)))
    graph = graph_of(example)
    assert {one.status for one in calls.checks(AwsModel(graph), Caller(key="k", token="t"), ())} == {Status.NOT_READ}
    assert [*calls.unreachable(graph, trace(AwsModel(graph)), {})] == []


@pytest.mark.parametrize(
    ("error", "gets_out", "answers"),
    [
        (ConnectionRefusedError(), True, False),
        (ConnectionRefusedError(), False, None),
        (TimeoutError(), True, False),
        (TimeoutError(), False, None),
        (OSError(errno.ENETUNREACH, "unreachable"), True, None),
        (OSError(errno.EHOSTUNREACH, "unreachable"), True, None),
    ],
)
def test_only_silence_and_a_refusal_are_answers(
    error: OSError, gets_out: bool, answers: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runner without IPv6 would pass each IPv6 address."""

    def connect(*_: Any) -> None:
        raise error

    monkeypatch.setattr(socket, "socket", lambda *_: contextlib.nullcontext(Mock(connect=connect)))
    monkeypatch.setattr(calls, "_gets_out", lambda _: gets_out)
    assert calls._answers("127.0.0.1", 80) is answers


@pytest.mark.parametrize(("takes", "answers"), [((False, True), True), ((False, None), None), ((False, False), False)])
def test_every_address_of_a_name_is_called(
    takes: tuple[bool | None, ...], answers: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(at), 80)) for at in range(len(takes))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: listed)
    monkeypatch.setattr(calls, "_takes", lambda _, address: takes[int(address[0])])
    assert calls._answers("lb.invalid", 80) is answers


def test_a_name_that_does_not_resolve_is_no_answer() -> None:
    assert calls._answers("lb.invalid", 80) is None
    assert calls._answers("a..b", 80) is None


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
    found = [one for one in checked(stack(authorization="iam"), by).values() if "without credentials" in one.message]
    assert [one.status for one in found] == [status], found


ENDLESS = {
    "a body": b"HTTP/1.1 403 Forbidden\r\n\r\n",
    "a status line": b"HTTP",
    "other statuses": b"HTTP/1.1 100 Continue\r\n\r\n",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_that_never_ends_is_left(name: str, raw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_SECONDS", 1)
    ended = threading.Event()

    def answer(one: socket.socket) -> None:
        one.sendall(ENDLESS[name])
        while not ended.wait(0.1):
            one.sendall(ENDLESS[name] if name == "other statuses" else b"x")

    found = calls._send("GET", raw(answer), {}, None)
    assert not ended.is_set()
    ended.set()
    assert found[0] == (403 if name == "a body" else 0)
