"""Requests and stacks that try to get further than they may."""

import asyncio
import json
import os
import socket
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from review.aws.catalog import types
from review.aws.gateway.api import Integration
from review.aws.model.model import AwsModel
from review.graph import Asset, Graph
from review.reach import trace
from review.serve import asgi
from review.serve.asgi import Connections, guarded
from review.serve.aws_calls import AwsCaller
from review.serve.aws_endpoint import AwsEndpoint
from review.serve.backends import Backends, echo, local_client
from review.serve.environment import Environment, _Pending
from review.serve.functions import Function
from review.serve.mapping import outgoing
from review.serve.network import Verdict
from review.serve.page import Page
from review.serve.request import Request, Response
from review.serve.stack import Options, Stack
from review.serve.testing import Served, serving
from review.tests import parts
from review.tests.graph_builder import Builder
from review.tests.serve.conftest import Backend, Shared, call_of, function_of, listening
from review.tests.serve.programs import called_by_http, lambda_function, shop
from review.tests.serve.test_serving import call
from tests.helpers import plain_http
from tests.helpers.stacks import graph_of


def test_bodies_that_arrive_have_a_room_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each may be 10 MB, and be sent as slowly as its caller likes."""
    monkeypatch.setattr(asgi.Bodies, "most", 1000)
    parts = iter([{"body": b"x" * 600, "more_body": True}, {"body": b"x" * 600}])

    async def receive() -> Any:
        return next(parts)

    scope = {"method": "POST", "raw_path": b"/", "query_string": b"", "headers": []}
    request = asyncio.run(asgi.received(scope, receive))
    assert (request and len(request.body), asgi.Bodies.held) == (asgi.MOST_BYTES + 1, 0)
    parts = iter([{"body": b"x" * 600, "more_body": True}, {"body": b"x" * 300}])
    request = asyncio.run(asgi.received(scope, receive))
    assert (request and len(request.body), asgi.Bodies.held) == (900, 0)


def test_connections_leave_files_to_the_command(shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connections, "most", 20)
    monkeypatch.setattr(Connections, "_open", set())
    served = shared("dev")
    address = ("127.0.0.1", httpx.URL(served.url()).port or 0)
    with ExitStack() as held:
        ours = [held.enter_context(socket.create_connection(address, timeout=10)) for _ in range(60)]
        cut = 0
        for connection in ours[-10:]:
            with suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                cut += not connection.recv(1)
                continue
            cut += 1
        assert cut == 10
    while plain_http.get(f"{served.url()}/").status_code != 403:
        time.sleep(0.05)


def opened(served: Served, *, overwrites_path: bool) -> None:
    """Take the authorizers away, and the mapping of the path if it is not wanted."""
    for gateway in served.stack.gateways:
        routes = []
        for route in gateway.api.routes:
            parameters = {
                key: value for key, value in route.parameters.items() if overwrites_path or key != "overwrite:path"
            }
            routes.append(replace(route, authorizer=None, parameters=parameters))
        gateway.api.routes = tuple(routes)


def sent(served: Served, head: bytes) -> bytes:
    port = httpx.URL(served.url()).port
    assert port is not None
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(head + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("overwrites_path", [True, False])
def test_a_target_that_is_no_path_reaches_no_other_address(overwrites_path: bool) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        serving(graph_of("examples/http-alb-ec2.yaml"), Options()) as served,
    ):
        opened(served, overwrites_path=overwrites_path)
        port = other.getsockname()[1]
        for target in (f"@127.0.0.1:{port}/x", f"http://127.0.0.1:{port}/x", "*", "0/x"):
            assert sent(served, f"GET {target} HTTP/1.1".encode()).startswith(b"HTTP/1.1 400 "), target
        # A positive answer to CONNECT would open a tunnel.
        assert sent(served, b"CONNECT / HTTP/1.1").startswith(b"HTTP/1.1 400 ")
        other.setblocking(False)
        with pytest.raises(BlockingIOError):
            other.accept()


@pytest.mark.parametrize("rest", [True, False])
@pytest.mark.parametrize("uri", ["http:@127.0.0.1:1/x", "https:@127.0.0.1:1/x", "http:{proxy}"])
def test_an_integrations_address_is_no_part_of_its_path(uri: str, rest: bool) -> None:
    integration = Integration(resource=function_of(""), kind="HTTP_PROXY", uri=uri)
    call = call_of(Request("GET", "/", "", [], b""), rest=rest, integration=integration)
    assert outgoing(replace(call, variables={"proxy": "@127.0.0.1:1/x"}))[0].startswith("/")


def test_a_health_check_reaches_no_other_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, listening(Backend) as port:
        path = f"@127.0.0.1:{other.getsockname()[1]}/x"
        group = replace(function_of(""), inputs={"healthCheck": {"protocol": "HTTP", "path": path}})

        async def run() -> list[str]:
            async with local_client() as client:
                backends = Backends([f"http://127.0.0.1:{port}"], "", {}, client)
                return await backends.unhealthy(Verdict((), (), groups=(group,)))

        assert asyncio.run(run()) == []


@pytest.mark.parametrize("example", ["http-alb-ec2", "rest-nlb-ec2"])
def test_a_header_arrives_in_its_own_bytes(example: str) -> None:
    with serving(graph_of(f"examples/{example}.yaml"), Options()) as served:
        opened(served, overwrites_path=True)
        url = httpx.URL(next(iter(served.routes())).url)
        told = sent(served, b"GET " + url.raw_path + b" HTTP/1.1\r\nX-Name: \xe9")
        assert told.startswith(b"HTTP/1.1 200 ")
        assert b"\\u00e9" in told


def test_a_status_that_http_does_not_have_is_the_backends_failure() -> None:
    class Odd(Backend):
        def send_response(self, code: int, message: str | None = None) -> None:
            super().send_response(code + 799, message)

    graph = graph_of("examples/http-cloudmap-fargate.yaml")
    with listening(Odd) as port, serving(graph, Options(backends=[f"http://127.0.0.1:{port}"])) as served:
        opened(served, overwrites_path=True)
        assert plain_http.get(next(served.routes()).url).status_code == 503
        assert "status 999" in served.traces[-1].note


def test_a_function_outside_the_stack_is_named() -> None:
    graph = graph_of("dev")
    left = {urn: resource for urn, resource in graph.resources.items() if resource.name != "proxy-function"}
    with serving(replace(graph, resources=left), Options()) as served:
        assert plain_http.get(next(served.routes()).url).status_code == 500
        assert "does not have the code of the function" in served.traces[-1].note


def test_a_caller_poses_once_and_as_one_address(shared: Shared) -> None:
    line = "GET /live/hooks HTTP/1.1\r\n"
    served = shared("examples/webhook.yaml")
    for source in ("abc", "", "192.0.2.1, 198.51.100.1", "192.0.2.0/24"):
        told = sent(served, f"{line}X-Gatehouse-Source-Ip: {source}".encode())
        assert told.startswith(b"HTTP/1.1 400 "), source
    for name in ("Source-Ip", "Vpc-Endpoint", "Principal"):
        pose = f"X-Gatehouse-{name}: 192.0.2.1"
        told = sent(served, f"{line}{pose}\r\n{pose}".encode())
        assert told.startswith(b"HTTP/1.1 400 "), name
        assert f"send X-Gatehouse-{name} once".encode() in told


def test_an_endpoint_may_be_named_like_a_vpc() -> None:
    with serving(graph_of("examples/private-greeter.yaml"), Options()) as served:
        callers = served.stack.gateways[0].callers
        callers._endpoints = tuple(
            replace(one, resource=replace(one.resource, name="vpc-endpoint")) for one in callers._endpoints
        )
        line = next(served.routes())
        told = plain_http.get(line.url, headers={**line.headers, "X-Gatehouse-Vpc-Endpoint": "vpc-endpoint"})
    assert told.status_code == 200


def test_the_aws_endpoint_answers_on_its_own_address_only() -> None:
    headers = {"X-Amz-Target": "secretsmanager.GetSecretValue"}
    with serving(caller_of_aws(), Options()) as served:
        for function in served.stack._functions.values():
            assert isinstance(function, Function)
            url = function._environment("")["AWS_ENDPOINT_URL"]
            # Its role allows nothing.
            pages = {"Origin": "http://a.invalid"}, {"Sec-Fetch-Site": "cross-site"}
            for given, status in (({}, 400), ({"Host": "rebound.invalid"}, 403), *((page, 403) for page in pages)):
                answer = plain_http.post(url, headers=headers | given, content=b'{"SecretId": "x"}')
                assert answer.status_code == status


NOBODY = 65_534
CALLS = """
import os, socket, sys
os.setuid(int(sys.argv.pop(1)))
for family, source, target in (
    (socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET, "127.0.0.9", "127.0.0.1"),
    (socket.AF_INET6, "::ffff:127.0.0.1", "::ffff:127.0.0.1")
):
    for place in sys.argv[1:]:
        port, path = place.split("/", 1)
        with socket.socket(family) as one:
            one.bind((source, 0))
            one.connect((target, int(port)))
            one.sendall(f"GET /{path} HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nConnection: close\\r\\n\\r\\n".encode())
            print(one.recv(12).decode()[9:])
"""


@pytest.mark.skipif(not Path("/proc/net/tcp").exists() or os.geteuid() != 0, reason="takes root and Linux")
@pytest.mark.parametrize(("user", "status"), [(0, "200"), (NOBODY, "403")])
def test_another_user_of_the_machine_gets_nothing(user: int, status: str) -> None:
    async def run() -> str:
        stack, environment = Stack(caller_of_aws(), Options(), print, print), Environment("f", "arn", print)
        await stack.start(Page(stack, "dev").answer)
        try:
            endpoint = await stack._serve(guarded(echo))
            ports = [f"{httpx.URL(stack.page_url).port}/requests", f"{endpoint.rpartition(':')[2]}/"]
            if user:
                runtime = await environment._server.start()
                ports.append(f"{runtime.rpartition(':')[2]}/2018-06-01/runtime/invocation/next")
            command = [sys.executable, "-c", CALLS, str(user), *ports]
            started = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
            return (await started.communicate())[0].decode()
        finally:
            await environment.stop()
            await stack.stop()

    assert set(asyncio.run(run()).split()) == {status}


@pytest.mark.parametrize(
    "sent", [[1], {"headers": [[1, 2]]}, {"body": [1]}, {"headers": 1}, {"headers": [[1]]}, {"method": []}]
)
def test_a_malformed_request_of_the_form_is_no_traceback(shared: Shared, sent: Any) -> None:
    stack = shared("dev").stack
    stack.page_url = "http://127.0.0.1:1/"
    whole = {"method": "GET", "url": next(shared("dev").routes()).url, **sent} if isinstance(sent, dict) else sent
    given = [("host", "127.0.0.1:1"), ("origin", "http://127.0.0.1:1")]
    request = Request("POST", "/send", "", given, json.dumps(whole).encode())
    answer = asyncio.run(Page(stack, "dev").answer(request))
    assert answer.status == 400 or json.loads(answer.body)["status"] in (0, 200)


class Endless(Backend):
    """Sends without an end, until nobody takes it."""

    framing = ("Transfer-Encoding", "chunked")
    sent = 0

    def body(self) -> None:
        with suppress(OSError):
            while type(self).sent < 1 << 30:
                self.wfile.write(b"100000\r\n" + bytes(1 << 20) + b"\r\n")
                type(self).sent += 1 << 20


def test_an_endless_backend_is_left_at_the_limit() -> None:
    with listening(Endless) as port, serving(shop().graph(), Options(backends=[f"http://127.0.0.1:{port}"])) as served:
        answer = plain_http.get(served.url() + "/orders/1")
    assert answer.status_code == 503
    assert "larger than 10 MB" in served.traces[0].note
    # What the sockets' buffers take is more than the limit.
    assert Endless.sent < 64 << 20


def test_an_endless_stream_of_a_function_waits_for_its_caller() -> None:
    async def run() -> tuple[int, bool]:
        environment = Environment("f", "arn", print)
        pending = environment._current = _Pending(b"", time.time() + 1, asyncio.get_running_loop().create_future())
        taken = 0

        async def receive() -> dict[str, Any]:
            nonlocal taken
            taken += 1
            return {"type": "http.request", "body": b"{}" + bytes(8) + b"x", "more_body": True}

        await environment._take_stream(receive)
        await environment._ending
        return taken, pending.parts.full()

    taken, full = asyncio.run(run())
    assert full
    assert taken < 20


def caller_of_aws() -> Graph:
    """A function without a VPC and without permissions."""
    build = Builder()
    called_by_http(build, lambda_function(build, "caller", code=Asset(members={"main.py": Asset(text="")})))
    return build.graph()


async def aws_answer(call: Request, emulator: str = "", lines: list[str] | None = None) -> Response:
    graph = caller_of_aws()
    caller = AwsCaller(trace(AwsModel(graph)), next(iter(graph.of_type(*types.FUNCTION))))
    response = await AwsEndpoint(graph, emulator, {}, print if lines is None else lines.append).answer(call, caller)
    assert response is not None
    return response


def test_an_emulator_answers_whole_and_its_failure_is_one_line() -> None:
    class Emulator(Backend):
        framing = ("ETag", "abc")

    lines: list[str] = []
    call = Request("GET", "/bucket/key", "", [("host", "127.0.0.1:1"), ("x-a", "1")], b"")

    def answered(url: str) -> Response:
        return asyncio.run(aws_answer(call, url, lines))

    with listening(Emulator) as port:
        answer = answered(f"http://127.0.0.1:{port}")
        assert (answer.status, answer.header("etag"), answer.body) == (200, "abc", b"mine")
    assert answered(f"http://127.0.0.1:{port}").status == 503
    assert lines == [f"caller called AWS (GET /bucket/key): http://127.0.0.1:{port}: All connection attempts failed"]


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'{"SecretId": "\xff"}', b"[" * 200_000])
def test_a_call_of_aws_that_is_none_is_refused(body: bytes) -> None:
    headers = [("host", "127.0.0.1:1"), ("x-amz-target", "secretsmanager.GetSecretValue")]
    answer = asyncio.run(aws_answer(Request("POST", "/", "", headers, body)))
    assert (answer.status, json.loads(answer.body)["__type"]) == (400, "SerializationException")


def test_the_case_of_a_domain_makes_no_difference() -> None:
    """The host is compared as host names are; without credentials the mapped route answers 403, and says why."""
    graph = graph_of("examples/own-domain.yaml")
    named = {
        urn: replace(resource, inputs={**resource.inputs, "domainName": "API.Example.com"})
        for urn, resource in graph.resources.items()
        if resource.kind == "ApiMapping"
    }
    with serving(replace(graph, resources={**graph.resources, **named}), Options()) as served:
        answers = [
            plain_http.get(f"{served.url()}/v1{path}", headers={"Host": "api.EXAMPLE.com:443"}).json()["message"]
            for path in ("/orders", "/nowhere")
        ]
    assert answers == ["Missing Authentication Token"] * 2


def test_a_gateway_response_has_what_a_body_lacks() -> None:
    mock = {"type": "MOCK", "requestTemplates": {"application/json": "{statusCode: 200}"}}
    schema = {"type": "object", "required": ["size"]}
    operation = {
        "x-amazon-apigateway-integration": mock, "x-amazon-apigateway-request-validator": "all",
        "requestBody": {"content": {"application/json": {"schema": schema}}}
    }  # fmt: skip
    told = {"responseTemplates": {"application/json": "$context.error.validationErrorString"}}
    body = {
        "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True}},
        "x-amazon-apigateway-gateway-responses": {"BAD_REQUEST_BODY": told},
    }
    build = Builder()
    parts.rest(build, {"/v": {"post": operation}}, body=body)
    with serving(build.graph(), Options()) as served:
        assert plain_http.post(f"{served.url()}/live/v", content=b"{}").text == "['size' is a required property]"


def test_a_mock_answers_by_the_pattern_that_its_status_fits() -> None:
    mapped = {"method.response.header.where": "context.stage"}
    answers = {"4\\d\\d": {"statusCode": "404", "responseParameters": mapped}}
    for status, expected in ((404, (404, "live")), (200, (500, None))):
        template = {"application/json": json.dumps({"statusCode": status})}
        mock = {"type": "MOCK", "requestTemplates": template, "responses": answers}
        parts.rest(build := Builder(), {"/v": {"get": {"x-amazon-apigateway-integration": mock}}})
        with serving(build.graph(), Options()) as served:
            answer = plain_http.get(f"{served.url()}/live/v")
        assert (answer.status_code, answer.headers.get("where")) == expected


def test_a_site_that_resolves_to_this_machine_reads_nothing(shared: Shared) -> None:
    served = shared("dev")
    assert call(served, "GET", "/forward", headers={"Host": "evil.example"}).status_code == 403
    assert call(served, "GET", "/forward", headers={"Host": "localhost"}).status_code == 200
