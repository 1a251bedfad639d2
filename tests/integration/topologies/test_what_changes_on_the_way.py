"""The tables of docs/topologies.md on what changes between caller and backend, held against `make try`."""

import http.client
import re
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from components.facts import limits
from review.local_gateway.stack import Options
from review.local_gateway.testing import Served, serve_graph
from review.tests.helpers.stacks import ROOT, graph_with
from review.try_page.introduction import introduce_stack

ROUTES = {"routes": [{"path": "/", "methods": ["ANY"]}], "throttle": {"rate": 1000, "burst": 1000}}
SHARED: dict[str, Any] = {
    "network": {"egress": "nat-gateway"},
    "backend": {"kind": "fargate", "image": "nginx:1.29", "port": 80},
    "protection": {"acknowledgePublic": ["ANY /", "ANY /{proxy+}"]},
}
# By the columns of the table: topology, kind of the API and ingress.
COLUMNS = {
    "forwarder, REST": ("public-proxy", "rest", "alb"),
    "forwarder, HTTP": ("public-proxy", "http", "alb"),
    "VPC link, REST": ("vpc-link", "rest", "nlb"),
    "VPC link, HTTP": ("vpc-link", "http", "alb"),
}
_UNCHANGED = ("path `/p//b`", "path `/p/a%20b`", "path `/p/100%2541`", "query `q=a%2Cb&q=2`")
"""What all columns keep, which the page does not list."""
_ANSWERED = [
    *(("WWW-Authenticate", "Basic"), ("X-A", "1"), ("X-A", "2"), ("Location", "/login"), ("Content-Length", "0")),
    ("Set-Cookie", "id=1; Path=/shop"),
]


class Recorder(ThreadingHTTPServer):
    """A backend that keeps the last request, other than health checks."""

    daemon_threads = True
    target = ""
    headers: Message

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Recorder
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "X-Probe" in self.headers:
            self.server.target, self.server.headers = self.path, self.headers
        self.send_response(200)
        for name, value in _ANSWERED:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    backend = Recorder()
    yield backend
    backend.shutdown()
    backend.server_close()


def tables() -> list[list[list[str]]]:
    section = (
        (ROOT / "docs/topologies.md").read_text().partition("## What changes on the way\n")[2].partition("\n## ")[0]
    )
    found = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [[[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()] for table in found]


def call(served: Served, kind: str, target: str, headers: list[tuple[str, str]]) -> http.client.HTTPResponse:
    """The target goes as it is, which clients of a higher level do not allow."""
    connection = http.client.HTTPConnection(served.url().partition("//")[2])
    connection.putrequest("GET", ("/live" if kind == "rest" else "") + target, skip_accept_encoding=True)
    for name, value in [*headers, ("X-Probe", "1")]:
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def arrived(served: Served, recorder: Recorder, kind: str, sent: str) -> tuple[list[str], list[str]]:
    """What a row's first cell sends, and what arrives, each as texts."""
    place, texts = sent.partition(" `")[0], re.findall("`([^`]*)`", sent)
    pairs = [tuple(text.split(": ")) for text in texts]
    if place == "path":
        call(served, kind, texts[0], [])
        return texts, [recorder.target]
    if place == "query":
        call(served, kind, f"/p?{texts[0]}", [])
        return texts, [recorder.target.partition("?")[2]]
    values = [value for _, value in pairs]
    if place == "request header":
        call(served, kind, "/p", [(name, value) for name, value in pairs])
        return values, recorder.headers.get_all(pairs[0][0]) or []
    response = call(served, kind, "/p", [])
    name = pairs[0][0]
    remapped = [key for key in response.headers if key.lower() == f"x-amzn-remapped-{name.lower()}"]
    return values, [key.lower() for key in remapped] or response.headers.get_all(name) or []


@pytest.mark.parametrize("column", COLUMNS)
def test_make_try_changes_what_the_table_says(recorder: Recorder, column: str) -> None:
    topology, kind, ingress = COLUMNS[column]
    config = {**SHARED, "topology": topology, "ingress": {"kind": ingress}, "api": {"kind": kind, **ROUTES}}
    head, _, *rows = tables()[0]
    place = head.index(column)
    with serve_graph(graph_with(config), Options(backends=[recorder.url])) as served:
        for row in [*rows, *([cell, *["kept"] * len(COLUMNS)] for cell in _UNCHANGED)]:
            sent, got = arrived(served, recorder, kind, row[0])
            cell = row[place].removesuffix(" (not documented)")
            expected = {"kept": sent, "removed": []}.get(cell, re.findall("`([^`]*)`", cell))
            assert got == expected, f"{row[0]}, {column}"
        said = "\n".join(introduce_stack("test", served.stack))
    assert ("As on AWS, front: a slash at the end of a path does not reach the backend" in said) == (
        column == "VPC link, REST"
    )


def test_the_limits_are_those_of_the_facts() -> None:
    rows = {row[0]: row[1:] for row in tables()[1]}
    rest, http_api = limits.REST_API_TIMEOUT_MILLISECONDS // 1000, limits.HTTP_API_TIMEOUT_MILLISECONDS // 1000
    assert rows["response time"] == [f"{rest} s", f"{http_api} s"] * 2
