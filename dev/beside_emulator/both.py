"""The program of this folder, served by the local gateway and by the emulator."""

from __future__ import annotations

import http.server
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qs

from review.evaluate.project_file import load
from review.evaluate.runner import run
from review.evaluate.stack_file import read_stack
from review.serve.stack import Options
from review.serve.testing import Served, serving

from .emulator import Deployed, emulator

PROGRAM: Final = Path(__file__).parent / "program"
VARIABLE: Final = "GATEHOUSE_MINISTACK"
PYTHON: Final = os.environ.get(VARIABLE)
"""An interpreter that has `ministack`."""


class _Backend(http.server.BaseHTTPRequestHandler):
    """Answers with the request that a mapping made."""

    def do_POST(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        told = {"path": path, "query": parse_qs(query, keep_blank_values=True), "headers": headers, "body": body}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        pass


class Both(NamedTuple):
    """The local gateway; the emulator's address, and the host of each API there by its logical name."""

    local: Served
    address: str
    hosts: Mapping[str, str]


@contextmanager
def both(python: str) -> Iterator[Both]:
    """Serve the program twice while the block runs."""
    project = load(PROGRAM)
    graph = run(project, read_stack(project, "dev"), strict=False)
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Backend) as backend,
        tempfile.TemporaryDirectory() as folder,
        emulator(python, Path(folder) / "log") as address,
        serving(graph, Options(backends=[f"http://127.0.0.1:{backend.server_port}"])) as local,
    ):
        threading.Thread(target=backend.serve_forever, daemon=True).start()
        deployed = Deployed(graph, PROGRAM / "functions", address, f"http://127.0.0.1:{backend.server_port}")
        yield Both(local, address, deployed.hosts)
        backend.shutdown()
