"""Statuses and headers that HTTP does not have, or that frame an answer, whoever writes them."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from review.graph import Asset
from review.serve.asgi import Server, guarded
from review.serve.backends import echo
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests import parts
from review.tests.graph_builder import Builder
from review.tests.serve.conftest import Backend, listening
from review.tests.serve.programs import called_by_http, lambda_function, shop
from review.tests.serve.test_gateway import mock
from tests.helpers import plain_http

OVERRIDE = "$context.responseOverride"
REMAPPED = "x-amzn-remapped-"


@pytest.fixture(autouse=True)
def no_traceback(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert not caplog.records


def answer(*, gateway_responses: Any = None, variables: Any = None, **integration: Any) -> httpx.Response:
    """The answer of a mock, or of the gateway to a path that is none."""
    build = Builder()
    document = {"x-amazon-apigateway-gateway-responses": gateway_responses} if gateway_responses else {}
    made = parts.rest(build, {"/a": {"get": mock(**integration)}}, body=document)
    stage = build.resources[made.stage.urn]
    build.resources[stage.urn] = replace(stage, inputs={**stage.inputs, "variables": variables or {}})
    with serving(build.graph(), Options()) as served:
        response = plain_http.get(f"{served.url()}/live/{'b' if gateway_responses else 'a'}")
        assert (response.status_code == 500) is bool(served.traces[0].note) or gateway_responses
        return response


@pytest.mark.parametrize(
    ("written", "status", "header"),
    [
        (f"#set({OVERRIDE}.header.Content-Length = '1')", 200, {f"{REMAPPED}content-length": "1"}),
        (f"#set({OVERRIDE}.header.Connection = 'upgrade')", 200, {f"{REMAPPED}connection": "upgrade"}),
        (f"#set({OVERRIDE}.header.Transfer-Encoding = 'gzip')", 200, {}),
        (f"#set({OVERRIDE}.header.X = ' a ')", 200, {"x": "a"}),
        (f"#set({OVERRIDE}.header.X = 'a\r\nb: c')", 500, {}),
        (f"{OVERRIDE}.header.put('a\nb', 'c')", 500, {}),
        (f"{OVERRIDE}.header.put('', 'c')", 500, {}),
        (f"{OVERRIDE}.header.put('\u20ac', 'c')", 500, {}),
        (f"#set({OVERRIDE}.status = 101)", 500, {}),
        (f"#set({OVERRIDE}.status = 99)", 500, {}),
        (f"#set({OVERRIDE}.status = 1000)", 500, {}),
        (f"#set({OVERRIDE}.status = 'x')", 500, {}),
        (f"#set({OVERRIDE}.status = 204)", 204, {}),
    ],
)
def test_what_a_template_writes_is_an_answer_of_http(written: str, status: int, header: dict[str, str]) -> None:
    response = answer(answer=written + "fine")
    assert response.status_code == status
    assert header.items() <= response.headers.items()
    assert response.text.endswith({200: "fine", 500: 'error"}', 204: ""}[status])
    assert not {"a", "b"} & {*response.headers}


@pytest.mark.parametrize(("value", "status"), [("a\r\nb: c", 500), ("a", 200)])
def test_what_is_mapped_into_a_header_is_one(value: str, status: int) -> None:
    responses = {
        "default": {"statusCode": "200", "responseParameters": {"method.response.header.X": "stageVariables.x"}}
    }
    assert answer(variables={"x": value}, responses=responses).status_code == status


@pytest.mark.parametrize(
    ("custom", "status"),
    [
        ({"statusCode": 101}, 500),
        ({"responseParameters": {"gatewayresponse.header.X": "'a\r\nb: c'"}}, 500),
        ({"responseParameters": {"gatewayresponse.header.X Y": "'a'"}}, 500),
        ({"responseParameters": {"gatewayresponse.header.Content-Length": "'1'"}}, 403),
        ({"responseParameters": {"gatewayresponse.header.Transfer-Encoding": "'gzip'"}}, 403),
    ],
)
def test_a_gateway_response_is_an_answer_of_http(custom: dict[str, Any], status: int) -> None:
    response = answer(gateway_responses={"DEFAULT_4XX": custom})
    assert (response.status_code, [*response.json()]) == (status, ["message"])


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
