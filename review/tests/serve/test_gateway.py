"""Answers of the gateway itself: validation, gateway responses, domains, limits and authorizers, in AWS's words."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from review.graph import Asset, Graph
from review.serve.call import Call, filled, references
from review.serve.page import _PAGE, Page
from review.serve.proxy import event_of
from review.serve.request import Request
from review.serve.stack import Options
from review.serve.testing import Served, serving
from review.tests import front_parts, parts
from review.tests.graph_builder import Builder
from review.tests.serve.conftest import call_of
from review.tests.serve.programs import called_by_http, changed, lambda_function, shop, without
from tests.helpers import plain_http
from tests.helpers.stacks import graph_of


def mock(template: str = '{"statusCode": 200}', **more: Any) -> dict[str, Any]:
    """The integration of an operation that the gateway answers by itself."""
    answer = {"statusCode": "200", "responseTemplates": {"application/json": more.pop("answer", "fine")}}
    return {
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": template},
            "responses": {"default": answer},
            **more,
        }
    }


ORDER = {"type": "object", "required": ["n"], "properties": {"n": {"minimum": 0, "exclusiveMinimum": True}}}
URL = "https://apigateway.amazonaws.com/restapis/x/models/Order"


def body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}, **mock()}


def api() -> Graph:
    """A REST API with validated routes, mocks and gateway responses."""
    build = Builder()
    responses = {
        "BAD_REQUEST_BODY": {
            "statusCode": 422,
            "responseParameters": {
                "gatewayresponse.header.X-Origin": "method.request.header.Origin",
                "gatewayresponse.header.X-Id": "context.requestId",
                "gatewayresponse.header.X-Colour": "stageVariables.colour",
                "gatewayresponse.header.X-Fixed": "'yes'",
            },
            "responseTemplates": {
                "application/json": '{"message": $context.error.messageString, "kind": "$context.error.responseType"}'
            },
        },
        # AWS's own default, whose last brace is no part of the variable.
        "UNSUPPORTED_MEDIA_TYPE": {
            "responseTemplates": {"application/json": '{"message":$context.error.messageString}'}
        },
        "DEFAULT_4XX": {"responseTemplates": {"text/plain": "no: $context.error.message"}},
    }
    document = {
        "x-amazon-apigateway-gateway-responses": responses,
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "components": {
            "schemas": {"Order": ORDER},
            "requestBodies": {"Order": body(ORDER)["requestBody"]},
            "parameters": {"size": {"in": "query", "name": "size", "required": True}},
        },
    }
    swagger = {"parameters": [{"in": "body", "name": "order", "schema": ORDER}], **mock()}
    paths = {
        "/draft4": {"post": body(ORDER)},
        "/ref": {"post": body({"$ref": "#/components/schemas/Order"})},
        "/url": {"post": body({"type": "array", "items": {"$ref": URL}})},
        "/lost": {"post": body({"$ref": "#/components/schemas/Nothing"})},
        "/swagger": {"post": swagger},
        "/shared": {"post": {"requestBody": {"$ref": "#/components/requestBodies/Order"}, **mock()}},
        "/sized": {"parameters": [{"$ref": "#/components/parameters/size"}], "post": mock()},
        "/free": {
            "parameters": [{"$ref": "#/components/parameters/size"}],
            "post": {"parameters": [{"in": "query", "name": "size"}, {"in": ["odd"], "name": {}}], **mock()},
        },
        "/broken": {"get": mock("no JSON")},
        "/failing": {"get": mock("$util.parseJson('{')")},
        "/strict": {"post": mock(passthroughBehavior="never")},
        "/params": {"post": mock(answer="$input.params('X-A') $input.params().querystring.b $stageVariables.colour")},
    }
    gate = parts.rest(build, paths, body=document)
    stage = build.resources[gate.stage.urn]
    build.resources[gate.stage.urn] = type(stage)(
        **{**vars(stage), "inputs": {**stage.inputs, "variables": {"colour": "blue"}}}
    )
    return build.graph()


@pytest.fixture(scope="module")
def mocks() -> Iterator[Served]:
    with serving(api(), Options()) as served:
        yield served


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/draft4", {"n": 1}, 200),
        ("/draft4", {"n": 0}, 422),
        ("/ref", {"n": 1}, 200),
        ("/ref", {}, 422),
        ("/url", [{"n": 1}], 200),
        ("/url", [{}], 422),
        ("/swagger", {"n": 1}, 200),
        ("/swagger", {}, 422),
        ("/draft4", "[" * 200_000, 422),
        ("/lost", {}, 500),
        ("/shared", {"n": 1}, 200),
        ("/shared", {}, 422),
        ("/sized", {}, 400),
        ("/sized?size=1", {}, 200),
        ("/free", {}, 200),
    ],
)
def test_a_body_is_validated_by_the_routes_schema(mocks: Served, path: str, sent: Any, status: int) -> None:
    content = sent if isinstance(sent, str) else json.dumps(sent)
    answer = plain_http.post(f"{mocks.url()}/live{path}", content=content)
    assert answer.status_code == status, mocks.traces[-1].note
    assert answer.headers["x-amzn-requestid"]
    assert bool(mocks.traces[-1].note) is (status != 200)


def test_a_declaration_that_cannot_be_served_is_awss_500(mocks: Served) -> None:
    answer = plain_http.get(f"{mocks.url()}/live/broken")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    assert mocks.traces[-1].note == "the mock's request template makes no JSON object"


def test_a_template_that_fails_is_awss_500_with_its_expression(mocks: Served) -> None:
    assert plain_http.get(f"{mocks.url()}/live/failing").status_code == 500
    note = mocks.traces[-1].note
    assert note.startswith("the mock's template fails: ")
    assert "$util.parseJson('{') JSONDecodeError: " in note


def test_any_other_failure_is_awss_500_with_its_reason(mocks: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr("review.serve.gateway.preflight", fails)
    answer = plain_http.get(f"{mocks.url()}/live/broken")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})
    assert "KeyError: 'lost'" in mocks.traces[-1].note


def test_gateway_responses_have_templates_and_mapped_headers(mocks: Served) -> None:
    answer = plain_http.post(f"{mocks.url()}/live/draft4", content="{}", headers={"Origin": "https://a.example"})
    assert answer.json() == {"message": "Invalid request body", "kind": "BAD_REQUEST_BODY"}
    own = {name: answer.headers[name] for name in ("x-origin", "x-colour", "x-fixed")}
    assert own == {"x-origin": "https://a.example", "x-colour": "blue", "x-fixed": "yes"}
    assert answer.headers["x-id"] == answer.headers["x-amzn-requestid"]
    other = plain_http.get(f"{mocks.url()}/live/nowhere")
    assert (other.status_code, other.text) == (403, "no: Missing Authentication Token")
    assert other.headers["content-type"] == "text/plain"


def test_a_brace_after_a_variable_stays(mocks: Served) -> None:
    answer = plain_http.post(f"{mocks.url()}/live/strict", content=b"x", headers={"Content-Type": "text/css"})
    assert (answer.status_code, answer.json()) == (415, {"message": "Unsupported Media Type"})
    pattern = references("context")
    texts = {"${context.a.b}c": "<context.a.b>c", "$context.a. b": "<context.a>. b", "{$context.a}": "{<context.a>}"}
    assert {text: filled(pattern, text, "<{}>".format) for text in texts} == texts


def test_mocks_have_parameters_variables_and_media_types(mocks: Served) -> None:
    answer = plain_http.post(f"{mocks.url()}/live/params?b=2", headers={"X-A": "1"})
    assert answer.text == "1 2 blue"
    strict = plain_http.post(f"{mocks.url()}/live/strict", content="x", headers={"Content-Type": "text/csv"})
    assert strict.status_code == 415


def test_urls_and_headers_have_limits(mocks: Served) -> None:
    url = f"{mocks.url()}/live/params"
    assert plain_http.post(url, headers={"X-Long": "x" * 10_240}).status_code == 431
    assert plain_http.post(f"{url}?{'x' * 10_240}").status_code == 414
    assert plain_http.post(url, headers={"X-Long": "x" * 9_000}, content="{}").status_code == 200


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


def test_payload_2_has_no_base_path() -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"""
    request = Request("GET", "/v1/orders", "", [("host", "shop.example.com")], b"")
    made = call_of(request)
    stage = replace(made.stage, name="$default", variables={}, domains={"shop.example.com": "v1"})
    call = Call(request, made.api, stage, made.route, {}, "/orders", made.account)
    assert event_of(call, "2.0")["rawPath"] == "/orders"
    assert event_of(call, "1.0")["path"] == "/v1/orders"


@pytest.mark.parametrize(
    ("sent", "decoded"), [("/p/100%2541", "/p/100%41"), ("/p/a%2Fb", "/p/a/b"), ("/p/b/", "/p/b/")]
)
def test_http_apis_decode_paths_once_in_either_payload(sent: str, decoded: str) -> None:
    """As captured from live APIs: hotsock/voker, `vokerhttp/testdata`, and honojs/hono#2156."""
    request = Request("GET", sent, "", [("host", "api.example.com")], b"")
    made = call_of(request)
    stage = replace(made.stage, name="$default", variables={}, domains={})
    call = Call(request, made.api, stage, made.route, {}, sent, made.account)
    first, second = event_of(call, "1.0"), event_of(call, "2.0")
    assert first["path"] == first["requestContext"]["path"] == decoded
    assert second["rawPath"] == second["requestContext"]["http"]["path"] == decoded


# Lambda authorizers


def test_the_page_shows_where_a_call_stopped_and_sends_it_again() -> None:
    graph = without(shop().graph(), "balancer-to-users-ingress")
    with serving(graph, Options()) as served:
        page = Page(served.stack, "shop")
        plain_http.post(f"{served.url()}/users/1?a=b", content="x", headers={"X-Gatehouse-Source-Ip": "192.0.2.1"})
        page.add(served.traces[-1])
        plain_http.get(f"{served.url()}/orders/1")
        page.add(served.traces[-1])
        served.stack.page_url = "http://127.0.0.1:9/"
        answer = asyncio.run(page.answer(Request("GET", "/requests", "", [("host", "127.0.0.1:9")], b"")))
        passed, stopped = json.loads(answer.body)
        url = served.url()
    assert (passed["stoppedAt"], stopped["stoppedAt"]) == ("", "users")
    assert (passed["marked"], stopped["marked"]) == ("", "balancer")
    assert stopped["hops"][-1] == "users"
    sent = stopped["sent"]
    assert (sent["method"], sent["url"], sent["body"]) == ("POST", f"{url}/users/1?a=b", "x")
    assert ["x-gatehouse-source-ip", "192.0.2.1"] in sent["headers"]
    assert '"lit"' not in _PAGE.read_text()  # This class of the picture dims all parts that the call did not reach.


def test_header_names_are_spelled_as_aws_spells_them() -> None:
    headers = [("x-one", "1"), ("x-forwarded-proto", "http"), ("x-amzn-trace-id", "Root=other")]
    request = Request("GET", "/", "", headers, b"", spelled={"x-one": "X-ONE"})
    graph_of("dev"), graph_of("examples/jwt-http.yaml")
    first = event_of(call_of(request, rest=True), "1.0")
    assert (first["headers"]["X-ONE"], first["multiValueHeaders"]["X-Forwarded-Proto"]) == ("1", ["https"])
    assert len(first["multiValueHeaders"]["X-Amzn-Trace-Id"]) == 1
    assert "X-ONE" not in event_of(call_of(request), "1.0")["headers"]
    assert event_of(call_of(request), "1.0")["headers"]["x-one"] == "1"


def test_the_server_keeps_the_spelling_of_each_request(mocks: Served) -> None:
    connection = http.client.HTTPConnection(mocks.url().partition("//")[2])
    for name in ("X-ONE", "x-One"):
        connection.request("GET", "/live/broken", headers={name: "1"})
        assert connection.getresponse().read()
        sent = mocks.traces[-1].request
        assert sent is not None
        assert sent.spelled["x-one"] == name
    connection.close()


def test_a_stage_whose_settings_lack_a_limit_refuses_all() -> None:
    """https://github.com/pulumi/pulumi/issues/12150"""
    graph = changed(on_a_domain("a.example.com", ""), "stage", defaultRouteSettings={"throttlingRateLimit": 5})
    with serving(graph, Options()) as served:
        assert plain_http.get(f"{served.url()}/orders").status_code == 429
        assert "set both" in served.traces[-1].note


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


def test_a_function_that_uses_more_memory_than_it_has_fails() -> None:
    code = "def handler(event, context):\n    return {'statusCode': 200, 'body': str(len(b'x' * 300_000_000))}\n"
    build = Builder()
    function = lambda_function(build, "greedy", code=Asset(members={"main.py": Asset(text=code)}), memorySize=128,
                               timeout=30)  # fmt: skip
    called_by_http(build, function)
    with serving(build.graph(), Options()) as served:
        assert plain_http.get(f"{served.url()}/a").status_code == 500
        assert "its memorySize is 128 MB" in served.traces[-1].note
