"""Programs that are not ours: APIs of separate resources, functions that authorize, Node.js, a backend of one's own."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from review.serve.stack import Options
from review.serve.testing import Served, served, serving
from tests.stacks import ROOT, graph_of

pytestmark = pytest.mark.xdist_group("serve")
PROGRAM = ROOT / "review" / "tests" / "programs" / "guarded.py"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if shutil.which("node") is None:
        pytest.skip("the program has a function in Node.js, and there is no node here")
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "Pulumi.yaml").write_text("name: guarded\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    shutil.copy(PROGRAM, folder / "__main__.py")
    with served("dev", project=folder) as stack:
        yield stack


def test_a_token_function_decides_and_its_decision_is_kept(guarded: Served) -> None:
    url = f"{guarded.url('rest')}/live/guarded"
    missing = httpx.get(url)
    assert (missing.status_code, missing.json()) == (401, {"message": "Unauthorized"})
    denied = httpx.get(url, headers={"X-Token": "wrong"})
    assert (denied.status_code, denied.headers["x-amzn-errortype"]) == (403, "AccessDeniedException")
    answers = [httpx.get(url, headers={"X-Token": "let-me-in"}).json() for _ in range(2)]
    assert answers[0]["principalId"] == "ann"
    assert answers[0]["calls"] == answers[1]["calls"]


def test_a_simple_response_decides_on_an_http_api(guarded: Served) -> None:
    url = f"{guarded.url('web')}/guarded"
    assert httpx.get(url).status_code == 401
    assert httpx.get(url, headers={"X-Token": "no"}).status_code == 403
    answer = httpx.get(url, headers={"X-Token": "yes"})
    assert (answer.status_code, answer.json()) == (200, {"lambda": {"route": "GET /guarded"}})


def test_a_stream_arrives_as_it_comes(tmp_path: Path) -> None:
    """The backend waits between two parts, and the first one is here before the second is sent."""
    program = tmp_path / "backend.py"
    program.write_text(
        "import http.server, sys, time\n"
        "class Slow(http.server.BaseHTTPRequestHandler):\n"
        "    protocol_version = 'HTTP/1.1'\n"
        "    def do_POST(self):\n"
        "        self.rfile.read(int(self.headers.get('Content-Length') or 0))\n"
        "        self.send_response(200)\n"
        "        self.send_header('Transfer-Encoding', 'chunked')\n"
        "        self.end_headers()\n"
        "        for part in (b'one', b'two'):\n"
        "            self.wfile.write(b'3\\r\\n' + part + b'\\r\\n')\n"
        "            self.wfile.flush()\n"
        "            time.sleep(1)\n"
        "        self.wfile.write(b'0\\r\\n\\r\\n')\n"
        "    do_GET = do_POST\n"
        "http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Slow).serve_forever()\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with subprocess.Popen([sys.executable, program, str(port)], stderr=subprocess.DEVNULL) as backend:
        try:
            _wait(port)
            options = Options(backends=[f"http://127.0.0.1:{port}"])
            with serving(graph_of("examples/streaming.yaml"), options) as stack:
                line = next(stack.stack.routes())
                method = "POST" if line.method == "ANY" else line.method
                with httpx.stream(method, line.url, headers=line.headers, timeout=30) as answer:
                    started = time.monotonic()
                    parts = [(part, time.monotonic() - started) for part in answer.iter_raw()]
            assert b"".join(part for part, _ in parts) == b"onetwo"
            assert parts[-1][1] - parts[0][1] > 0.5
        finally:
            backend.terminate()


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
