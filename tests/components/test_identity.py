"""Headers that name the caller, on integrations through a VPC link."""

from typing import Any

import pytest

from components import ServerlessProxy
from components.facts import identity_headers as headers
from components.testing.recorder import Graph
from forwarder import identity, request
from tests.components.front import FUNCTION, ROUTE, body, front
from tests.helpers.declare import declare, names, one

HTTP_LINK = {"link_id": "vpclink-1", "listener_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/x/1/2"}
REST_LINK = {"link_id": "vpclink-1", "url": "http://lb.invalid:8080"}
JWT = {"kind": "jwt", "issuer": "https://issuer.invalid", "audiences": ["api"]}
OWN = {"kind": "lambda", "function_name": "decide", "invoke_arn": "arn:aws:apigateway:eu-west-1:lambda:path/decide"}
START = "integration.request.header."


def rest(**route: Any) -> dict[str, str]:
    """The header mappings of a REST API's first method."""
    changes = route.pop("api", {})
    given = {"kind": "rest", "targets": {"backend": REST_LINK}, "routes": [{**ROUTE, **route}]} | changes
    document = body(front(**given))
    path, item = next(iter(document["paths"].items()))
    assert path == route.get("path", "/forward")
    parameters = item["get"]["x-amazon-apigateway-integration"]["requestParameters"]
    return {key.removeprefix(START): value for key, value in parameters.items() if key.startswith(START)}


def http(**route: Any) -> dict[str, str]:
    """The header mappings of an HTTP API's first integration."""
    changes = route.pop("api", {})
    given = {"kind": "http", "targets": {"backend": HTTP_LINK}, "routes": [{**ROUTE, **route}]} | changes
    graph = front(**given)
    found: dict[str, str] = one(graph, "Integration", names(graph, "Integration")[0]).inputs["requestParameters"]
    return {key: value for key, value in found.items() if key != "overwrite:path"}


def test_the_forwarder_has_the_same_names() -> None:
    assert headers.SINGLE == (identity.SUBJECT, identity.PRINCIPAL, identity.KEY, identity.SOURCE, identity.REQUEST)
    assert headers.SUBJECT_START == identity.SUBJECT_START
    names = (*headers.SINGLE, headers.SCOPES, identity.CONTEXT, headers.PREFIX)
    assert {name.lower() for name in names} <= request.REPLACED


SUBJECT = {headers.SUBJECT: "sub:${context.authorizer.claims.sub}"}
CALL = {headers.SOURCE: "$context.identity.sourceIp", headers.REQUEST: "$context.requestId"}
SIGNED = {headers.PRINCIPAL: "$context.identity.userArn"}


@pytest.mark.parametrize(
    ("route", "api", "found"),
    [
        ({}, {"identity": True}, CALL),
        ({"authorization": "iam"}, {"identity": True}, CALL | SIGNED),
        ({"authorization": "who"}, {"identity": True, "authorizers": {"who": JWT}}, CALL | SUBJECT),
        ({"authorization": "who", "scopes": ["r"]}, {"identity": True, "authorizers": {"who": JWT}}, CALL | SUBJECT),
        ({"authorization": "who"}, {"identity": True, "authorizers": {"who": OWN}}, CALL),
        # On where a route has an authorizer.
        ({}, {}, {}),
        ({"authorization": "iam"}, {}, CALL | SIGNED),
        ({}, {"identity": False}, {}),
        ({"authorization": "iam"}, {"identity": False}, {}),
    ],
)
def test_an_http_api_sets_or_removes_every_header(
    route: dict[str, Any], api: dict[str, Any], found: dict[str, str]
) -> None:
    removed = {name for name in (*headers.SINGLE, headers.SCOPES, headers.PREFIX) if name not in found}
    assert http(**route, api=api) == {f"overwrite:header.{name}": value for name, value in found.items()} | {
        f"remove:header.{name}": "''" for name in removed
    }


@pytest.mark.parametrize(
    ("api", "path", "prefix"),
    [
        ({}, "/forward", "/live"),
        ({"stage": "v2"}, "/forward", "/v2"),
        ({"strip_prefix": "/forward"}, "/forward", "/live/forward"),
        ({"strip_prefix": "/forward/"}, "/forward/x", "/live/forward"),
        ({"domain": {"name": "api.example.com", "zone_id": "Z0123456789ABC"}}, "/forward", ""),
        ({"domain": {"name": "api.example.com", "zone_id": "Z0123456789ABC", "base_path": "v1"}}, "/forward", "/v1"),
    ],
)
def test_the_prefix_that_callers_write(api: dict[str, Any], path: str, prefix: str) -> None:
    # No mapping is known to take an empty value.
    assert rest(path=path, api=api).get(headers.PREFIX) == (f"'{prefix}'" if prefix else None)
    by_http = http(path=path, api={key: value for key, value in api.items() if key != "stage"})
    without_stage = prefix.removeprefix("/live").removeprefix("/v2")
    if without_stage:
        assert by_http[f"overwrite:header.{headers.PREFIX}"] == without_stage
    else:
        assert f"remove:header.{headers.PREFIX}" in by_http


def mixed(**changes: Any) -> Graph:
    routes = [
        {**ROUTE, "path": "/open"},
        {**ROUTE, "path": "/iam", "authorization": "iam"},
        {**ROUTE, "path": "/who", "authorization": "who"},
        {**ROUTE, "path": "/scoped", "authorization": "who", "scopes": ["read"]},
        {**ROUTE, "path": "/more", "authorization": "who", "scopes": ["write"]},
    ]
    return front(kind="http", targets={"backend": HTTP_LINK}, routes=routes, authorizers={"who": JWT}, **changes)


def test_routes_share_an_integration_where_they_know_the_same_of_a_caller() -> None:
    assert names(mixed(), "Integration") == ["front-to-backend", "front-to-backend-for-iam", "front-to-backend-for-who"]
    assert names(mixed(identity=False), "Integration") == ["front-to-backend"]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ({}, {}),
        ({"identity": True}, {"IDENTITY": "true"}),
        ({"custom_domain": "api.example.com/v1"}, {"CUSTOM_DOMAIN": "api.example.com/v1"}),
        ({"custom_domain": "*.Example.com/v-1"}, {"CUSTOM_DOMAIN": "*.Example.com/v-1"}),
        ({"custom_domain": ""}, {}),
        ({"identity": False, "rewrite_redirects": True}, {}),
        ({"rewrite_redirects": False}, {"REWRITE_REDIRECTS": "false"}),
    ],
)
def test_a_forwarder_has_them_in_its_environment(args: dict[str, Any], found: dict[str, str]) -> None:
    given: Any = {
        "vpc_id": "vpc-00000001",
        "subnet_ids": ["subnet-00000001"],
        "url": "http://10.0.0.5",
        "backend_security_group_id": "sg-00000001",
    }
    graph = declare(lambda: ServerlessProxy("proxy", {**given, **args}))
    variables = one(graph, "Function").inputs["environment"]["variables"]
    known = ("IDENTITY", "REWRITE_REDIRECTS", "CUSTOM_DOMAIN")
    assert {key: variables[key] for key in known if key in variables} == found


def test_a_function_needs_no_headers() -> None:
    graph = front(kind="http", routes=[{**ROUTE, "authorization": "iam"}])
    assert "requestParameters" not in one(graph, "Integration").inputs
    given: dict[str, Any] = {"targets": {"backend": FUNCTION, "unused": REST_LINK}, "identity": True}
    for item in body(front(**given))["paths"].values():
        assert "requestParameters" not in item["get"]["x-amazon-apigateway-integration"]
