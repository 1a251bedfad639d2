"""The OpenAPI document of a REST API: valid, and what each feature puts in it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import validate

from components.api.api_spec import ApiSpec
from components.api.args.authorizers import AuthorizerArgs
from components.api.args.cors import CorsArgs
from components.api.args.routes import RouteArgs
from components.api.openapi import build_body
from components.arguments.connections import TargetArgs
from components.callers.operations import list_rest_operations
from components.facts.limits import METHODS

FUNCTION = TargetArgs(invoke_arn="arn:aws:apigateway:eu-west-1:lambda:path/forwarder")
LINK = TargetArgs(link_id="link-1", url="http://balancer.invalid:80")
ROUTE = RouteArgs(path="/forward", methods=("GET", "POST"), target="backend")
GET = replace(ROUTE, methods=("GET",))


def document(*routes: RouteArgs, **changes: Any) -> dict[str, Any]:
    described = {"kind": "rest", "name": "front", "routes": routes or (ROUTE,), "targets": {"backend": FUNCTION}}
    return build_body(ApiSpec(**(described | changes)))


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
    assert list(document(replace(GET, path="/"))["paths"]) == ["/", "/{proxy+}"]
    assert list(document(replace(GET, include_subpaths=False))["paths"]) == ["/forward"]
    assert document()["x-amazon-apigateway-binary-media-types"] == ["*/*"]


def test_integrations_whole() -> None:
    assert integration(document(replace(GET, timeout_milliseconds=700))) == {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "uri": FUNCTION.invoke_arn,
        "timeoutInMillis": 700,
    }
    found = integration(document(targets={"backend": LINK}), "/forward/{proxy+}", "post")
    parameters = found.pop("requestParameters")
    assert found == {
        "type": "http_proxy",
        "httpMethod": "POST",
        "uri": "http://balancer.invalid:80/forward/{proxy}",
        "connectionType": "VPC_LINK",
        "connectionId": "link-1",
        "timeoutInMillis": 29_000,
        "passthroughBehavior": "when_no_match",
    }
    assert parameters["integration.request.path.proxy"] == "method.request.path.proxy"
    assert parameters["integration.request.header.X-Forwarded-Host"] == "context.domainName"
    based = replace(LINK, url="http://balancer.invalid:80/base/", load_balancer_arn="arn:balancer")
    whole = document(replace(ROUTE, methods=("ANY",)), targets={"backend": based})
    found = integration(whole, method="x-amazon-apigateway-any-method")
    assert (found["httpMethod"], found["integrationTarget"]) == ("ANY", "arn:balancer")
    assert found["uri"] == "http://balancer.invalid:80/base/forward"
    assert "tlsConfig" not in found
    unverified = replace(LINK, url="https://app.internal", insecure_skip_verification=True)
    found = integration(document(ROUTE, targets={"backend": unverified}))
    assert found["tlsConfig"] == {"insecureSkipVerification": True}


def test_a_route_demands_what_it_says() -> None:
    keyed = replace(GET, key_required=True, authorization="pool", scopes=("read",))
    signed, guarded = (replace(GET, path=f"/{name}", authorization=name) for name in ("iam", "key"))
    pool = AuthorizerArgs(kind="cognito", user_pool_arns=("arn:pool",))
    decides = AuthorizerArgs(kind="lambda", invoke_arn="arn:decides")
    whole = document(keyed, signed, guarded, authorizers={"pool": pool, "key": decides})
    assert {path: whole["paths"][path]["get"]["security"] for path in ("/forward", "/iam", "/key")} == {
        "/forward": [{"pool": ["read"], "api_key": []}],
        "/iam": [{"aws_sigv4": []}],
        "/key": [{"key": []}],
    }
    schemes = whole["components"]["securitySchemes"]
    assert schemes["api_key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}
    assert schemes["pool"]["x-amazon-apigateway-authorizer"]["providerARNs"] == ["arn:pool"]
    assert schemes["aws_sigv4"]["x-amazon-apigateway-authtype"] == "awsSigv4"
    assert schemes["key"]["x-amazon-apigateway-authorizer"]["authorizerUri"] == "arn:decides"
    assert "security" not in document()["paths"]["/forward"]["get"]
    assert "components" not in document(authorizers={"pool": pool})


def test_a_function_decides_by_its_headers() -> None:
    asked = AuthorizerArgs(
        kind="lambda", invoke_arn="arn:asked", identity_headers=("X-Token", "X-Day"), cache_seconds=9
    )
    headers = "method.request.header.X-Token, method.request.header.X-Day"
    # A decision that is cached without method and path would hold for every route.
    for seconds, source in ((9, f"{headers}, context.httpMethod, context.path"), (0, headers)):
        of_these = {"asked": replace(asked, cache_seconds=seconds)}
        found = document(replace(GET, authorization="asked"), authorizers=of_these)["components"]["securitySchemes"]
        decision = found["asked"]["x-amazon-apigateway-authorizer"]
        assert found["asked"]["x-amazon-apigateway-authtype"] == "custom"
        assert (decision["identitySource"], decision["authorizerResultTtlInSeconds"]) == (source, seconds)


def test_a_preflight_is_answered_without_the_backend() -> None:
    origins = ("https://a.example", "https://b.example")
    cors = CorsArgs(origins=origins, methods=("GET", "POST"), headers=("X-Token",), credentials=True)
    options = document(cors=cors)["paths"]["/forward/{proxy+}"]["options"]["x-amazon-apigateway-integration"]
    assert (options["type"], options["contentHandling"]) == ("mock", "CONVERT_TO_TEXT")
    answer = options["responses"]["default"]
    assert answer["responseParameters"]["method.response.header.Access-Control-Allow-Methods"] == "'GET,POST'"
    assert "https://b.example" in answer["responseTemplates"]["application/json"]


@pytest.mark.parametrize("credentials", [True, False])
def test_a_page_can_read_the_errors_of_the_gateway(credentials: bool) -> None:
    cors = CorsArgs(origins=("https://a.example", "https://b.example"), credentials=credentials)
    errors = document(cors=cors)["x-amazon-apigateway-gateway-responses"]
    headers = {"gatewayresponse.header.Access-Control-Allow-Origin": "'https://a.example'"}
    if credentials:
        headers["gatewayresponse.header.Access-Control-Allow-Credentials"] = "'true'"
    assert {kind: error["responseParameters"] for kind, error in errors.items()} == {
        "DEFAULT_4XX": headers,
        "DEFAULT_5XX": headers,
    }


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


@given(st.lists(routes, min_size=1, max_size=6), st.booleans())
def test_any_routes_make_a_valid_document(found: list[RouteArgs], pages: bool) -> None:
    whole = document(
        *found, targets={"backend": FUNCTION, "link": LINK}, cors=CorsArgs(origins=("*",)) if pages else None
    )
    assert valid(whole)
    for operation in list_rest_operations(found):
        assert operation.method.lower() in whole["paths"][operation.path]
