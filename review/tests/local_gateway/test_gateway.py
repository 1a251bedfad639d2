"""Answers of the gateway itself: bodies, preflights, limits, domains, stages, and answers that HTTP does not have."""

import http.client
import json
from collections.abc import Iterator

import pytest

from review.local_gateway.testing import Served
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_with
from review.tests.local_gateway.calling import ask, stack
from review.tests.local_gateway.conftest import Backend, Shared, listening
from review.tests.local_gateway.programs import changed, functions, linked, shop

SCHEMA = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 0}}}
ORIGIN = "https://shop.example.com"


@pytest.fixture(scope="module")
def orders() -> Iterator[Served]:
    """A REST API that validates the body of POST /orders, and that pages of two origins may call."""
    route = {"path": "/orders", "methods": ["POST"], "bodySchema": SCHEMA}
    cors = {"origins": [ORIGIN, "https://admin.example.com"], "headers": ["content-type"], "preflightOnly": True}
    graph = graph_with(
        {
            "topology": "public-proxy",
            "backend": {"kind": "greeter"},
            "api": {"kind": "rest", "routes": [route], "cors": cors},
            "protection": {"acknowledgePublic": ["POST /orders"]},
        }
    )
    with stack(graph) as served:
        yield served


@pytest.mark.parametrize(
    ("sent", "status", "note"),
    [
        ('{"n": 1}', 200, ""),
        ('{"n": -1}', 400, "the body does not fit the route's schema: -1 is less than the minimum of 0"),
        ("no JSON", 400, "the body is not JSON"),
        ("[" * 200_000, 400, "the body is nested too deeply"),
    ],
)
def test_a_body_is_validated_by_the_routes_schema(orders: Served, sent: str, status: int, note: str) -> None:
    answer = plain_http.post(f"{orders.url()}/live/orders", content=sent, headers={"Origin": ORIGIN})
    assert (answer.status_code, orders.traces[-1].note) == (status, note)
    if status == 400:
        assert answer.json() == {"message": "Invalid request body"}
        assert answer.headers["access-control-allow-origin"] == ORIGIN


@pytest.mark.parametrize(("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://other.example.com", None)])
def test_a_preflight_of_a_rest_api(orders: Served, origin: str, allowed: str | None) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = plain_http.options(f"{orders.url()}/live/orders", headers=headers)
    assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (204, allowed)
    assert answer.headers["access-control-allow-headers"] == "content-type"


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://app.example.com", True), ("https://evil.example.com", False)]
)
def test_a_preflight_of_an_http_api(shared: Shared, origin: str, allowed: bool) -> None:
    page = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    answer = plain_http.options(f"{shared('examples/jwt-http.yaml').url()}/orders", headers=page)
    assert answer.headers.get("access-control-allow-origin") == (origin if allowed else None)


def test_any_other_failure_is_awss_500_with_its_reason(orders: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr("review.local_gateway.gateway.answer_preflight", fails)
    answer = plain_http.post(f"{orders.url()}/live/orders")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    assert "KeyError: 'lost'" in orders.traces[-1].note


def test_urls_and_headers_have_limits(orders: Served) -> None:
    url = f"{orders.url()}/live/orders"
    assert plain_http.post(url, headers={"X-Long": "x" * 10_240}).status_code == 431
    assert plain_http.post(f"{url}?{'x' * 10_240}").status_code == 414
    assert plain_http.post(url, headers={"X-Long": "x" * 9_000}, content='{"n": 1}').status_code == 200


def test_a_body_in_chunks_has_no_other_length_and_closes_the_connection(orders: Served) -> None:
    """https://www.rfc-editor.org/rfc/rfc9112#section-6.1"""
    connection = http.client.HTTPConnection(orders.url().partition("//")[2])
    headers = {"Content-Length": "9", "Transfer-Encoding": "chunked"}
    connection.request("POST", "/live/orders", b'8\r\n{"n": 1}\r\n0\r\n\r\n', headers)
    answer = connection.getresponse()
    request = orders.traces[-1].request
    connection.close()
    assert (answer.status, answer.getheader("connection")) == (200, "close")
    assert request is not None
    assert (request.body, request.find_header("content-length")) == (b'{"n": 1}', "")


def test_an_upgrade_to_websocket_is_named(orders: Served) -> None:
    plain_http.get(f"{orders.url()}/live/orders", headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    assert "no upgrade to WebSocket" in orders.traces[-1].note


# Domains


DOMAIN = {"certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/x"}


@pytest.mark.parametrize(
    ("domain", "host", "path", "status"),
    [
        ("*.example.com", "shop.example.com", "/orders", 200),
        ("*.example.com", "a.b.example.com", "/orders", 403),
        ("*.example.com", "example.com", "/orders", 403),
        ("shop.example.com", "SHOP.example.com:443", "/orders", 200),
        ("shop.example.com", "shop.example.com", "/v1/orders", 404),
        ("shop.example.com/v1", "shop.example.com", "/v1/orders", 200),
        ("shop.example.com/v1", "shop.example.com", "/v2/orders", 403),
        ("shop.example.com/v1", "127.0.0.1", "/orders", 404),
    ],
)
def test_a_domain_has_its_names_and_its_base_path(domain: str, host: str, path: str, status: int) -> None:
    name, _, base = domain.partition("/")
    given = {**DOMAIN, "name": name, **({"basePath": base} if base else {})}
    assert ask(shop(domain=given), path, Host=host)[0] == status


# Answers that HTTP does not have, or that frame another one


ANSWERS = """
import json
def handler(event, context):
    return json.loads(event["headers"]["x-answer"])
"""


def test_what_a_function_returns_is_an_answer_of_http(caplog: pytest.LogCaptureFixture) -> None:
    frames = {"Content-Length": "1", "Transfer-Encoding": "gzip", "Trailer": "x", "Connection": "upgrade"}
    with stack(functions(ANSWERS, kind="http")) as served:
        for given, status in (
            ({"headers": frames, "body": "fine"}, 200),
            ({"headers": {"X": "a\r\nb: c"}}, 500),
            ({"cookies": ["a\r\nb: c"]}, 500),
            ({"statusCode": 101}, 500),
        ):
            sent = {"X-Answer": json.dumps({"statusCode": 200, **given})}
            assert plain_http.get(f"{served.url()}/a", headers=sent).status_code == status, given
    assert not caplog.records


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade", 502),
        ("999 Odd\r\nContent-Length: 4", 503),
        ("200 OK\r\nTransfer-Encoding: gzip", 502),
        ("200 OK\r\nContent-Length: 4\r\nContent-Length: 5", 502),
        ("200 OK\r\nX: a\0b\r\nContent-Length: 4", 502),
        ("200 OK\r\nTrailer: x\r\nConnection: upgrade\r\nContent-Length: 4", 200),
    ],
)
def test_what_a_backend_sends_is_an_answer_of_http(head: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    class Raw(Backend):
        def handle_one(self) -> None:
            self.wfile.write(f"HTTP/1.1 {head}\r\n\r\nmine".encode())
            self.close_connection = True

        do_GET = handle_one  # noqa: N815 # the library's name

    with listening(Raw) as port, stack(shop(), backends=[f"http://127.0.0.1:{port}"]) as served:
        response = plain_http.get(f"{served.url()}/orders/1")
    assert (response.status_code, response.text == "mine") == (status, status == 200)
    assert not caplog.records


@pytest.mark.parametrize("prefix", ["/live", ""])
def test_paths_that_a_vpc_link_does_not_rewrite_are_named(prefix: str) -> None:
    class Raw(Backend):
        def do_GET(self) -> None:  # noqa: N802 # the library's name
            cookies = b"Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=1; Path=/shop\r\n"
            self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /login\r\n" + cookies + b"Content-Length: 0\r\n\r\n")

    graph = linked("nlb", {"kind": "rest", "routes": [{"path": "/orders", "methods": ["ANY"]}]}) if prefix else shop()
    with listening(Raw) as port, stack(graph, backends=[f"http://127.0.0.1:{port}"]) as served:
        answer = plain_http.get(f"{served.url()}{prefix}/orders/1")
    assert answer.headers["Location"] == "/login"
    assert ("Location and Set-Cookie name paths outside /live" in served.traces[-1].note) is bool(prefix)


def test_cors_of_the_stack_is_an_answer_of_http() -> None:
    cors = {"allowOrigins": ["*"], "exposeHeaders": ["a\r\nb: c"]}
    assert ask(changed(shop(), "front-api", corsConfiguration=cors), Origin="http://a")[0] == 500
