"""What each shape of handler answers: AWS's own runtime clients gave these answers, and functions here give the same.

The slow tests ask the clients again: awslambdaric, and `aws-lambda-ric` of npm where AWS_LAMBDA_RIC names its folder.
"""

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

from review.serve import functions
from review.tests.helpers.draws import sampled

NODE = pytest.mark.skipif(shutil.which("node") is None, reason="without node")
RIC: Final = os.environ.get("AWS_LAMBDA_RIC", "")
_SECONDS: Final = 3
"""After these, a handler that has not answered never will."""
# The client's native part sends requests, and needs a compiler of C++ and libcurl: this sends the same.
SENDS: Final = """
const Module = require("module"), { execFileSync } = require("child_process"), load = Module._load;
const url = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/`;
const send = (place, body) => execFileSync(process.execPath, ["-e",
  "fetch(process.argv[1], {method: 'POST', body: process.argv[2]}).then((a) => a.text())", url + place, body]);
Module._load = (name, ...given) => !name.endsWith("rapid-client.node") ? load(name, ...given) : {
  next: async () => { const a = await fetch(url + "next");
    return { bodyJson: await a.text(), headers: Object.fromEntries(a.headers) }; },
  done: (id, body) => send(`${id}/response`, body), error: (id, body) => send(`${id}/error`, body) };
"""


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
        if not self.server.told:
            self.server.told = (kind, body.decode())
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def handle(self) -> None:
        with suppress(ConnectionError):  # the process ends with its answer
            super().handle()

    def log_message(self, *_: object) -> None:
        pass


def answer(command: Sequence[str], folder: Path, handler: str, **variables: str) -> Any:
    """The answer to the event {"a": 1}: a result, or an error with its type and message."""
    own = {"LAMBDA_TASK_ROOT": str(folder), "_HANDLER": handler, "PATH": os.environ["PATH"], **variables}
    own |= {f"AWS_LAMBDA_FUNCTION_{name}": name for name in ("NAME", "VERSION", "MEMORY_SIZE")}
    own |= {f"AWS_LAMBDA_LOG_{name}": name for name in ("GROUP_NAME", "STREAM_NAME")}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        server.daemon_threads = True
        state: Any = server
        state.told, state.given, state.until = (), False, math.inf
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        own["AWS_LAMBDA_RUNTIME_API"] = f"127.0.0.1:{server.server_port}"
        process = subprocess.Popen(
            [*command], cwd=folder, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not state.told and process.poll() is None and not (state.given and time.time() > state.until):
                time.sleep(0.005)
        finally:
            process.kill()
            process.wait()
            server.shutdown()
    kind, body = state.told or ("ended", "null")
    if kind == "response":
        return body
    told = json.loads(body)
    # Paths and lists of files differ by machine.
    return (
        f"{kind}: {told['errorType']}: {told['errorMessage'].partition(chr(10))[0]}".replace(str(folder), "")
        if told
        else kind
    )


SHAPES: Final[list[dict[str, Any]]] = yaml.load(
    Path(__file__).with_name("handlers.yaml").read_text("utf-8"), yaml.CSafeLoader
)


def differences(language: str, command: Sequence[str], folder: Path, *, named: bool = False) -> list[str]:
    """Shapes that a command answers in another way; `named` if it takes the handler as an argument."""
    found = []
    for shape in sampled([one for one in SHAPES if one["shape"].startswith(f"{language}: ")], 4):
        place = folder / shape["shape"].partition(": ")[2]
        for name, code in shape["files"].items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(code, "utf-8")
        given = [*command, *([shape["handler"]] if named else [])]
        got = answer(given, place, shape["handler"], AWS_EXECUTION_ENV="AWS_Lambda_python3.13")
        if got != shape["answer"]:
            found.append(f"{shape['shape']}: {got!r}, not {shape['answer']!r}")
    return found


@pytest.mark.slow
@NODE
def test_shapes_of_handlers_in_node_answer_as_on_aws(tmp_path: Path) -> None:
    assert differences("nodejs", ["node", str(functions._NODE)], tmp_path) == []


def test_shapes_of_handlers_in_python_answer_as_on_aws(tmp_path: Path) -> None:
    assert differences("python", [sys.executable, str(functions._PYTHON)], tmp_path) == []
