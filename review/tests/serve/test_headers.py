"""Statuses and headers that HTTP does not have, or that frame an answer, whoever writes them."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from review.graph import Asset
from review.serve.asgi import Server, guarded
from review.serve.backends import echo
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.graph_builder import Builder
from review.tests.helpers import plain_http
from review.tests.serve.conftest import Backend, listening
from review.tests.serve.programs import called_by_http, lambda_function, shop


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert not caplog.records


ANSWERS = """
import json
def handler(event, context):
    return json.loads(event["headers"]["x-answer"])
"""


def test_what_a_function_returns_is_an_answer_of_http() -> None:
    build = Builder()
    called_by_http(build, lambda_function(build, "f", code=Asset(members={"main.py": Asset(text=ANSWERS)})))
    frames = {"Content-Length": "1", "Transfer-Encoding": "gzip", "Trailer": "x", "Connection": "upgrade"}
    with serving(build.graph(), Options()) as served:
        for given, status in (
            ({"headers": frames, "body": "fine"}, 200),
            ({"headers": {"X": "a\r\nb: c"}}, 500),
            ({"headers": {"a\nb": "c"}}, 500),
            ({"cookies": ["a\r\nb: c"]}, 500),
            ({"statusCode": 101}, 500),
        ):
            sent = {"X-Answer": json.dumps({"statusCode": 200, **given})}
            response = plain_http.get(f"{served.url()}/a", headers=sent)
            assert (response.status_code, response.text) == (status, response.text if status == 500 else "fine"), given


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade", 502),
        ("200 OK\r\nTransfer-Encoding: gzip", 502),
        ("200 OK\r\nContent-Length: 4\r\nContent-Length: 5", 502),
        ("200 OK\r\nX: a\0b\r\nContent-Length: 4", 502),
        ("200 OK\r\nTrailer: x\r\nConnection: upgrade\r\nContent-Length: 4", 200),
    ],
)
def test_what_a_backend_sends_is_an_answer_of_http(head: str, status: int) -> None:
    class Raw(Backend):
        def handle_one(self) -> None:
            self.wfile.write(f"HTTP/1.1 {head}\r\n\r\nmine".encode())
            self.close_connection = True

        do_GET = handle_one  # noqa: N815 # the library's name

    with listening(Raw) as port, serving(shop().graph(), Options(backends=[f"http://127.0.0.1:{port}"])) as served:
        response = plain_http.get(f"{served.url()}/orders/1")
    assert (response.status_code, response.text == "mine") == (status, status == 200)


def test_cors_of_the_stack_is_an_answer_of_http() -> None:
    build = shop()
    (urn,) = (urn for urn, resource in build.resources.items() if resource.type == "aws:apigatewayv2/api:Api")
    cors = {"allowOrigins": ["*"], "exposeHeaders": ["a\r\nb: c"]}
    api = build.resources[urn]
    build.resources[urn] = replace(api, inputs={**api.inputs, "corsConfiguration": cors})
    with serving(build.graph(), Options()) as served:
        assert plain_http.get(f"{served.url()}/orders/1", headers={"Origin": "http://a"}).status_code == 500


def test_a_body_of_malformed_chunks_leaves_no_traceback() -> None:
    """The server has refused it when the application answers."""

    async def answer() -> bytes:
        server = Server(guarded(echo))
        try:
            reader, writer = await asyncio.open_connection(*(await server.start()).split(":"))
            writer.write(b"POST / HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n")
            found = await reader.read()
            writer.close()
            return found
        finally:
            await server.stop()

    assert asyncio.run(answer()).startswith(b"HTTP/1.1 400 ")
