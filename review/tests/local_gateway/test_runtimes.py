"""What each shape of handler answers: AWS's own runtime clients gave these answers (handlers.yaml)."""

import base64
import http.server
import json
import math
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from review.local_gateway import functions
from review.tests.helpers.draws import sampled

_SECONDS: Final = 60
"""After these, a handler that has not answered never will."""
SHAPES: Final[dict[str, dict[str, list[str]]]] = yaml.safe_load(
    Path(__file__).with_name("handlers.yaml").read_text("utf-8")
)


class Api(http.server.BaseHTTPRequestHandler):
    """Lambda's Runtime API for one event. `server.told` takes the answer."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        if self.server.given:
            return  # the answer is there
        self.server.given, self.server.until = True, time.time() + _SECONDS
        self.send_response(200)
        for name, value in {
            "Aws-Request-Id": "id", "Deadline-Ms": f"{time.time() * 1000 + 9000:.0f}", "Trace-Id": "Root=1-2-3",
            "Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:f",
        }.items():  # fmt: skip
            self.send_header(f"Lambda-Runtime-{name}", value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b'{"a":1}')

    def do_POST(self) -> None:
        body, trailers = b"", b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            with suppress(ConnectionError):  # a process that ends in the middle resets it at times
                while size := int(self.rfile.readline() or b"0", 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                while (line := self.rfile.readline()) not in (b"\r\n", b""):
                    trailers += line
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        kind = self.path.rpartition("/")[2] if "/init/" not in self.path else "init"
        if trailers:
            kind, body = "error", base64.b64decode(trailers.rpartition(b"Error-Body: ")[2])
        self.server.told = self.server.told or (kind, body.decode())
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def handle(self) -> None:
        with suppress(ConnectionError):  # the process ends with its answer
            super().handle()

    def log_message(self, *_: object) -> None: ...


def answer(command: Sequence[str], folder: Path, handler: str) -> Any:
    """The answer to the event {"a": 1}: a result, or an error with its type and message."""
    own = {"LAMBDA_TASK_ROOT": str(folder), "_HANDLER": handler, "PATH": os.environ["PATH"]}
    own |= {f"AWS_LAMBDA_FUNCTION_{name}": name for name in ("NAME", "VERSION", "MEMORY_SIZE")}
    own |= {f"AWS_LAMBDA_LOG_{name}": name for name in ("GROUP_NAME", "STREAM_NAME")}
    own["AWS_EXECUTION_ENV"] = "AWS_Lambda_python3.13"
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        server.daemon_threads = True
        state: Any = server
        state.told, state.given, state.until = (), False, math.inf
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        own["AWS_LAMBDA_RUNTIME_API"] = f"127.0.0.1:{server.server_port}"
        process = subprocess.Popen(command, cwd=folder, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not state.told and process.poll() is None and not (state.given and time.time() > state.until):
                time.sleep(0.005)
            # What a process has sent before it ended is perhaps not read yet, least of all on a busy machine.
            until = time.monotonic() + 5
            while not state.told and process.poll() is not None and time.monotonic() < until:
                time.sleep(0.005)
        finally:
            process.kill()
            process.wait()
            server.shutdown()
    kind, body = state.told or ("ended", "null")
    told = None if kind == "response" else json.loads(body)
    if not told:
        return body if kind == "response" else kind
    # Paths and lists of files differ by machine.
    said = f"{kind}: {told['errorType']}: {told['errorMessage'].partition(chr(10))[0]}"
    return said.replace(str(folder), "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "command", "file", "handler"),
    [
        pytest.param(
            "nodejs", ["node", str(functions._NODE)], "index.mjs", "index.handler",
            marks=pytest.mark.skipif(shutil.which("node") is None, reason="without node"),
        ),
        ("python", [sys.executable, str(functions._PYTHON)], "main.py", "main.handler"),
    ],
)  # fmt: skip
def test_shapes_of_handlers_answer_as_on_aws(
    language: str, command: list[str], file: str, handler: str, tmp_path: Path
) -> None:
    wrong = []
    for name, (code, wanted, *more) in sampled([*SHAPES[language].items()], 4):
        called, written = [*more, *(handler, file)[len(more) :]]
        path = tmp_path / name / written
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
        got = answer(command, tmp_path / name, called)
        if got != wanted:
            wrong.append(f"{name}: {got!r}, not {wanted!r}")
    assert wrong == []
