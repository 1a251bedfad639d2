"""What the stack names by a value: references in addresses, kinds of integrations, names that Pulumi makes up."""

import json
from dataclasses import replace
from typing import Any

import pytest

from review.graph import UNKNOWN, Asset, Graph
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests import front_parts, parts
from review.tests.graph_builder import Builder
from review.tests.helpers import plain_http
from review.tests.serve.programs import changed, lambda_function

COLOURS = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps([context.function_name, event.get("rawPath") or event["path"]])}
"""


def coloured(*, rest: bool, uri: str = "", **stage: Any) -> Graph:
    """An API with one route to a URL, or to the function green."""
    build = Builder()
    function = lambda_function(build, "green", code=Asset(members={"main.py": Asset(text=COLOURS)}), timeout=20)
    kind = "HTTP_PROXY" if uri else "AWS_PROXY"
    if rest:
        integration = {"type": kind, "httpMethod": "POST", "uri": uri or function.invokeArn}
        api = parts.rest(build, {"/c": {"get": {"x-amazon-apigateway-integration": integration}}}).api
    else:
        api = parts.http(build).api
        declared = build(
            "apigatewayv2/integration:Integration", "integration", apiId=api.id, integrationMethod="GET",
            integrationType=kind, integrationUri=uri or function.arn, payloadFormatVersion="2.0",
        )  # fmt: skip
        front_parts.route(build, api, declared, routeKey="GET /c", authorizationType="NONE")
    parts.permission(build, api, function)
    return changed(build.graph(), "stage", **stage)


def test_a_reference_that_nothing_fills_in_is_refused_and_named() -> None:
    with serving(coloured(rest=True, uri="https://up.example/${context.stage}/a"), Options()) as served:
        assert plain_http.get(f"{served.url()}/live/c").status_code == 500
        assert "${context.stage} in uri is not served" in served.traces[0].note
        assert "api: GET /c: ${context.stage} in uri is not served." in list(served.stack.not_served())


@pytest.mark.parametrize("kind", ["AWS", "HTTP"])
def test_an_integration_by_templates_is_refused_and_named(kind: str) -> None:
    integration: dict[str, Any] = {"type": kind.lower(), "httpMethod": "POST", "uri": "https://up.example/"}
    build = Builder()
    if kind == "AWS":
        function = lambda_function(build, "f", code=Asset(members={"main.py": Asset(text=COLOURS)}))
        integration["uri"] = function.invokeArn
    parts.rest(build, {"/c": {"get": {"x-amazon-apigateway-integration": integration}}})
    with serving(build.graph(), Options()) as served:
        assert plain_http.get(f"{served.url()}/live/c").status_code == 500
        assert served.traces[0].note == f"an integration of type {kind} is not served"
        assert f"api: GET /c: mapping by templates (type {kind}) is not served." in list(served.stack.not_served())


@pytest.mark.parametrize(
    ("place", "value", "fits"),
    [
        ("overwrite:path", "/v1$request.path", True),
        ("overwrite:header.x", "${request.header.a}, $context.stage.", True), ("remove:header.x", "''", True),
        ("append:header.x", "a", False), ("overwrite:querystring.x", "a", False),
        ("overwrite:statuscode", "200", False),
        ("overwrite:header.x", "$request.cookie.a", False), ("overwrite:header.x", "$context.dataProcessed", False),
        ("overwrite:header.x", "${request.header.a", False), ("overwrite:header.x", "$request.body.a", False),
        ("integration.request.header.x", "method.request.body", False),
        ("integration.request.header.x", "context.identity.sourceIp", True),
        ("integration.request.cookie.x", "'a'", False), ("integration.request.header.x", "plain", False),
        ("integration.request.header.x", "context.identity.clientCert.serialNumber", False),
    ],
)  # fmt: skip
def test_a_mapping_that_nothing_evaluates_is_named(place: str, value: str, fits: bool) -> None:
    rest = place.startswith("integration")
    graph, given = coloured(rest=rest, uri="https://up.example/"), {place: value}
    graph = mapped(graph, given) if rest else changed(graph, "integration", requestParameters=given)
    with serving(graph, Options()) as served:
        assert [place in one for one in served.stack.not_served() if "is not served" in one] == [True] * (not fits)


def mapped(graph: Graph, parameters: dict[str, str]) -> Graph:
    """The graph with mappings in its document."""
    (api,) = (resource for resource in graph if "body" in resource.inputs)
    body = json.loads(api.inputs["body"])
    body["paths"]["/c"]["get"]["x-amazon-apigateway-integration"] |= {"requestParameters": parameters}
    return changed(graph, api.name, body=json.dumps(body))


@pytest.mark.parametrize("kind", ["JWT", "CUSTOM"])
def test_an_authorizer_outside_the_stack_admits_no_one_and_is_named(kind: str) -> None:
    graph = changed(coloured(rest=False, uri="https://up.example/"), "route", authorizationType=kind, authorizerId="a1")
    with serving(graph, Options()) as served:
        assert plain_http.get(f"{served.url()}/c").status_code == 500
        assert "integration: authorizer a1 is not served." in list(served.stack.not_served())


def test_an_authorization_that_is_not_known_is_a_doubt() -> None:
    graph = changed(coloured(rest=False, uri="https://up.example/"), "route", authorizationType=UNKNOWN)
    graph = changed(graph, "integration", integrationUri=UNKNOWN)
    with serving(graph, Options()) as served:
        assert plain_http.get(f"{served.url()}/c").status_code == 200
        assert served.traces[0].note == "cannot tell: which authorization the route requires"


def test_a_stage_without_a_name_has_the_one_that_pulumi_makes() -> None:
    graph = coloured(rest=False)
    resources = {urn: resource for urn, resource in graph.resources.items() if resource.name == "stage"}
    for urn, resource in resources.items():
        given = {key: value for key, value in resource.inputs.items() if key != "name"}
        resources[urn] = replace(resource, inputs=given, state={**resource.state, "name": "s-1a2"})
    with serving(replace(graph, resources={**graph.resources, **resources}), Options()) as served:
        assert plain_http.get(f"{served.url()}/c").status_code == 404
        assert plain_http.get(f"{served.url()}/s-1a2/c").json()[1] == "/s-1a2/c"
        assert "/s-1a2/c" in next(served.routes()).url
