"""Calls of served stacks, as `gatehouse try` prints them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from review.graph import Graph
from review.local_gateway.signing import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from review.local_gateway.stack import Options
from review.local_gateway.testing import Served, serve_graph
from review.tests.helpers import plain_http


@contextmanager
def stack(graph: Graph, **options: Any) -> Iterator[Served]:
    with serve_graph(graph, Options(**options)) as served:
        yield served


def call(served: Served, method: str, path: str, **changed: Any) -> httpx.Response:
    """Call a route as it is printed, but for `changed` headers; None leaves one out."""
    line = served.route(method, path)
    headers = {**line.headers, **changed.pop("headers", {})}
    headers = {name: value for name, value in headers.items() if value is not None}
    verb = "GET" if method == "ANY" else method
    url, body = changed.pop("url", line.url), changed.pop("content", b"")
    if line.signed and changed.pop("signed", True):
        headers |= signature(verb, url, line.signed, body, host=line.headers.get("Host", ""))
    return plain_http.request(verb, url, headers=headers, content=body)


def signature(
    method: str, url: str, region: str, body: bytes = b"", *, secret: str = SECRET_ACCESS_KEY, host: str = ""
) -> dict[str, str]:
    request = AWSRequest(method, url, headers={"Host": host} if host else {}, data=body)
    SigV4Auth(Credentials(ACCESS_KEY_ID, secret), "execute-api", region).add_auth(request)
    return dict(request.headers.items())


def asked(served: Served, path: str, **headers: str) -> tuple[int, str]:
    """The status of a GET of a path, and the note in the terminal."""
    answer = plain_http.get(served.url() + path, headers=headers)
    return answer.status_code, served.traces[-1].note


def ask(graph: Graph, path: str = "/orders/1", **headers: str) -> tuple[int, str]:
    """The same of a stack that is served for this call."""
    with stack(graph) as served:
        return asked(served, path, **headers)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
