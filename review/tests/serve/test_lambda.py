"""What a function finds around it, as Lambda has it: its Runtime API, its start, its variables and its context."""

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from review.graph import Asset
from review.serve import environment, functions
from review.serve.environment import Result
from review.serve.errors import FunctionFailure
from review.serve.functions import Function
from review.serve.unpacked import UnsupportedRuntimeError
from review.tests.serve.conftest import function_of, stopped

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="without node")


def invoked(resource: Any, lines: list[str] | None = None, project: Path | None = None) -> Any:
    """The JSON that a function returns for one event, or the bytes of its stream."""

    async def run() -> Any:
        async with stopped(Function(resource, {}, print if lines is None else lines.append, "", project)) as function:
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


@pytest.mark.parametrize("most", [1000, 1 << 20])
def test_a_stream_without_a_status_is_not_kept(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is too long, or ends before its status."""
    monkeypatch.setattr(environment, "MOST_BYTES", most)
    place = "f'invocation/{context.aws_request_id}/response'"
    code = f"def handler(event, context):\n    return sent({place}, 'x' * 200_000, **MODE)\n"
    with pytest.raises(FunctionFailure, match="no status before its body"):
        invoked(function_of(_RAW + code))


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
