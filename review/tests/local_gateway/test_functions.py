"""Functions and their calls: what they find around them, and what they may reach, leave behind and return."""

import asyncio
import json
import math
import shutil
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from review.graph import Asset
from review.local_gateway import environment
from review.local_gateway.backends import Backends, make_local_client
from review.local_gateway.environment import Environment
from review.local_gateway.errors import FunctionFailure, GatewayError
from review.local_gateway.functions import Function
from review.local_gateway.network import Verdict
from review.local_gateway.proxy import make_response, make_stream_response
from review.local_gateway.request import Request
from review.local_gateway.unpacked import UnsupportedRuntimeError
from review.tests.helpers import plain_http
from review.tests.local_gateway.calling import stack
from review.tests.local_gateway.conftest import Backend, call_of, function_of, listening, stopped
from review.tests.local_gateway.programs import functions

_SECONDS = 120
"""A machine that is busy may take any time."""


def invoked(resource: Any, lines: list[str] | None = None, project: Path | None = None) -> Any:
    """The JSON that a function returns for an empty event."""

    async def run() -> Any:
        async with stopped(Function(resource, {}, print if lines is None else lines.append, "", project)) as function:
            return json.loads((await function.invoke(b"{}")).payload)

    return asyncio.run(run())


def with_inputs(resource: Any, **inputs: Any) -> Any:
    return replace(resource, inputs={**resource.inputs, **inputs})


async def until(holds: Callable[[], object]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(_SECONDS):
        while not holds():
            await asyncio.sleep(0.01)


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


def test_code_that_cannot_run_is_named_and_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders, packed = tmp_path / "folders", tmp_path / "packed.zip"
    folders.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folders))
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("main.py", "x" * 100)
    packed.write_bytes(packed.read_bytes().replace(b"x" * 100, b"y" * 100))
    for inputs, reason in (
        ({"code": Asset(path=str(packed), archive=True)}, "its code cannot be read: .*CRC"),
        ({"code": Asset(members={"main.py": Asset(path="missing.py")})}, r"its code cannot be read: .*missing\.py"),
        ({"code": Asset(path="none", archive=True)}, "there is no file or folder .*none"),
        ({"runtime": "java21"}, "java21"),
        ({"packageType": "Image", "imageUri": "x"}, ""),
        ({"code": None, "s3Bucket": "b"}, ""),
    ):
        with pytest.raises(UnsupportedRuntimeError, match=f"^f: .*{reason}"):
            Function(with_inputs(function_of(""), **inputs), {}, print)
    assert not list(folders.iterdir())


def test_a_function_runs_without_awss_runtime_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    code = "def handler(event, context):\n    return event['a'] / (0 < context.get_remaining_time_in_millis() <= 60000)"
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
        resource = with_inputs(function_of(code), reservedConcurrentExecutions=1, timeout=600)
        async with stopped(Function(resource, {}, lines.append)) as function:
            task = asyncio.create_task(function.invoke(b"600"))
            await until(lambda: "f: runs" in lines)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await function.invoke(b"0")

    asyncio.run(run())


def test_each_call_of_a_backend_has_a_connection_and_no_cookie_of_another() -> None:
    """A health check must not wait for a hundred slow calls, nor be a session of a caller."""
    calls, heads, together = 101, list[bytes](), asyncio.Event()

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
        async with server, make_local_client(_SECONDS) as client:
            await asyncio.gather(*(client.get(url) for _ in range(calls)))
            await client.get(url)

    asyncio.run(run())
    assert b"cookie" not in heads[-1].lower()


@pytest.mark.parametrize(
    ("check", "failing"),
    [({"protocol": "HTTP", "matcher": "100-199"}, ["f"]), ({"protocol": "HTTP", "matcher": "199,200"}, []),
     ({"protocol": "HTTP", "matcher": "201"}, ["f"]), ({"protocol": "HTTP"}, []),
     ({"protocol": "TCP", "matcher": "201"}, [])],
)  # fmt: skip
def test_a_health_check_is_sent_by_http_only_and_has_its_statuses(check: dict[str, str], failing: list[str]) -> None:
    group = replace(function_of(""), inputs={"healthCheck": check})

    async def run(port: int) -> list[str]:
        async with make_local_client() as client:
            backends = Backends([f"http://127.0.0.1:{port}"], "", {}, client)
            return await backends.list_unhealthy_groups(Verdict((), (), groups=(group,)))

    with listening(Backend) as port:
        assert asyncio.run(run(port)) == failing


STARTS = """
import os, subprocess, sys
command = [sys.executable, "-c", "import time; time.sleep(600)", {mark!r}]
child = subprocess.Popen(command, stdout=-3, stderr=-3)
def handler(event, context):
    if event:
        os._exit(3)
"""


def running(mark: str) -> list[Path]:
    """The processes with this argument. The kernel shows it a moment after a start, and a moment after a kill."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            found += [path] if mark.encode() in path.read_bytes().split(b"\0") else []
    return found


@pytest.mark.parametrize("ends", [False, True])
def test_what_a_function_started_ends_with_it(ends: bool, tmp_path: Path) -> None:
    mark = str(tmp_path)

    async def run() -> None:
        async with stopped(Function(with_inputs(function_of(STARTS.format(mark=mark)), timeout=600), {}, print)) as one:
            if ends:
                with pytest.raises(GatewayError, match="ended with status 3"):
                    await one.invoke(b'{"end": 1}')
            else:
                await one.invoke(b"{}")
                await until(lambda: running(mark))
            await asyncio.wait_for(one.stop(), _SECONDS)
        await until(lambda: not running(mark))

    asyncio.run(run())


async def parts(*given: bytes) -> AsyncIterator[bytes]:
    for part in given:
        yield part


@pytest.mark.parametrize(
    "result",
    [{"statusCode": 99}, {"statusCode": 1000}, {"statusCode": "two hundred"}, {"statusCode": math.inf},
     {"headers": {"X": "a\r\nSet-Cookie: b"}}, {"headers": {"X": "a\x0bb"}}, {"headers": {"X\r\nY: z": "a"}},
     {"headers": {"X: y": "a"}}, {"headers": {"": "a"}}, {"headers": {"\u0416": "a"}}, {"headers": "X"},
     {"cookies": ["a\nb"]}, {"cookies": "a=1"}, {"multiValueHeaders": {"X-A": "text"}}, [], None],
)  # fmt: skip
def test_a_function_splits_no_response(result: Any) -> None:
    given = {"statusCode": 200, **result} if isinstance(result, dict) else result
    call = call_of(Request("GET", "/", "", [], b""), rest=True)
    for whole in (True, False):
        with pytest.raises(GatewayError) as refused:
            make_response(given, call) if whole else make_stream_response(given, parts())
        assert refused.value.kind == "BAD_FUNCTION_RESPONSE"


_RAW = """
import http.client, os
def sent(path, body, **headers):
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    api.request("POST", "/2018-06-01/runtime/" + path, body, headers)
    return api.getresponse().status
MODE = {"Lambda-Runtime-Function-Response-Mode": "streaming"}
def handler(event, context):
    return sent(f'invocation/{context.aws_request_id}/response', 'x' * 200_000, **MODE)
"""
"""A function that calls the Runtime API itself."""


@pytest.mark.parametrize("most", [1000, 1 << 20])
def test_a_stream_that_is_too_long_or_ends_before_its_status_is_not_kept(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "MOST_BYTES", most)
    with pytest.raises(FunctionFailure, match="no status before its body"):
        invoked(function_of(_RAW))


def test_variables_and_tracebacks_are_lambdas() -> None:
    code = "import os\ndef handler(event, context):\n    print(__file__)\n    return dict(os.environ)\n"
    lines: list[str] = []
    answer = invoked(function_of(code), lines)
    assert (answer["AWS_LAMBDA_LOG_GROUP_NAME"], answer["LAMBDA_RUNTIME_DIR"]) == ("/aws/lambda/f", "/var/runtime")
    assert "[$LATEST]" in answer["AWS_LAMBDA_LOG_STREAM_NAME"]
    assert "f: /var/task/main.py" in lines


@pytest.mark.skipif(shutil.which("node") is None, reason="without node")
def test_a_function_of_node_finds_only_the_sdk_of_the_project(tmp_path: Path) -> None:
    for name in ("@aws-sdk/client-s3", "own"):
        (tmp_path / "node_modules" / name).mkdir(parents=True)
        (tmp_path / "node_modules" / name / "index.js").write_text("exports.name = 'here';")
    (project := tmp_path / "program").mkdir()

    def found(package: str, above: Path | None) -> Any:
        text = f"export const handler = async () => {{const found = await import('{package}'); return found.name;}}"
        code = Asset(members={"main.mjs": Asset(text=text)})
        return invoked(with_inputs(function_of(""), runtime="nodejs22.x", code=code), project=above)

    assert found("@aws-sdk/client-s3/index.js", project) == "here"
    for package, above, note in (
        ("@aws-sdk/client-s3", None, "contain the AWS SDK: install"),
        ("own", project, "Cannot find package 'own'"),
    ):
        with pytest.raises(FunctionFailure) as failed:
            found(package, above)
        assert note in failed.value.note


def test_each_alias_has_processes_and_an_arn_of_its_own() -> None:
    code = "def handler(event, context):\n    return [context.invoked_function_arn, context.function_version]"

    async def run() -> list[Any]:
        async with stopped(Function(function_of(code), {}, print)) as function:
            called = [("", ""), ("live", "7"), ("", "")]
            return [json.loads((await function.invoke(b"{}", None, *one)).payload) for one in called]

    assert asyncio.run(run()) == [["f", "$LATEST"], ["f:live", "7"], ["f", "$LATEST"]]


CALLS_AWS = """
import boto3
def handler(event, context):
    boto3.client("secretsmanager").get_secret_value(SecretId="orders")
"""


def test_a_call_of_aws_fails_with_one_line_that_names_the_remedy() -> None:
    with stack(functions(CALLS_AWS, kind="http")) as served:
        assert plain_http.get(f"{served.url()}/a").status_code == 500
        said = [line for line in served.log if "calls AWS" in line and "--aws-endpoint" in line]
    called = "function-echo-function calls AWS (secretsmanager GetSecretValue), which does not answer here"
    assert said == [f"{called}: start an emulator, and name it by --aws-endpoint"]


def test_an_emulator_gets_the_calls_of_functions() -> None:
    function = Function(function_of(""), {}, print, "http://127.0.0.1:5000")
    assert function._build_variables("")["AWS_ENDPOINT_URL"] == "http://127.0.0.1:5000"
    asyncio.run(function.stop())
