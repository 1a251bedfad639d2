"""Features of HTTP APIs: mappings of responses, URLs of integrations, CORS and default routes of documents, stages."""

import json
from typing import Any

import pytest

from review.graph import Graph
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.front_parts import route
from review.tests.graph_builder import Builder
from review.tests.serve.programs import changed, without
from tests.helpers import plain_http


def proxied(key: str, uri: str, *, stage: dict[str, Any] | None = None, **inputs: Any) -> Graph:
    """An HTTP API with one route to a URL on the internet, which the backend of this machine stands in for."""
    build = Builder()
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    given = {"autoDeploy": True} if stage is None else stage
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", **given)
    integration = build(
        "apigatewayv2/integration:Integration", "integration", apiId=api.id, integrationType="HTTP_PROXY",
        integrationMethod="ANY", integrationUri=uri, payloadFormatVersion="1.0", **inputs,
    )  # fmt: skip
    route(build, api, integration, routeKey=key, authorizationType="NONE")
    return build.graph()


@pytest.mark.parametrize(
    ("key", "uri", "called", "seen"),
    [
        ("GET /uri/{id}", "http://backend.invalid/base/{id}", "/uri/7?a=1", "/base/7"),
        ("ANY /shop/{proxy+}", "https://backend.invalid/pets/{proxy}", "/shop/a/b%20c", "/pets/a/b%20c"),
        ("GET /fixed", "http://backend.invalid/other", "/fixed", "/other"),
        ("$default", "http://backend.invalid", "/any/path", "/any/path"),
    ],
)
def test_the_url_of_an_integration_has_the_path(key: str, uri: str, called: str, seen: str) -> None:
    with serving(proxied(key, uri), Options()) as served:
        told = plain_http.get(served.url() + called).json()
    assert told["path"] == seen
    assert dict(told["headers"])["host"] == "backend.invalid"
    assert told["query"] == called.partition("?")[2]


def test_mappings_of_responses_are_named() -> None:
    listed = [{"statusCode": "200", "mappings": {"overwrite:statuscode": "299"}}]
    with serving(proxied("GET /a", "http://backend.invalid/b", responseParameters=listed), Options()) as served:
        assert plain_http.get(f"{served.url()}/a").status_code == 200
        assert [one["input"] for one in served.stack.unread] == ["responseParameters"]


def document(operation: dict[str, Any], **more: Any) -> Graph:
    integration = {"type": "http_proxy", "httpMethod": "ANY", "uri": "http://backend.invalid/b",
                   "payloadFormatVersion": "1.0", **operation.pop("integration", {})}  # fmt: skip
    path = operation.pop("path")
    paths = {path: {"x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": integration, **operation}}}
    body = {"openapi": "3.0.1", "info": {"title": "a", "version": "1"}, "paths": paths, **more}
    build = Builder()
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP", body=json.dumps(body))
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", autoDeploy=True)
    return build.graph()


def test_a_document_maps_values_of_bodies() -> None:
    mapped = {"requestParameters": {"append:header.x-size": "$request.body.order.size"}, "responseParameters": {}}
    with serving(document({"path": "/a", "integration": mapped}), Options()) as served:
        answer = plain_http.post(f"{served.url()}/a", content=b'{"order": {"size": 3}}')
        assert [one["input"] for one in served.stack.unread] == ["ANY /a: responseParameters"]
    assert dict(answer.json()["headers"])["x-size"] == "3"


def test_a_documents_default_route_takes_what_no_other_takes() -> None:
    with serving(document({"path": "/$default", "isDefaultRoute": True}), Options()) as served:
        assert plain_http.get(f"{served.url()}/anything").status_code == 200
        assert [line.path for line in served.routes()] == ["$default"]
        assert served.stack.unread == []
    with serving(document({"path": "/$default"}), Options()) as served:
        assert plain_http.get(f"{served.url()}/anything").status_code == 404


def test_a_documents_cors_configuration_answers_preflights() -> None:
    cors = {"allowOrigins": ["https://app.example.com"], "allowMethods": ["GET"], "maxAge": 5}
    with serving(document({"path": "/a"}, **{"x-amazon-apigateway-cors": cors}), Options()) as served:
        headers = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "GET"}
        answer = plain_http.options(f"{served.url()}/a", headers=headers)
        assert served.stack.unread == []
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "https://app.example.com")
    assert answer.headers["access-control-max-age"] == "5"


@pytest.mark.parametrize(
    ("stage", "status"),
    [({}, 404), ({"autoDeploy": False}, 404), ({"autoDeploy": True}, 200), ({"deploymentId": "abc"}, 200)],
)
def test_a_stage_without_a_deployment_answers_nothing(stage: dict[str, Any], status: int) -> None:
    with serving(proxied("GET /a", "http://backend.invalid/b", stage=stage), Options()) as served:
        answer = plain_http.get(f"{served.url()}/a")
        note = served.traces[-1].note
    assert answer.status_code == status
    assert ("has no deployment" in note) == (status == 404)


def test_an_http_api_without_a_stage_is_not_found() -> None:
    with serving(without(changed(proxied("GET /a", "http://b.invalid/b"), "api"), "stage"), Options()) as served:
        assert plain_http.get(f"{served.url()}/a").json() == {"message": "Not Found"}
