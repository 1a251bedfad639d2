"""The OpenAPI document of a REST API: valid, and what each feature puts in it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from components.api.api_args import ApiSpec, AuthorizerArgs, CorsArgs, TargetArgs
from components.api.openapi import body
from components.api.routes import RouteArgs, rest_operations
from components.facts.limits import METHODS
from tests.helpers.draws import draws

FUNCTION = TargetArgs(invoke_arn="arn:aws:apigateway:eu-west-1:lambda:path/forwarder")
LINK = TargetArgs(link_id="link-1", url="http://balancer.invalid:80")
ROUTE = RouteArgs(path="/forward", methods=("GET", "POST"), target="backend")


def document(*routes: RouteArgs, **changes: Any) -> dict[str, Any]:
    described = {"kind": "rest", "name": "front", "routes": routes or (ROUTE,), "targets": {"backend": FUNCTION}}
    return body(ApiSpec(**(described | changes)))


def valid(whole: dict[str, Any]) -> bool:
    """By an independent validator, which takes `{proxy+}` for another name than `proxy`."""
    paths = {path.replace("+}", "}"): item for path, item in whole["paths"].items()}
    validate(whole | {"paths": paths})
    return True


def integration(whole: dict[str, Any], path: str = "/forward", method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = whole["paths"][path][method]["x-amazon-apigateway-integration"]
    return found


def test_a_route_and_all_that_lies_under_it() -> None:
    assert list(document()["paths"]) == ["/forward", "/forward/{proxy+}"]
    assert list(document(RouteArgs(path="/", methods=("ANY",), target="backend"))["paths"]) == ["/", "/{proxy+}"]
    assert list(
        document(RouteArgs(path="/a", methods=("GET",), target="backend", include_subpaths=False))["paths"]
    ) == ["/a"]


def test_a_route_of_its_own_wins_over_what_lies_under_another() -> None:
    routes = (
        RouteArgs(path="/a/{proxy+}", methods=("GET",), target="special"),
        RouteArgs(path="/a", methods=("GET",), target="backend"),
    )
    whole = document(*routes, targets={"backend": FUNCTION, "special": TargetArgs(invoke_arn="arn:special")})
    assert integration(whole, "/a/{proxy+}")["uri"] == "arn:special"


def test_a_function_is_always_posted_to() -> None:
    assert integration(document())["httpMethod"] == "POST"
    assert integration(document())["type"] == "aws_proxy"


def test_a_link_passes_path_method_and_host_on() -> None:
    found = integration(document(targets={"backend": LINK}), "/forward/{proxy+}", "post")
    assert found["uri"] == "http://balancer.invalid:80/forward/{proxy}"
    assert found["httpMethod"] == "POST"
    assert found["connectionType"] == "VPC_LINK"
    assert found["requestParameters"]["integration.request.path.proxy"] == "method.request.path.proxy"
    assert found["requestParameters"]["integration.request.header.X-Forwarded-Host"] == "context.domainName"
    assert "integrationTarget" not in found


def test_a_slash_at_the_end_of_a_links_url_is_not_doubled() -> None:
    link = TargetArgs(link_id="link-1", url="http://balancer.invalid:80/base/")
    assert integration(document(targets={"backend": link}))["uri"] == "http://balancer.invalid:80/base/forward"


def test_a_link_of_the_second_version_names_the_balancer() -> None:
    found = integration(
        document(targets={"backend": TargetArgs(link_id="l", url="http://b.invalid", load_balancer_arn="arn:balancer")})
    )
    assert found["integrationTarget"] == "arn:balancer"


def test_any_method_is_written_as_aws_does() -> None:
    whole = document(RouteArgs(path="/forward", methods=("ANY",), target="backend"), targets={"backend": LINK})
    assert integration(whole, method="x-amazon-apigateway-any-method")["httpMethod"] == "ANY"


def test_bodies_may_be_binary() -> None:
    assert document()["x-amazon-apigateway-binary-media-types"] == ["*/*"]


def test_a_timeout_is_the_routes_or_the_most_there_is() -> None:
    assert integration(document())["timeoutInMillis"] == 29_000
    own = RouteArgs(path="/forward", methods=("GET",), target="backend", timeout_milliseconds=700)
    assert integration(document(own))["timeoutInMillis"] == 700


def test_a_key_and_an_authorizer_are_both_demanded() -> None:
    route = RouteArgs(
        path="/forward", methods=("GET",), target="backend", key_required=True, authorization="pool", scopes=("read",)
    )
    whole = document(route, authorizers={"pool": AuthorizerArgs(kind="cognito", user_pool_arns=("arn:pool",))})
    assert whole["paths"]["/forward"]["get"]["security"] == [{"pool": ["read"], "api_key": []}]
    schemes = whole["components"]["securitySchemes"]
    assert schemes["api_key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}
    assert schemes["pool"]["x-amazon-apigateway-authorizer"]["providerARNs"] == ["arn:pool"]


def test_iam_is_signed() -> None:
    whole = document(RouteArgs(path="/forward", methods=("GET",), target="backend", authorization="iam"))
    assert whole["components"]["securitySchemes"]["aws_sigv4"]["x-amazon-apigateway-authtype"] == "awsSigv4"


def test_a_function_decides_by_its_headers() -> None:
    route = RouteArgs(path="/forward", methods=("GET",), target="backend", authorization="asked")
    asked = AuthorizerArgs(
        kind="lambda", invoke_arn="arn:asked", identity_headers=("X-Token", "X-Day"), cache_seconds=9
    )
    found = document(route, authorizers={"asked": asked})["components"]["securitySchemes"]["asked"]
    assert found["x-amazon-apigateway-authtype"] == "custom"
    decision = found["x-amazon-apigateway-authorizer"]
    # A decision that is cached without method and path would hold for every route.
    headers = "method.request.header.X-Token, method.request.header.X-Day"
    assert decision["identitySource"] == f"{headers}, context.httpMethod, context.path"
    assert decision["authorizerResultTtlInSeconds"] == 9
    whole = document(route, authorizers={"asked": replace(asked, cache_seconds=0)})
    found = whole["components"]["securitySchemes"]["asked"]["x-amazon-apigateway-authorizer"]
    assert found["identitySource"] == headers


def test_an_authorizer_that_no_route_uses_is_left_out() -> None:
    assert "components" not in document(
        authorizers={"pool": AuthorizerArgs(kind="cognito", user_pool_arns=("arn:pool",))}
    )


def test_a_body_is_checked_where_it_has_a_schema() -> None:
    route = RouteArgs(
        path="/forward", methods=("POST",), target="backend", body_schema={"type": "object", "required": ["id"]}
    )
    whole = document(route)
    operation = whole["paths"]["/forward"]["post"]
    assert operation["x-amazon-apigateway-request-validator"] == "body"
    assert whole["x-amazon-apigateway-request-validators"]["body"]["validateRequestBody"] is True
    content = operation["requestBody"]["content"]
    assert content["application/json"]["schema"]["required"] == ["id"]
    # A body whose content type has no model would pass unchecked.
    assert content["$default"] == content["application/json"]


def test_an_authorizer_named_key_is_not_the_scheme_of_api_keys() -> None:
    guarded = RouteArgs(path="/admin", methods=("GET",), target="backend", authorization="key")
    keyed = RouteArgs(path="/shop", methods=("GET",), target="backend", key_required=True)
    signed = RouteArgs(path="/signed", methods=("GET",), target="backend", authorization="iam")
    whole = document(
        guarded, keyed, signed, authorizers={"key": AuthorizerArgs(kind="lambda", invoke_arn="arn:decides")}
    )
    (needed,) = whole["paths"]["/admin"]["get"]["security"]
    (scheme,) = needed
    schemes = whole["components"]["securitySchemes"]
    assert schemes[scheme]["x-amazon-apigateway-authorizer"]["authorizerUri"] == "arn:decides"
    assert schemes.keys() == {"key", "api_key", "aws_sigv4"}


def test_a_preflight_is_answered_without_the_backend() -> None:
    cors = CorsArgs(
        origins=("https://a.example", "https://b.example"),
        methods=("GET", "POST"),
        headers=("X-Token",),
        credentials=True,
    )
    options = document(cors=cors)["paths"]["/forward/{proxy+}"]["options"]["x-amazon-apigateway-integration"]
    assert options["type"] == "mock"
    assert options["contentHandling"] == "CONVERT_TO_TEXT"
    answer = options["responses"]["default"]
    assert answer["responseParameters"]["method.response.header.Access-Control-Allow-Methods"] == "'GET,POST'"
    assert "https://b.example" in answer["responseTemplates"]["application/json"]


def test_a_private_api_carries_its_endpoints() -> None:
    servers = document(endpoint_ids=["vpce-1"])["servers"]
    assert servers[0]["x-amazon-apigateway-endpoint-configuration"] == {"vpcEndpointIds": ["vpce-1"]}


parts = st.from_regex(r"[a-z]{1,6}|\{id\}", fullmatch=True)
routes = st.builds(
    RouteArgs,
    path=st.lists(parts, max_size=4, unique=True).map(lambda found: "/" + "/".join(found)),
    methods=st.lists(st.sampled_from(METHODS), min_size=1, unique=True).map(tuple),
    target=st.sampled_from(["backend", "link"]),
    include_subpaths=st.booleans(),
    key_required=st.booleans(),
    authorization=st.sampled_from(["none", "iam"]),
)


@settings(max_examples=draws(40))
@given(st.lists(routes, min_size=1, max_size=6), st.booleans())
def test_any_routes_make_a_valid_document(found: list[RouteArgs], pages: bool) -> None:
    whole = document(
        *found, targets={"backend": FUNCTION, "link": LINK}, cors=CorsArgs(origins=("*",)) if pages else None
    )
    assert valid(whole)
    for operation in rest_operations(found):
        assert operation.method.lower() in whole["paths"][operation.path]


@pytest.mark.parametrize("target", [FUNCTION, LINK])
def test_every_operation_leads_somewhere(target: Any) -> None:
    for item in document(targets={"backend": target})["paths"].values():
        for operation in item.values():
            assert operation["x-amazon-apigateway-integration"]["uri"]
