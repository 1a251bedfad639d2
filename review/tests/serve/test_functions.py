"""Functions and their calls: what they may reach, leave behind and return."""

import asyncio
import json
import math
import socket
import tempfile
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from review.facts import limits
from review.graph import Asset
from review.serve.asgi import Server, send_response
from review.serve.backends import Backends, echo, local_client
from review.serve.environment import Environment
from review.serve.errors import GatewayError
from review.serve.functions import Function
from review.serve.network import Verdict
from review.serve.proxy import response_of, streamed
from review.serve.relays import Relay
from review.serve.request import Request, Response
from review.serve.stack import Options
from review.serve.testing import serving
from review.serve.unpacked import UnsupportedRuntimeError
from review.tests.graph_builder import Builder
from review.tests.helpers import plain_http
from review.tests.serve.conftest import Backend, call_of, function_of, listening, stopped
from review.tests.serve.programs import called_by_http, lambda_function


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


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which those of functions are made."""
    below = tmp_path / "folders"
    below.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(below))
    return below


def test_a_function_that_cannot_run_leaves_no_folder(folders: Path) -> None:
    with pytest.raises(UnsupportedRuntimeError):
        Function(function_of("", "java21"), {}, print)
    assert not list(folders.iterdir())


def test_code_that_cannot_be_read_is_not_served(folders: Path) -> None:
    packed = folders.parent / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "x" * 100)
    packed.write_bytes(packed.read_bytes().replace(b"x" * 100, b"y" * 100))
    missing = Asset(members={"main.py": Asset(path=str(folders / "missing.py"))})
    for code, reason in ((Asset(path=str(packed), archive=True), "CRC"), (missing, "missing.py")):
        resource = function_of("")
        with pytest.raises(UnsupportedRuntimeError, match=f"^f: its code cannot be read: .*{reason}"):
            Function(replace(resource, inputs={**resource.inputs, "code": code}), {}, print)
    nowhere = Asset(path=str(folders / "none"), archive=True)
    with pytest.raises(UnsupportedRuntimeError, match=r"^f: there is no file or folder .*none"):
        Function(replace(resource, inputs={**resource.inputs, "code": nowhere}), {}, print)
    assert not list(folders.iterdir())


def test_a_function_runs_without_awss_runtime_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code = "def handler(event, context):\n    return event['a'] / (0 < context.get_remaining_time_in_millis() <= 3000)"

    lines: list[str] = []

    async def run() -> None:
        async with stopped(Function(function_of(code), {}, lines.append)) as function:
            assert json.loads((await function.invoke(b'{"a": 2}')).payload) == 2.0
            with pytest.raises(GatewayError):
                await function.invoke(b"{}")

    asyncio.run(run())
    assert "f: KeyError: 'a'" in lines


def test_a_call_that_nobody_waits_for_takes_no_concurrency() -> None:
    code = "import time\ndef handler(event, context):\n    print('runs', flush=True)\n    time.sleep(event)"
    lines: list[str] = []

    async def run() -> None:
        resource = function_of(code)
        async with stopped(
            Function(replace(resource, inputs={**resource.inputs, "reservedConcurrentExecutions": 1}), {}, lines.append)
        ) as function:
            task = asyncio.create_task(function.invoke(b"60"))
            while "f: runs" not in lines:
                await asyncio.sleep(0.01)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await function.invoke(b"0")

    asyncio.run(run())


def test_a_function_that_runs_long_finds_its_connection_open() -> None:
    """Without a wait: the server closes an idle connection after this time."""
    assert Server(echo)._server.config.timeout_keep_alive > max(limits.LAMBDA_TIMEOUT_SECONDS)


@pytest.mark.parametrize("forwards", [True, False])
def test_no_connection_of_a_relay_outlives_the_gateway(forwards: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as backend, socket.socket() as client:
        client.settimeout(20)

        async def run() -> None:
            relay = Relay(Verdict((), ()), f"127.0.0.1:{backend.getsockname()[1]}" if forwards else "")
            await relay.listen()
            client.connect(("127.0.0.1", relay.port))
            while not relay.sent:
                await asyncio.sleep(0.01)
            relay.close()

        asyncio.run(run())
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""


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


@pytest.mark.parametrize(("protocol", "failing"), [("HTTP", ["f"]), ("TCP", []), (None, [])])
def test_a_health_check_is_sent_by_http_only(protocol: str | None, failing: list[str]) -> None:
    group = replace(function_of(""), inputs={"healthCheck": {"protocol": protocol}})

    async def run() -> list[str]:
        async with local_client() as client:
            return await Backends(["http://127.0.0.1:9"], "", {}, client).unhealthy(Verdict((), (), groups=(group,)))

    assert asyncio.run(run()) == failing


@pytest.mark.parametrize(("matcher", "failing"), [("100-199", ["f"]), ("199,200", []), ("201", ["f"]), (None, [])])
def test_a_health_check_has_its_statuses(matcher: str | None, failing: list[str]) -> None:
    group = replace(function_of(""), inputs={"healthCheck": {"protocol": "HTTP", "matcher": matcher}})

    async def run(port: int) -> list[str]:
        async with local_client() as client:
            backends = Backends([f"http://127.0.0.1:{port}"], "", {}, client)
            return await backends.unhealthy(Verdict((), (), groups=(group,)))

    with listening(Backend) as port:
        assert asyncio.run(run(port)) == failing


STARTS = """
import os, subprocess, sys
command = [sys.executable, "-c", "import time; time.sleep(60)", {mark!r}]
child = subprocess.Popen(command, stdout=-3, stderr=-3)
def handler(event, context):
    if event:
        os._exit(3)
"""


def running(mark: str) -> list[Path]:
    paths = Path("/proc").glob("[0-9]*/cmdline")
    with suppress(OSError):
        return [path for path in paths if mark.encode() in path.read_bytes().split(b"\0")]
    return running(mark)  # one ended meanwhile


async def started(mark: str) -> None:
    """The kernel shows the arguments of a process a moment after its start."""
    while not running(mark):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("ends", [False, True])
def test_what_a_function_started_ends_with_it(ends: bool, tmp_path: Path) -> None:
    code = STARTS.format(mark=str(tmp_path))

    async def run() -> None:
        async with stopped(Function(function_of(code), {}, print)) as function:
            if ends:
                with pytest.raises(GatewayError, match="ended with status 3"):
                    await function.invoke(b'{"end": 1}')
            else:
                await function.invoke(b"{}")
                await asyncio.wait_for(started(str(tmp_path)), 10)
            await asyncio.wait_for(function.stop(), 10)
        assert running(str(tmp_path)) == []

    asyncio.run(run())


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": 99},
        {"statusCode": 1000},
        {"headers": {"X": "a\r\nSet-Cookie: b"}},
        {"headers": {"X": "a\x0bb"}},
        {"headers": {"X\r\nY: z": "a"}},
        {"headers": {"X: y": "a"}},
        {"headers": {"": "a"}},
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


CALLS_AWS = """
import boto3
def handler(event, context):
    boto3.client("secretsmanager").get_secret_value(SecretId="orders")
"""


def test_a_call_of_aws_fails_with_one_line_that_names_the_remedy() -> None:
    build = Builder()
    code = Asset(members={"main.py": Asset(text=CALLS_AWS)})
    called_by_http(build, lambda_function(build, "orders", code=code, timeout=30))
    with serving(build.graph(), Options()) as served:
        assert plain_http.get(f"{served.url()}/a").status_code == 500
        said = [line for line in served.log if "calls AWS" in line and "--aws-endpoint" in line]
    called = "orders calls AWS (secretsmanager GetSecretValue), which does not answer here"
    assert said == [f"{called}: start an emulator, and name it by --aws-endpoint"]


def test_an_emulator_gets_the_calls_of_functions() -> None:
    function = Function(function_of(""), {}, print, "http://127.0.0.1:5000")
    assert function._environment("")["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"
    asyncio.run(function.stop())
