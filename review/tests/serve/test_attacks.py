"""Requests and stacks that try to get further than they may."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import socket
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from facts import limits
from review.graph import Asset, Resource
from review.serve.apis import Authorizer, AuthorizerKind
from review.serve.asgi import Server, send_response
from review.serve.authorization import ACCESS_KEY_ID, Authorization
from review.serve.aws_endpoint import AwsEndpoint
from review.serve.backends import echo, local_client
from review.serve.environment import Environment
from review.serve.errors import GatewayError
from review.serve.functions import Function, UnsupportedRuntimeError
from review.serve.issuer import Issuer
from review.serve.network import Relay, Verdict, accepts
from review.serve.proxy import response_of, streamed
from review.serve.request import Request, Response
from review.serve.stack import Options
from review.serve.testing import Served, serving
from review.tests.serve.conftest import ACCOUNT, Backend, Shared, call_of, listening
from tests import plain_http
from tests.stacks import graph_of

pytestmark = pytest.mark.xdist_group("serve")
REGION = "eu-west-1"


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


@pytest.mark.parametrize("example", ["http-alb-ec2", "rest-nlb-ec2"])
def test_a_header_arrives_in_its_own_bytes(example: str) -> None:
    with serving(graph_of(f"examples/{example}.yaml"), Options()) as served:
        opened(served, overwrites_path=True)
        url = httpx.URL(next(iter(served.routes())).url)
        told = sent(served, b"GET " + url.raw_path + b" HTTP/1.1\r\nX-Name: \xe9")
        assert told.startswith(b"HTTP/1.1 200 ")
        assert b"\\u00e9" in told


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


@pytest.mark.parametrize("place", ["none in vpc-1", "vpc-1 in vpc-2", "network-vpc in vpc-1"])
def test_a_caller_is_at_one_place(place: str, shared: Shared) -> None:
    served = shared("examples/private-greeter.yaml")
    path = httpx.URL(next(served.routes()).url).path
    told = sent(served, f"GET {path} HTTP/1.1\r\nX-Gatehouse-Vpc-Endpoint: {place}".encode())
    assert told.startswith(b"HTTP/1.1 400 ")
    assert b"is no endpoint in a VPC" in told


def test_an_endpoint_may_be_named_like_a_vpc() -> None:
    with serving(graph_of("examples/private-greeter.yaml"), Options()) as served:
        callers = served.stack.gateways[0].callers
        callers._endpoints = tuple(
            replace(one, resource=replace(one.resource, name="vpc-endpoint")) for one in callers._endpoints
        )
        line = next(served.routes())
        told = plain_http.get(line.url, headers={**line.headers, "X-Gatehouse-Vpc-Endpoint": "vpc-endpoint"})
    assert told.status_code == 200


def test_the_aws_endpoint_answers_on_its_own_address_only(shared: Shared) -> None:
    served = shared("dev")
    for function in served.stack._functions.values():
        assert isinstance(function, Function)
        url = function._environment()["AWS_ENDPOINT_URL"]
        headers = {"X-Amz-Target": "secretsmanager.GetSecretValue"}
        for host, status in ((None, 200), ("rebound.invalid", 403)):
            given = headers | ({"Host": host} if host else {})
            assert plain_http.post(url, headers=given, content=b'{"SecretId": "x"}').status_code == status


def test_an_emulator_answers_whole_and_its_failure_is_one_line() -> None:
    class Emulator(Backend):
        framing = ("ETag", "abc")

    lines: list[str] = []
    call = Request("GET", "/bucket/key", "", [("host", "127.0.0.1:1"), ("x-a", "1")], b"")

    def answered(url: str) -> Response:
        return asyncio.run(AwsEndpoint(graph_of("dev"), url, {}, lines.append).answer(call))

    with listening(Emulator) as port:
        answer = answered(f"http://127.0.0.1:{port}")
        assert (answer.status, answer.header("etag"), answer.body) == (200, "abc", b"mine")
    assert answered(f"http://127.0.0.1:{port}").status == 503
    assert lines == [
        f"a function called AWS (GET /bucket/key): http://127.0.0.1:{port}: All connection attempts failed"
    ]


@pytest.mark.parametrize("body", [b"", b"no JSON", b"[]", b'{"SecretId": "\xff"}'])
def test_a_call_of_aws_that_is_none_is_refused(body: bytes) -> None:
    headers = [("host", "127.0.0.1:1"), ("x-amz-target", "secretsmanager.GetSecretValue")]
    endpoint = AwsEndpoint(graph_of("dev"), "", {}, print)
    assert asyncio.run(endpoint.answer(Request("POST", "/", "", headers, body))).status == 400


def test_a_functions_events_are_handed_out_on_their_own_address_only() -> None:
    async def run() -> int:
        environment = Environment("f", "arn", print)
        url = f"http://{await environment._server.start()}/2018-06-01/runtime/invocation/next"
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(url, headers={"Host": "rebound.invalid"})).status_code
        finally:
            await environment.stop()

    assert asyncio.run(run()) == 403


def function_of(code: str, runtime: str = "python3.13", **members: Asset) -> Resource:
    archive = Asset(members={"main.py": Asset(text=code), **members})
    inputs: dict[str, Any] = {"code": archive, "runtime": runtime, "handler": "main.handler"}
    kind = "aws:lambda/function:Function"
    return Resource(urn="u", type=kind, name="f", parent=None, custom=True, remote=False, inputs=inputs, state={})


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which those of functions are made."""
    below = tmp_path / "folders"
    below.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(below))
    return below


@pytest.mark.parametrize("name", ["../climbed", "a/../../climbed", "{root}/climbed"])
def test_an_entry_stays_in_its_folder(name: str, folders: Path) -> None:
    members: dict[str, Any] = {name.format(root=folders): Asset(text="x")}
    resource = function_of("", **members)
    with pytest.raises(UnsupportedRuntimeError, match="climbed"):
        Function(resource, {}, print)
    assert not list(folders.iterdir())


def test_the_mode_of_an_entry_stays_in_its_folder(folders: Path) -> None:
    kept = folders / "kept"
    kept.touch(0o600)
    packed = folders / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("../kept")
        entry.external_attr = 0o666 << 16
        archive.writestr(entry, "x")
    resource = function_of("")
    Function(replace(resource, inputs={**resource.inputs, "code": Asset(path=str(packed), archive=True)}), {}, print)
    assert (kept.stat().st_mode & 0o777, kept.read_text()) == (0o600, "")


def test_a_function_that_cannot_run_leaves_no_folder(folders: Path) -> None:
    with pytest.raises(UnsupportedRuntimeError):
        Function(function_of("", "java21"), {}, print)
    assert not list(folders.iterdir())


def test_a_process_that_cannot_start_is_a_failure_of_the_function() -> None:
    async def run() -> None:
        function = Function(function_of("", "provided.al2023", bootstrap=Asset(text="no program")), {}, print)
        try:
            with pytest.raises(GatewayError, match=r"f failed: .*Exec format error"):
                await function.invoke(b"{}")
        finally:
            await function.stop()

    asyncio.run(run())


def test_a_function_runs_without_awss_runtime_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code = "def handler(event, context):\n    return event['a'] / (0 < context.get_remaining_time_in_millis() <= 3000)"

    lines: list[str] = []

    async def run() -> None:
        function = Function(function_of(code), {}, lines.append)
        try:
            assert json.loads((await function.invoke(b'{"a": 2}')).payload) == 2.0
            with pytest.raises(GatewayError):
                await function.invoke(b"{}")
        finally:
            await function.stop()

    asyncio.run(run())
    assert "f: KeyError: 'a'" in lines


def test_a_call_that_nobody_waits_for_takes_no_concurrency() -> None:
    code = "import time\ndef handler(event, context):\n    print('runs', flush=True)\n    time.sleep(event)"
    lines: list[str] = []

    async def run() -> None:
        resource = function_of(code)
        function = Function(
            replace(resource, inputs={**resource.inputs, "reservedConcurrentExecutions": 1}), {}, lines.append
        )
        try:
            task = asyncio.create_task(function.invoke(b"60"))
            while "f: runs" not in lines:
                await asyncio.sleep(0.01)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await function.invoke(b"0")
        finally:
            await function.stop()

    asyncio.run(run())


def test_a_function_that_runs_long_finds_its_connection_open() -> None:
    """Without a wait: the server closes an idle connection after this time."""
    assert Server(echo)._server.config.timeout_keep_alive > max(limits.LAMBDA_TIMEOUT_SECONDS)


def test_calls_at_the_same_time_find_one_relay() -> None:
    async def run() -> None:
        with listening(Backend) as port:
            relay = Relay(Verdict((), ()), f"127.0.0.1:{port}")
            assert await asyncio.gather(*(relay.follow() for _ in range(5))) == [""] * 5
            relay.close()

    asyncio.run(run())


def test_the_port_of_a_relay_stays_its_own_while_the_backend_is_down() -> None:
    async def run() -> None:
        with listening(Backend) as port:
            pass
        relay = Relay(Verdict((), ()), f"127.0.0.1:{port}")
        await relay.listen()
        try:
            assert "accepts no connections" in await relay.follow()
            assert not await accepts(f"127.0.0.1:{relay.port}")
            with pytest.raises(OSError, match="in use"), socket.socket() as other:
                other.bind(("127.0.0.1", relay.port))
            with listening(Backend, port):
                assert await relay.follow() == ""
                async with httpx.AsyncClient(trust_env=False) as client:
                    assert (await client.get(f"http://127.0.0.1:{relay.port}/")).text == "mine"
        finally:
            relay.close()

    asyncio.run(run())


def test_each_call_of_a_backend_has_a_connection_and_no_cookie_of_another() -> None:
    """A health check must not wait for a hundred slow calls, nor be a session of a caller."""
    calls = 101
    heads: list[bytes] = []
    together = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        if len(heads) == calls:
            together.set()
        await together.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2 * calls)
        url = "http://{}:{}".format(*server.sockets[0].getsockname())
        async with server, local_client(10) as client:
            await asyncio.gather(*(client.get(url) for _ in range(calls)))
            await client.get(url)

    asyncio.run(run())
    assert b"cookie" not in heads[-1].lower()


def test_a_long_line_of_a_function_stops_nothing() -> None:
    code = "def handler(event, context):\n    print('x' * event)\n    print('after')"
    lines: list[str] = []

    async def run() -> None:
        function = Function(function_of(code), {}, lines.append)
        try:
            for _ in range(2):
                await function.invoke(b"300000")
        finally:
            await function.stop()

    asyncio.run(run())
    assert lines[1:4] == [f"f: {'x' * 300_000}", "f: after", f"f: {'x' * 300_000}"]


STARTS = """
import os, pathlib, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session={apart}{quiet})
pathlib.Path({file!r}).write_text(str(child.pid))
def handler(event, context):
    if event:
        os._exit(3)
"""


@pytest.mark.parametrize("ends", [False, True])
def test_what_a_function_started_ends_with_it(ends: bool, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = STARTS.format(apart=False, quiet=", stdout=-3, stderr=-3", file=str(file))

    async def run() -> None:
        function = Function(function_of(code), {}, print)
        with suppress(GatewayError):
            await function.invoke(b'{"end": 1}' if ends else b"{}")
        await function.stop()

    asyncio.run(run())
    assert not lives(int(file.read_text()))


def test_a_process_that_left_the_group_holds_up_nothing(tmp_path: Path) -> None:
    file = tmp_path / "pid"

    async def run() -> None:
        function = Function(function_of(STARTS.format(apart=True, quiet="", file=str(file))), {}, print)
        await function.invoke(b"{}")
        await asyncio.wait_for(function.stop(), 10)

    try:
        asyncio.run(run())
    finally:
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": 99},
        {"statusCode": 1000},
        {"headers": {"X": "a\r\nSet-Cookie: b"}},
        {"headers": {"X": "a\x0bb"}},
        {"headers": {"X\r\nY: z": "a"}},
        {"headers": {"\u0416": "a"}},
        {"cookies": ["a\nb"]},
        {"statusCode": "two hundred"},
        {"statusCode": math.inf},
        {"headers": "X"},
        [],
        None,
    ],
)
def test_a_function_splits_no_response(result: Any) -> None:
    given = {"statusCode": 200, **result} if isinstance(result, dict) else result
    with pytest.raises(GatewayError) as whole:
        response_of(given, call_of(Request("GET", "/", "", [], b""), rest=True))
    assert whole.value.kind == "BAD_FUNCTION_RESPONSE"
    with pytest.raises(GatewayError) as stream:
        streamed(given, nothing())
    assert stream.value.kind == "BAD_FUNCTION_RESPONSE"


async def nothing() -> AsyncIterator[bytes]:
    """A stream without a part."""
    return
    yield


def test_spaces_around_a_header_are_no_part_of_it() -> None:
    made = response_of({"statusCode": 200, "headers": {"X": " a "}}, call_of(Request("GET", "/", "", [], b"")))
    assert ("X", "a") in made.headers


@pytest.mark.parametrize("status", [204, 304])
def test_a_stream_of_a_status_without_a_body_has_none(status: int) -> None:
    sent: list[dict[str, Any]] = []

    async def run() -> None:
        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        async def parts() -> AsyncIterator[bytes]:
            yield b"body"

        await send_response(send, Response(status, stream=parts()))

    asyncio.run(run())
    assert b"".join(message.get("body", b"") for message in sent) == b""


def lives(pid: int) -> bool:
    """Whether a process still runs; one that ended may wait for its parent."""
    for _ in range(50):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        time.sleep(0.02)
    return True


def test_each_api_and_stage_keeps_its_own_decisions() -> None:
    asked: list[str] = []

    async def invoke(resource: Resource, event: Any) -> Any:
        asked.append(resource.name)
        return {"isAuthorized": resource.name == "lax"}

    def authorizer(name: str) -> Authorizer:
        function = replace(function_of(""), name=name)
        return Authorizer(
            name="own", kind=AuthorizerKind.REQUEST, sources=("$request.header.Authorization",), function=function,
            cache_seconds=300, payload="2.0", simple=True,
        )  # fmt: skip

    async def identify(api: str, name: str) -> None:
        made = call_of(Request("GET", "/", "", [("authorization", "x")], b""), authorizer(name))
        arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}"
        made.api.api = replace(made.api.api, arn=arn)
        await authorization.identify(made)

    authorization = Authorization(Issuer(), invoke, REGION)
    asyncio.run(identify("one", "lax"))
    asyncio.run(identify("one", "lax"))
    with pytest.raises(GatewayError, match="denies"):
        asyncio.run(identify("two", "strict"))
    assert asked == ["lax", "strict"]


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None}, {"exp": "soon"}, {"exp": 1}, {"nbf": "x"}, {"iss": "j"}, {"iss": None},
        {"aud": [{}]}, {"aud": ["b"]}, {"aud": "b"}, {"aud": None, "client_id": None},
    ],
)  # fmt: skip
def test_a_token_with_strange_claims_is_refused(claims: dict[str, Any]) -> None:
    issuer = Issuer()
    with pytest.raises(GatewayError):
        issuer.claims(issuer.mint("i", "a", [], claims), ["i"], ["a"])


@pytest.mark.parametrize(
    ("scopes", "use", "passes"), [((), "id", True), ((), "access", False), (("s",), "access", True)]
)
def test_a_user_pools_access_token_needs_a_route_with_scopes(scopes: tuple[str, ...], use: str, passes: bool) -> None:
    authorization = Authorization(issuer := Issuer(), None, REGION)  # type: ignore[arg-type]
    token = issuer.mint("i", "a", ["s"], {"token_use": use})
    source = "method.request.header.Authorization"
    pool = Authorizer(name="pool", kind=AuthorizerKind.COGNITO, issuers=("i",), sources=(source,))
    made = call_of(Request("GET", "/", "", [("authorization", token)], b""), pool, rest=True, scopes=scopes)
    if passes:
        assert asyncio.run(authorization.identify(made)).context["claims"]["token_use"] == use
    else:
        with pytest.raises(GatewayError, match="access token"):
            asyncio.run(authorization.identify(made))


@pytest.mark.parametrize("minutes", [-16, 16, None])
def test_a_signature_must_be_new(minutes: int | None) -> None:
    moment = "" if minutes is None else f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}"
    scope = f"{ACCESS_KEY_ID}/{moment[:8]}/{REGION}/execute-api/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature=0"
    request = Request("GET", "/", "", [("authorization", value), ("x-amz-date", moment)], b"")
    made = call_of(request, Authorizer(name="IAM", kind=AuthorizerKind.IAM), rest=True)
    with pytest.raises(GatewayError, match="within 5 minutes"):
        asyncio.run(Authorization(Issuer(), None, REGION).identify(made))  # type: ignore[arg-type]


def test_a_private_api_without_a_policy_admits_no_one() -> None:
    with serving(graph_of("examples/private-greeter.yaml"), Options()) as served:
        for gateway in served.stack.gateways:
            gateway.api.api = replace(gateway.api.api, policies=())
        line = next(iter(served.routes()))
        assert plain_http.get(line.url, headers=line.headers).status_code == 403
        assert "resource policy" in served.traces[-1].note


def test_the_case_of_a_domain_makes_no_difference() -> None:
    """The host is compared as host names are; without credentials the mapped route answers 403, and says why."""
    graph = graph_of("examples/own-domain.yaml")
    named = {
        urn: replace(one, inputs={**one.inputs, "domainName": "API.Example.com"})
        for urn, one in graph.resources.items()
        if one.kind == "ApiMapping"
    }
    with serving(replace(graph, resources={**graph.resources, **named}), Options()) as served:
        answers = [
            plain_http.get(f"{served.url()}/v1{path}", headers={"Host": "api.EXAMPLE.com:443"}).json()["message"]
            for path in ("/orders", "/nowhere")
        ]
    assert answers == ["Missing Authentication Token"] * 2
