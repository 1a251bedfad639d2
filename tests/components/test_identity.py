"""Headers that name the caller, on integrations through a VPC link."""

from typing import Any

import pytest

from facts import identity_headers as headers
from forwarder import identity, request
from review.graph import Graph
from tests.components.declare import declare, names, one
from tests.components.front import FUNCTION, ROUTE, body, front

HTTP_LINK = {"link_id": "vpclink-1", "listener_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/x/1/2"}
REST_LINK = {"link_id": "vpclink-1", "url": "http://lb.invalid:8080"}
USER_POOL = {"kind": "cognito", "user_pool_arns": ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_a"]}
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
    assert headers.SINGLE == (
        identity.SUBJECT,
        identity.SCOPES,
        identity.PRINCIPAL,
        identity.KEY,
        identity.SOURCE,
        identity.REQUEST,
    )
    assert headers.CONTEXT == identity.CONTEXT
    assert {name.lower() for name in (*headers.SINGLE, headers.CONTEXT, headers.PREFIX)} <= request.REPLACED


ALWAYS = {headers.SOURCE: "context.identity.sourceIp", headers.REQUEST: "context.extendedRequestId"}


@pytest.mark.parametrize(
    ("route", "authorizer", "found"),
    [
        ({}, None, {}),
        ({"authorization": "iam"}, None, {headers.PRINCIPAL: "context.identity.userArn"}),
        ({"authorization": "who"}, USER_POOL, {headers.SUBJECT: "context.authorizer.claims.sub"}),
        (
            {"authorization": "who", "scopes": ["a/read"]},
            USER_POOL,
            {headers.SUBJECT: "context.authorizer.claims.sub", headers.SCOPES: "context.authorizer.claims.scope"},
        ),
        ({"authorization": "who"}, OWN, {headers.PRINCIPAL: "context.authorizer.principalId"}),
        ({"key_required": True}, None, {headers.KEY: "context.identity.apiKeyId"}),
    ],
)
def test_a_rest_api_sets_or_empties_every_header(
    route: dict[str, Any], authorizer: dict[str, Any] | None, found: dict[str, str]
) -> None:
    api: dict[str, Any] = {"identity": True} | ({"authorizers": {"who": authorizer}} if authorizer else {})
    mapped = rest(**route, api=api)
    assert {name: mapped[name] for name in headers.SINGLE} == dict.fromkeys(headers.SINGLE, "''") | ALWAYS | found
    assert mapped[headers.CONTEXT] == "''"
    assert mapped[headers.PREFIX] == "'/live'"


@pytest.mark.parametrize(
    ("route", "authorizer", "found"),
    [
        ({}, None, {}),
        ({"authorization": "iam"}, None, {headers.PRINCIPAL: "$context.identity.userArn"}),
        ({"authorization": "who"}, JWT, {headers.SUBJECT: "$context.authorizer.claims.sub"}),
        (
            {"authorization": "who", "scopes": ["read"]},
            JWT,
            {headers.SUBJECT: "$context.authorizer.claims.sub", headers.SCOPES: "$context.authorizer.claims.scope"},
        ),
        ({"authorization": "who"}, OWN, {}),
    ],
)
def test_an_http_api_sets_or_removes_every_header(
    route: dict[str, Any], authorizer: dict[str, Any] | None, found: dict[str, str]
) -> None:
    api: dict[str, Any] = {"identity": True} | ({"authorizers": {"who": authorizer}} if authorizer else {})
    wanted = {headers.SOURCE: "$context.identity.sourceIp", headers.REQUEST: "$context.requestId"} | found
    removed = {name for name in (*headers.SINGLE, headers.PREFIX) if name not in wanted}
    assert http(**route, api=api) == {f"overwrite:header.{name}": value for name, value in wanted.items()} | {
        f"remove:header.{name}": "''" for name in removed
    }


@pytest.mark.parametrize("authorization", ["none", "iam"])
def test_without_identity_every_header_is_emptied_or_removed(authorization: str) -> None:
    mapped = rest(authorization=authorization, api={"identity": False})
    assert {mapped[name] for name in (*headers.SINGLE, headers.CONTEXT)} == {"''"}
    removed = {f"remove:header.{name}": "''" for name in (*headers.SINGLE, headers.PREFIX)}
    assert http(authorization=authorization, api={"identity": False}) == removed


def test_it_is_on_where_a_route_has_an_authorizer() -> None:
    assert rest()[headers.SOURCE] == "''"
    assert rest(authorization="iam")[headers.SOURCE] == "context.identity.sourceIp"


@pytest.mark.parametrize(
    ("api", "path", "prefix"),
    [
        ({}, "/forward", "/live"),
        ({"stage": "v2"}, "/forward", "/v2"),
        ({"strip_prefix": "/forward"}, "/forward", "/live/forward"),
        ({"strip_prefix": "/forward/"}, "/forward/x", "/live/forward"),
        ({"strip_prefix": "/forward"}, "/other", "/live"),
        ({"domain": {"name": "api.example.com", "zone_id": "Z1"}}, "/forward", ""),
        ({"domain": {"name": "api.example.com", "zone_id": "Z1", "base_path": "v1"}}, "/forward", "/v1"),
    ],
)
def test_the_prefix_that_callers_write(api: dict[str, Any], path: str, prefix: str) -> None:
    assert rest(path=path, api=api)[headers.PREFIX] == f"'{prefix}'"
    by_http = http(path=path, api=api)
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
    assert names(mixed(), "Integration") == [
        "front-to-backend",
        "front-to-backend-for-iam",
        "front-to-backend-for-who",
        "front-to-backend-for-who-scoped",
    ]
    assert names(mixed(identity=False), "Integration") == ["front-to-backend"]


def test_a_function_needs_no_headers() -> None:
    graph = front(kind="http", routes=[{**ROUTE, "authorization": "iam"}])
    assert "requestParameters" not in one(graph, "Integration").inputs


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ({}, {}),
        ({"identity": True}, {"IDENTITY": "true"}),
        ({"identity": False, "rewrite_redirects": True}, {}),
        ({"rewrite_redirects": False}, {"REWRITE_REDIRECTS": "false"}),
    ],
)
def test_a_forwarder_has_them_in_its_environment(args: dict[str, Any], found: dict[str, str]) -> None:
    from components import ServerlessProxy

    def program() -> None:
        ServerlessProxy(
            "proxy",
            {
                "vpc_id": "vpc-1",
                "subnet_ids": ["subnet-1"],
                "url": "http://10.0.0.5:8080",
                "port": 8080,
                "backend_security_group_id": "sg-1",
                **args,  # type: ignore[typeddict-item] # each case is well typed
            },
        )

    variables = one(declare(program), "Function").inputs["environment"]["variables"]
    assert {key: variables[key] for key in ("IDENTITY", "REWRITE_REDIRECTS") if key in variables} == found


def test_front_declares_no_header_for_functions() -> None:
    document = body(front(targets={"backend": FUNCTION}, identity=True))
    for item in document["paths"].values():
        assert "requestParameters" not in item["get"]["x-amazon-apigateway-integration"]
