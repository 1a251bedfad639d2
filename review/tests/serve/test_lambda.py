"""What a function finds around it, as Lambda has it: its Runtime API, its start, its variables and its context."""

import asyncio
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from review.graph import Asset
from review.serve import environment, functions, output
from review.serve.environment import Environment, Result
from review.serve.errors import FunctionFailure
from review.serve.functions import Function
from review.serve.unpacked import Sources, UnsupportedRuntimeError
from review.tests.serve.conftest import function_of, stopped

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="without node")


def invoked(resource: Any, lines: list[str] | None = None, project: Path | None = None) -> Any:
    """The JSON that a function returns for one event, or the bytes of its stream."""

    async def run() -> Any:
        sources = Sources(project)
        async with stopped(Function(resource, {}, print if lines is None else lines.append, "", sources)) as function:
            result: Result = await function.invoke(b"{}")
            if result.stream is None:
                return json.loads(result.payload)
            return json.loads(result.payload), b"".join([part async for part in result.stream])

    return asyncio.run(run())


def node(code: str) -> Any:
    made = function_of("", "nodejs22.x", **{"main.mjs": Asset(text=code)})
    code_of = made.inputs["code"]
    members = {name: member for name, member in code_of.members.items() if name != "main.py"}
    return replace(made, inputs={**made.inputs, "code": replace(code_of, members=members), "timeout": 30})


@pytest.mark.parametrize(
    ("headers", "user", "status"), [({"Sec-Fetch-Site": "cross-site"}, os.geteuid(), 403), ({}, os.geteuid() + 1, 403)]
)
def test_pages_and_other_users_get_no_event(
    headers: dict[str, str], user: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not headers and (not Path("/proc/net/tcp").exists() or user == 1):
        pytest.skip("the system does not show whose a connection is, or it is root's")
    monkeypatch.setattr(os, "geteuid", lambda: user)

    async def run() -> int:
        made = Environment("f", "arn", print)
        url = f"http://{await made._server.start()}/2018-06-01/runtime/invocation/next"
        try:
            async with httpx.AsyncClient(trust_env=False) as client:
                return (await client.get(url, headers=headers)).status_code
        finally:
            await made.stop()

    assert asyncio.run(run()) == status


def test_a_start_may_take_the_functions_own_time_besides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "INIT_SECONDS", 0.0)
    made = function_of("def handler(event, context):\n    return 'started'\n")
    assert invoked(replace(made, inputs={**made.inputs, "timeout": 60})) == "started"


_RAW = """
import http.client, os
def sent(path, body, **headers):
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    api.request("POST", "/2018-06-01/runtime/" + path, body, headers)
    return api.getresponse().status
MODE = {"Lambda-Runtime-Function-Response-Mode": "streaming"}
"""
"""A function that calls the Runtime API itself."""


def test_an_error_that_is_nested_too_deeply_is_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    code = "def handler(event, context):\n    sent(f'invocation/{context.aws_request_id}/error', '[' * 200_000)\n"
    with pytest.raises(FunctionFailure, match="f failed"):
        invoked(function_of(_RAW + code))
    assert not caplog.records


def test_a_stream_for_another_event_is_refused() -> None:
    code = "def handler(event, context):\n    return sent('invocation/another/response', '{}', **MODE)\n"
    assert invoked(function_of(_RAW + code)) == 403


@pytest.mark.parametrize("most", [1000, 1 << 20])
def test_a_stream_without_a_status_is_not_kept(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is too long, or ends before its status."""
    monkeypatch.setattr(environment, "MOST_BYTES", most)
    place = "f'invocation/{context.aws_request_id}/response'"
    code = f"def handler(event, context):\n    return sent({place}, 'x' * 200_000, **MODE)\n"
    with pytest.raises(FunctionFailure, match="no status before its body"):
        invoked(function_of(_RAW + code))


def test_a_line_without_an_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_LONGEST_LINE", 1000)
    lines: list[str] = []
    assert invoked(function_of("def handler(event, context):\n    print('x' * 1_000_000)\n"), lines) is None
    printed = [line.removeprefix("f: ") for line in lines if "xxx" in line]
    assert len(printed) > 1
    assert sum(map(len, printed)) == 1_000_000


def test_what_is_shown_of_a_call_has_a_limit() -> None:
    lines: list[str] = []
    prints = "for n in range(3000): print('x' * 999)"
    error = "sent(f'invocation/{context.aws_request_id}/error', '\"' + 'A' * 900_000 + '\"')"
    code = f"{_RAW}\ndef handler(event, context):\n    {prints}\n    {error}\n"
    with pytest.raises(FunctionFailure) as failed:
        invoked(function_of(code), lines)
    printed = [line for line in lines if "xxx" in line]
    assert 1000 < len(printed) < 1100
    assert len([line for line in lines if "no more is shown of this call" in line]) == 1
    assert sum(map(len, lines)) < 1_100_000
    assert len(failed.value.note) < 2_100


def test_each_call_has_its_own_limit() -> None:
    lines: list[str] = []
    code = "def handler(event, context):\n    print('x' * (3 << 18))\n"

    async def run() -> None:
        async with stopped(Function(function_of(code), {}, lines.append)) as function:
            await function.invoke(b"{}")
            await function.invoke(b"{}")

    asyncio.run(run())
    assert len([line for line in lines if "xxx" in line]) == 2
    assert not any("no more is shown" in line for line in lines)


def test_a_function_without_code_here_is_named() -> None:
    made = function_of("")
    for inputs in ({"packageType": "Image", "imageUri": "x"}, {"code": None, "s3Bucket": "b"}):
        with pytest.raises(UnsupportedRuntimeError, match=r"^f: "):
            Function(replace(made, inputs={**made.inputs, **inputs}), {}, print)


def test_variables_and_tracebacks_are_lambdas() -> None:
    code = "import os\ndef handler(event, context):\n    print(__file__)\n    return dict(os.environ)\n"
    lines: list[str] = []
    made = function_of(code)
    answer = invoked(replace(made, inputs={**made.inputs, "timeout": 60}), lines)
    assert (answer["AWS_LAMBDA_LOG_GROUP_NAME"], answer["LAMBDA_RUNTIME_DIR"]) == ("/aws/lambda/f", "/var/runtime")
    assert "[$LATEST]" in answer["AWS_LAMBDA_LOG_STREAM_NAME"]
    assert "f: /var/task/main.py" in lines


@NODE
def test_a_function_of_node_finds_only_the_sdk_of_the_project(tmp_path: Path) -> None:
    for name in ("@aws-sdk/client-s3", "own"):
        (tmp_path / "node_modules" / name).mkdir(parents=True)
        (tmp_path / "node_modules" / name / "index.js").write_text("exports.name = 'here';")
    wants = "export const handler = async () => {const found = await import('PACKAGE'); return found.name;}"
    (tmp_path / "program").mkdir()
    project = tmp_path / "program"
    assert invoked(node(wants.replace("PACKAGE", "@aws-sdk/client-s3/index.js")), project=project) == "here"
    for package, above, note in (
        ("@aws-sdk/client-s3", None, "contain the AWS SDK: install"),
        ("own", project, "Cannot find package 'own'"),
    ):
        with pytest.raises(FunctionFailure) as failed:
            invoked(node(wants.replace("PACKAGE", package)), project=above)
        assert note in failed.value.note


def test_each_alias_has_processes_and_an_arn_of_its_own() -> None:
    code = "def handler(event, context):\n    return [context.invoked_function_arn, context.function_version]"

    async def run() -> list[Any]:
        async with stopped(Function(function_of(code), {}, print)) as function:
            called = [("", ""), ("live", "7"), ("", "")]
            return [json.loads((await function.invoke(b"{}", None, *one)).payload) for one in called]

    assert asyncio.run(run()) == [["f", "$LATEST"], ["f:live", "7"], ["f", "$LATEST"]]


def test_waiting_for_a_free_process_is_no_part_of_the_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "_MOST_PROCESSES", 1)

    async def run() -> list[Result]:
        free = asyncio.Event()

        async def invoke(event: bytes, _: float) -> Result:
            if event == b"first":
                await free.wait()
            return Result(event)

        async def started(*_: object) -> SimpleNamespace:
            return SimpleNamespace(invoke=invoke)

        monkeypatch.setattr(Function, "_started", started)
        async with stopped(Function(function_of(""), {}, print)) as function:
            calls = [asyncio.ensure_future(function.invoke(*one)) for one in ((b"first",), (b"second", 0.01))]
            # Ten times its patience.
            assert not (await asyncio.wait(calls, timeout=0.1, return_when=asyncio.FIRST_COMPLETED))[0]
            free.set()
            return await asyncio.gather(*calls)

    assert [result.payload for result in asyncio.run(run())] == [b"first", b"second"]
