"""The other party: AWS's own loop for Python with the same Runtime API, and with the same events as ours."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.forwarder.conftest import Start
from tests.forwarder.lambda_api import FOLDER, LambdaApi
from tests.forwarder.loopback import Script, answering, once, response
from tests.forwarder.setting import Serve, call, event


@pytest.fixture
def other_api() -> Iterator[LambdaApi]:
    api = LambdaApi()
    yield api
    api.close()


TEXT = response(b'{"a": "\xc3\xa9"}', "Content-Type: application/json", "X-A: 1", "X-A: 2", "Set-Cookie: a=1")
CASES: list[tuple[str, dict[str, Any], Script]] = [
    *((name, event(name), answering(TEXT)) for name in ("rest", "http_1", "http_2", "function_url")),
    ("binary", call(), answering(response(bytes(range(256)), "Content-Type: image/png"))),
    ("malformed", call(), once(b"nonsense\r\n\r\n")),
    ("refused", {"httpMethod": "GET", "path": "//x"}, answering(response())),
    ("large", call(), answering(response("Zoë\n".encode() * 900_000, "Content-Type: text/plain"))),
    ("too large", call(), answering(response(b"x" * 7_000_000))),
]


@pytest.mark.parametrize(("given", "script"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_whole_answers_are_those_of_lambdas_own_loop(
    serve: Serve, lambda_api: LambdaApi, other_api: LambdaApi, start: Start, given: dict[str, Any], script: Script
) -> None:
    backend = serve(script)
    start(backend.url)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(FOLDER),
        "AWS_LAMBDA_RUNTIME_API": other_api.authority,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "TIMEOUT_SECONDS": "60",
        "BACKEND_URL": backend.url,
    }
    command = [sys.executable, "-m", "awslambdaric", "handler.handler"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, cwd=FOLDER) as process:
        try:
            ours, theirs = lambda_api.invoke(given), other_api.invoke(given)
            assert ours.target == theirs.target == "/2018-06-01/runtime/invocation/request-1/response"
            made, wanted = ours.body(), theirs.body()
        finally:
            process.kill()
    assert json.loads(made) == json.loads(wanted)
    # Character for character, so that 6 MB are the same for both.
    assert len(made) == len(wanted)
