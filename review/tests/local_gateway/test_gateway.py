"""Answers of the gateway itself: bodies, preflights, limits, domains, stages, and answers that HTTP does not have."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from review.graph import Asset, Graph
from review.local_gateway.testing import Served
from review.tests.helpers import plain_http, private_stacks, stack_parts
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stacks import graph_with
from review.tests.local_gateway.calling import ask, asked, stack
from review.tests.local_gateway.conftest import Backend, Shared, listening
from review.tests.local_gateway.programs import called_by_http, changed, integration_of, lambda_function, shop, without
from review.try_page.introduction import list_differences

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


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"responses": {"default": {"responseTemplates": {"application/json": "$input.body"}}}}, "a mapping template"),
        ({"requestTemplates": {"application/json": "#set($a = 1)"}}, "a request template"),
        ({"responses": {}}, "a mock without a default response"),
    ],
)
def test_any_other_mock_is_refused_and_named(changes: dict[str, Any], reason: str) -> None:
    mock = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}},
        **changes,
    }
    build = Builder()
    stack_parts.rest(build, {"/a": {"get": {"x-amazon-apigateway-integration": mock}}})
    with stack(build.graph()) as served:
        status, note = asked(served, "/live/a")
        assert (status, note.startswith(reason)) == (500, True)
        assert any(f"GET /a: {reason}" in line for line in served.stack.describe_unserved())


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


# Domains and stages of HTTP APIs


def to_a_url(key: str = "GET /orders", stage: dict[str, Any] | None = None, domain: str = "", base: str = "") -> Graph:
    """An HTTP API with a route to a URL on the internet, which the backend of this machine stands in for."""
    build = Builder()
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    given = {"autoDeploy": True} if stage is None else stage
    deployed = build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", **given)
    if domain:
        name = build("apigatewayv2/domainName:DomainName", "domain", domainName=domain).domainName
        mapped: dict[str, Any] = {"domainName": name, "stage": deployed.name, "apiMappingKey": base}
        build("apigatewayv2/apiMapping:ApiMapping", "mapping", apiId=api.id, **mapped)
    integration = integration_of(build, api, "http://backend.invalid/b", payloadFormatVersion="1.0")
    private_stacks.route(build, api, integration, routeKey=key, authorizationType="NONE")
    return build.graph()


@pytest.mark.parametrize(
    ("host", "status"), [("shop.example.com", 200), ("a.b.example.com", 403), ("example.com", 403)]
)
def test_a_wildcard_domain_takes_every_name_of_one_label(host: str, status: int) -> None:
    assert ask(to_a_url(domain="*.example.com"), "/orders", Host=host)[0] == status


@pytest.mark.parametrize(("path", "status"), [("/v1/orders", 200), ("/v2/orders", 200), ("/v3/orders", 403)])
def test_a_domain_has_several_base_paths(path: str, status: int) -> None:
    graph = to_a_url("GET /orders", domain="shop.example.com", base="v1")
    first = next(resource for resource in graph if resource.name == "mapping")
    second = replace(first, urn="urn:second", name="second", inputs={**first.inputs, "apiMappingKey": "v2"})
    graph = replace(graph, resources={**graph.resources, second.urn: second})
    assert ask(graph, path, Host="shop.example.com")[0] == status


@pytest.mark.parametrize(
    ("stage", "status"),
    [({}, 404), ({"autoDeploy": False}, 404), ({"autoDeploy": True}, 200), ({"deploymentId": "abc"}, 200)],
)
def test_a_stage_without_a_deployment_answers_nothing(stage: dict[str, Any], status: int) -> None:
    answered, note = ask(to_a_url(stage=stage), "/orders")
    assert (answered, "has no deployment" in note) == (status, status == 404)


def test_what_is_not_served_is_named_at_the_start() -> None:
    build = Builder()
    elsewhere = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
    build("lb/listener:Listener", "secure", port=443, protocol="HTTPS", certificateArn=elsewhere)
    listed = [{"statusCode": "200", "mappings": {"overwrite:statuscode": "299"}}]
    for graph, said in (
        (build.graph(), "No API is served: this stack declares none that can be served."),
        (build.graph(), "secure serves in eu-west-1, and its certificate is of us-east-1: AWS refuses it"),
        (
            changed(to_a_url(), "integration", responseParameters=listed),
            "integration: responseParameters is not served",
        ),
    ):
        with stack(graph) as served:
            assert any(line.startswith(said) for line in list_differences(served.stack)), said
    assert ask(without(to_a_url(), "stage"), "/orders")[0] == 404


# Answers that HTTP does not have, or that frame another one


ANSWERS = """
import json
def handler(event, context):
    return json.loads(event["headers"]["x-answer"])
"""


def test_what_a_function_returns_is_an_answer_of_http(caplog: pytest.LogCaptureFixture) -> None:
    build = Builder()
    called_by_http(build, lambda_function(build, "f", code=Asset(members={"main.py": Asset(text=ANSWERS)})))
    frames = {"Content-Length": "1", "Transfer-Encoding": "gzip", "Trailer": "x", "Connection": "upgrade"}
    with stack(build.graph()) as served:
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

    with listening(Raw) as port, stack(shop().graph(), backends=[f"http://127.0.0.1:{port}"]) as served:
        response = plain_http.get(f"{served.url()}/orders/1")
    assert (response.status_code, response.text == "mine") == (status, status == 200)
    assert not caplog.records


@pytest.mark.parametrize(("stage", "path"), [("live", "/live/orders/1"), ("$default", "/orders/1")])
def test_paths_that_a_vpc_link_does_not_rewrite_are_named(stage: str, path: str) -> None:
    class Raw(Backend):
        def do_GET(self) -> None:  # noqa: N802 # the library's name
            cookies = b"Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=1; Path=/shop\r\n"
            self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /login\r\n" + cookies + b"Content-Length: 0\r\n\r\n")

    graph = changed(shop().graph(), "stage", name=stage)
    with listening(Raw) as port, stack(graph, backends=[f"http://127.0.0.1:{port}"]) as served:
        answer = plain_http.get(served.url().removesuffix("/live") + path)
    assert answer.headers["Location"] == "/login"
    named = "Location and Set-Cookie name paths outside /live"
    assert (named in served.traces[-1].note) is (stage == "live")


def test_cors_of_the_stack_is_an_answer_of_http() -> None:
    cors = {"allowOrigins": ["*"], "exposeHeaders": ["a\r\nb: c"]}
    assert ask(changed(shop().graph(), "api", corsConfiguration=cors), Origin="http://a")[0] == 500
