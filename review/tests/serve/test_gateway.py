"""Answers of the gateway itself: validation of bodies, preflights, domains and limits, in AWS's words."""

import http.client
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from review.graph import Graph
from review.serve.call import Call
from review.serve.proxy import event_of
from review.serve.request import Request
from review.serve.stack import Options
from review.serve.testing import Served, serving
from review.tests import front_parts, parts
from review.tests.graph_builder import Builder
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import graph_of, graph_with
from review.tests.serve.conftest import call_of

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
    with serving(graph, Options()) as served:
        yield served


@pytest.mark.parametrize(
    ("sent", "status", "note"),
    [
        ('{"n": 1}', 200, ""),
        ('{"n": -1}', 400, "the body does not fit the route's schema: -1 is less than the minimum of 0"),
        ("{}", 400, "the body does not fit the route's schema: 'n' is a required property"),
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
def test_a_preflight_names_the_origin_if_it_is_allowed(orders: Served, origin: str, allowed: str | None) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answer = plain_http.options(f"{orders.url()}/live/orders", headers=headers)
    assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (204, allowed)
    assert answer.headers["access-control-allow-headers"] == "content-type"


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
    parts.rest(build, {"/a": {"get": {"x-amazon-apigateway-integration": mock}}})
    with serving(build.graph(), Options()) as served:
        assert plain_http.get(f"{served.url()}/live/a").status_code == 500
        assert served.traces[-1].note.startswith(reason)
        assert any(f"GET /a: {reason}" in line for line in served.stack.not_served())


def test_any_other_failure_is_awss_500_with_its_reason(orders: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr("review.serve.gateway.preflight", fails)
    answer = plain_http.post(f"{orders.url()}/live/orders")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    assert "KeyError: 'lost'" in orders.traces[-1].note


def test_urls_and_headers_have_limits(orders: Served) -> None:
    url = f"{orders.url()}/live/orders"
    assert plain_http.post(url, headers={"X-Long": "x" * 10_240}).status_code == 431
    assert plain_http.post(f"{url}?{'x' * 10_240}").status_code == 414
    assert plain_http.post(url, headers={"X-Long": "x" * 9_000}, content='{"n": 1}').status_code == 200


# Domains


def on_a_domain(name: str, base: str) -> Graph:
    build = Builder()
    gate = parts.http(build)
    domain = build("apigatewayv2/domainName:DomainName", "domain", domainName=name)
    build(
        "apigatewayv2/apiMapping:ApiMapping", "mapping", apiId=gate.api.id, domainName=domain.domainName,
        stage=gate.stage.name, apiMappingKey=base,
    )  # fmt: skip
    integration = build(
        "apigatewayv2/integration:Integration", "integration", apiId=gate.api.id, integrationType="HTTP_PROXY",
        integrationMethod="ANY", integrationUri="http://backend.invalid/",
    )  # fmt: skip
    front_parts.route(build, gate.api, integration, routeKey="GET /orders", authorizationType="NONE")
    return build.graph()


@pytest.mark.parametrize(
    ("host", "status"), [("shop.example.com", 200), ("a.b.example.com", 403), ("example.com", 403)]
)
def test_a_wildcard_domain_takes_every_name_of_one_label(host: str, status: int) -> None:
    with serving(on_a_domain("*.example.com", ""), Options()) as served:
        answer = plain_http.get(f"{served.url()}/orders", headers={"Host": host})
    assert answer.status_code == status


@pytest.mark.parametrize(("path", "status"), [("/v1/orders", 200), ("/v2/orders", 200), ("/v3/orders", 403)])
def test_a_domain_has_several_base_paths(path: str, status: int) -> None:
    graph = on_a_domain("shop.example.com", "v1")
    first = next(resource for resource in graph if resource.name == "mapping")
    second = replace(first, urn="urn:second", name="second", inputs={**first.inputs, "apiMappingKey": "v2"})
    graph = replace(graph, resources={**graph.resources, second.urn: second})
    with serving(graph, Options()) as served:
        answer = plain_http.get(f"{served.url()}{path}", headers={"Host": "shop.example.com"})
    assert answer.status_code == status


def test_payload_2_has_no_base_path() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    request = Request("GET", "/v1/orders", "", [("host", "shop.example.com")], b"")
    made = call_of(request)
    stage = replace(made.stage, name="$default", domains={"shop.example.com": ["v1"]})
    call = Call(request, made.api, stage, made.route, {}, "/orders", made.account)
    assert event_of(call)["rawPath"] == "/orders"


@pytest.mark.parametrize(
    ("sent", "decoded"), [("/p/100%2541", "/p/100%41"), ("/p/a%2Fb", "/p/a/b"), ("/p/b/", "/p/b/")]
)
def test_http_apis_decode_paths_once(sent: str, decoded: str) -> None:
    """As captured from live APIs: hotsock/voker, `vokerhttp/testdata`, and honojs/hono#2156."""
    request = Request("GET", sent, "", [("host", "api.example.com")], b"")
    made = call_of(request)
    stage = replace(made.stage, name="$default", domains={})
    call = Call(request, made.api, stage, made.route, {}, sent, made.account)
    event = event_of(call)
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == decoded


# Lambda authorizers


def test_header_names_are_spelled_as_aws_spells_them() -> None:
    headers = [("x-one", "1"), ("x-forwarded-proto", "http"), ("x-amzn-trace-id", "Root=other")]
    request = Request("GET", "/", "", headers, b"", spelled={"x-one": "X-ONE"})
    graph_of("examples/open-proxy.yaml"), graph_of("examples/jwt-http.yaml")
    first = event_of(call_of(request, rest=True))
    assert (first["headers"]["X-ONE"], first["multiValueHeaders"]["X-Forwarded-Proto"]) == ("1", ["https"])
    assert len(first["multiValueHeaders"]["X-Amzn-Trace-Id"]) == 1
    assert event_of(call_of(request))["headers"]["x-one"] == "1"


def test_the_server_keeps_the_spelling_of_each_request(orders: Served) -> None:
    connection = http.client.HTTPConnection(orders.url().partition("//")[2])
    for name in ("X-ONE", "x-One"):
        connection.request("POST", "/live/orders", headers={name: "1"})
        assert connection.getresponse().read()
        sent = orders.traces[-1].request
        assert sent is not None
        assert sent.spelled["x-one"] == name
    connection.close()


def test_a_stack_without_an_api_says_so() -> None:
    build = Builder()
    build("apigateway/apiKey:ApiKey", "key")
    with serving(build.graph(), Options()) as served:
        assert "No API is served: this stack declares none that can be served." in list(served.stack.not_served())


def test_what_aws_refuses_is_said_at_the_start() -> None:
    build = Builder()
    role = build("iam/role:Role", "role", assumeRolePolicy=parts.trust("ec2.amazonaws.com"))
    build("lambda/function:Function", "orders", role=role.arn)
    with serving(build.graph(), Options()) as served:
        (said,) = (line for line in served.stack.not_served() if "FIT-15" in line)
    assert said.startswith("role does not trust Lambda, which runs orders: AWS refuses it")
