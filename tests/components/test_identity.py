"""Headers that name the caller, on integrations through a VPC link."""

from typing import Any

import pytest

from components.facts import identity_headers as headers
from forwarder import identity, request
from tests.components.front import FUNCTION, ROUTE, body, front, made
from tests.helpers.declare import declare, names, one, refusal
from tests.helpers.declared import Graph

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
    assert headers.SINGLE == (identity.SUBJECT, identity.PRINCIPAL, identity.KEY, identity.SOURCE, identity.REQUEST)
    assert headers.SUBJECT_START == identity.SUBJECT_START
    names = (*headers.SINGLE, headers.SCOPES, identity.CONTEXT, headers.PREFIX)
    assert {name.lower() for name in names} <= request.REPLACED


@pytest.mark.parametrize(
    ("route", "authorizer"),
    [
        ({}, None),
        ({"authorization": "iam"}, None),
        ({"authorization": "who", "scopes": ["a/read"]}, USER_POOL),
        ({"authorization": "who"}, OWN),
        ({"key_required": True}, None),
    ],
)
def test_a_rest_apis_link_names_no_caller(route: dict[str, Any], authorizer: dict[str, Any] | None) -> None:
    mapped = rest(**route, api={"authorizers": {"who": authorizer}} if authorizer else {})
    assert mapped == {
        "X-Forwarded-Host": "context.domainName",
        "X-Request-Id": "context.requestId",
        headers.PREFIX: "'/live'",
    }


@pytest.mark.parametrize("kind", ["rest", "private"])
def test_identity_is_refused_where_a_caller_could_write_it(kind: str) -> None:
    private = {"endpoint_ids": ["vpce-1"], "allow_endpoint_ids": ["vpce-1"]} if kind == "private" else {}
    given: dict[str, Any] = {"kind": kind, "targets": {"backend": REST_LINK}, **private}
    want = "upper and lower case in the names of headers, and passes on a caller's own in any other spelling; "
    assert want + "send every route through the forwarder" in str(refusal(lambda: made(**given, identity=True)))
    front(**given, identity=False)
    front(**given | {"targets": {"backend": FUNCTION, "unused": REST_LINK}}, identity=True)


@pytest.mark.parametrize(
    ("route", "authorizer", "found"),
    [
        ({}, None, {}),
        ({"authorization": "iam"}, None, {headers.PRINCIPAL: "$context.identity.userArn"}),
        ({"authorization": "who"}, JWT, {headers.SUBJECT: "sub:${context.authorizer.claims.sub}"}),
        ({"authorization": "who", "scopes": ["read"]}, JWT, {headers.SUBJECT: "sub:${context.authorizer.claims.sub}"}),
        ({"authorization": "who"}, OWN, {}),
    ],
)
def test_an_http_api_sets_or_removes_every_header(
    route: dict[str, Any], authorizer: dict[str, Any] | None, found: dict[str, str]
) -> None:
    api: dict[str, Any] = {"identity": True} | ({"authorizers": {"who": authorizer}} if authorizer else {})
    wanted = {headers.SOURCE: "$context.identity.sourceIp", headers.REQUEST: "$context.requestId"} | found
    removed = {name for name in (*headers.SINGLE, headers.SCOPES, headers.PREFIX) if name not in wanted}
    assert http(**route, api=api) == {f"overwrite:header.{name}": value for name, value in wanted.items()} | {
        f"remove:header.{name}": "''" for name in removed
    }


@pytest.mark.parametrize("authorization", ["none", "iam"])
def test_without_identity_every_header_is_removed(authorization: str) -> None:
    removed = {f"remove:header.{name}": "''" for name in (*headers.SINGLE, headers.SCOPES, headers.PREFIX)}
    assert http(authorization=authorization, api={"identity": False}) == removed


def test_it_is_on_where_a_route_has_an_authorizer() -> None:
    source = f"overwrite:header.{headers.SOURCE}"
    assert source not in http()
    assert source in http(authorization="iam")


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
    # No mapping is known to take an empty value.
    assert rest(path=path, api=api).get(headers.PREFIX) == (f"'{prefix}'" if prefix else None)
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
    assert names(mixed(), "Integration") == ["front-to-backend", "front-to-backend-for-iam", "front-to-backend-for-who"]
    assert names(mixed(identity=False), "Integration") == ["front-to-backend"]


def test_a_function_needs_no_headers() -> None:
    graph = front(kind="http", routes=[{**ROUTE, "authorization": "iam"}])
    assert "requestParameters" not in one(graph, "Integration").inputs


def forwarder(**args: Any) -> None:
    from components import ServerlessProxy

    ServerlessProxy(
        "proxy",
        {
            "vpc_id": "vpc-1",
            "subnet_ids": ["subnet-1"],
            "url": "http://10.0.0.5:8080",
            "port": 8080,
            "backend_security_group_id": "sg-1",
            **args,
        },
    )


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
    variables = one(declare(lambda: forwarder(**args)), "Function").inputs["environment"]["variables"]
    assert {
        key: variables[key] for key in ("IDENTITY", "REWRITE_REDIRECTS", "CUSTOM_DOMAIN") if key in variables
    } == found


@pytest.mark.parametrize(
    "domain",
    [
        "api.example.com",
        "api.example.com/",
        "https://api.example.com/v1",
        "api.example.com:443/v1",
        "api.example.com//v1",
        "api.example.com/v1/",
        "api.example.com/v1/orders",
        "api.example.com/v1?x",
        "api.example.com/..",
        "api..example.com/v1",
        "/v1",
        "*/v1",
        "localhost/v1",
        " api.example.com/v1",
    ],
)
def test_a_custom_domain_has_a_name_and_one_base_path(domain: str) -> None:
    error = refusal(lambda: forwarder(custom_domain=domain))
    assert f"custom_domain: got {domain!r}; a domain name, one slash" in str(error)


def test_front_declares_no_header_for_functions() -> None:
    for item in body(front(targets={"backend": FUNCTION}, identity=True))["paths"].values():
        assert "requestParameters" not in item["get"]["x-amazon-apigateway-integration"]
