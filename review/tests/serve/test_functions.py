"""Functions and their calls: what they may reach, leave behind and return."""

import asyncio
import json
import math
import socket
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from facts import limits
from review.graph import Asset
from review.serve import unpacked
from review.serve.asgi import Server, send_response
from review.serve.backends import Backends, echo, local_client
from review.serve.environment import Environment
from review.serve.errors import GatewayError
from review.serve.functions import Function
from review.serve.network import Verdict
from review.serve.proxy import response_of, streamed
from review.serve.relays import Relay
from review.serve.request import Request, Response
from review.serve.unpacked import UnsupportedRuntimeError
from review.tests.serve.conftest import Backend, call_of, function_of, listening, stopped


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
    (circle := folders.parent / "circle").mkdir()
    (circle / "loop").symlink_to(circle)
    for path, reason in ((circle, r"loop.* cannot be read"), (folders / "none", "there is no file or folder .*none")):
        asset = Asset(path=str(path), archive=True)
        with pytest.raises(UnsupportedRuntimeError, match=f"^f: {reason}") as told:
            Function(replace(resource, inputs={**resource.inputs, "code": asset}), {}, print)
        assert len(str(told.value)) < 2_000
    assert not list(folders.iterdir())


def test_code_that_would_fill_the_disk_is_not_served(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "_MOST", (1 << 20, 500))
    (code := folders.parent / "code").mkdir()
    (packed := folders.parent / "packed").mkdir()
    with zipfile.ZipFile(packed / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("main.py", b"0" * (2 << 20))
    (packed / "large").write_bytes(b"0" * (2 << 20))
    for number in range(12):
        (code / f"{number}").mkdir()
        for link in ("a", "b"):
            (code / f"{number}" / link).symlink_to(code / f"{number + 1}")
    (code / "12").mkdir()
    large = Asset(path=str(packed / "large"))
    for given in (
        Asset(path=str(code), archive=True),
        Asset(path=str(packed), archive=True),
        Asset(path=str(packed / "bomb.zip"), archive=True),
        Asset(members={"large": large}, archive=True),
        Asset(members={"a": Asset(members={"large": large}, archive=True)}, archive=True),
    ):
        resource = function_of("")
        with pytest.raises(UnsupportedRuntimeError, match=r"^f: its code is too large"):
            Function(replace(resource, inputs={**resource.inputs, "code": given}), {}, print)
    assert not list(folders.iterdir())


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_a_name_that_is_none_is_not_served(name: str, folders: Path) -> None:
    with pytest.raises(UnsupportedRuntimeError, match=r"^f: its code cannot be read"):
        Function(function_of("", "python3.13", **{name: Asset(text="x")}), {}, print)
    assert not list(folders.iterdir())


def test_a_process_that_cannot_start_is_a_failure_of_the_function() -> None:
    async def run() -> None:
        async with stopped(
            Function(function_of("", "provided.al2023", bootstrap=Asset(text="no program")), {}, print)
        ) as function:
            with pytest.raises(GatewayError, match=r"f failed: .*Exec format error"):
                await function.invoke(b"{}")

    asyncio.run(run())


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


def test_a_long_line_of_a_function_stops_nothing() -> None:
    code = "def handler(event, context):\n    print('x' * event)\n    print('after')"
    lines: list[str] = []

    async def run() -> None:
        async with stopped(Function(function_of(code), {}, lines.append)) as function:
            for _ in range(2):
                await function.invoke(b"300000")

    asyncio.run(run())
    assert lines[1:4] == [f"f: {'x' * 300_000}", "f: after", f"f: {'x' * 300_000}"]


STARTS = """
import os, subprocess, sys
command = [sys.executable, "-c", "import time; time.sleep(60)", {mark!r}]
child = subprocess.Popen(command, start_new_session={apart}{quiet})
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


@pytest.mark.parametrize(
    ("ends", "apart", "quiet"),
    [
        (False, False, ", stdout=-3, stderr=-3"),
        (True, False, ", stdout=-3, stderr=-3"),
        (False, True, ", stdout=-3, stderr=-3, env={}"),
        (False, True, ""),
    ],
)
def test_what_a_function_started_ends_with_it(ends: bool, apart: bool, quiet: str, tmp_path: Path) -> None:
    code = STARTS.format(apart=apart, quiet=quiet, mark=str(tmp_path))

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


def lives(pid: int) -> bool:
    """Whether a process still runs; one that ended may wait for its parent."""
    for _ in range(50):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        time.sleep(0.02)
    return True
