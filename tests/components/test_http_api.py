"""HTTP APIs: routes, integrations, and a stage that throttles."""

from typing import Any

from tests.components.front import FUNCTION, ROUTE, front
from tests.helpers.declare import names, one

LINK = {"link_id": "vpclink-1", "listener_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/x/1/2"}


def http(**changes: Any) -> Any:
    return front(kind="http", **changes)


def test_every_method_and_what_lies_under_the_path() -> None:
    keys = {route.inputs["routeKey"] for route in http().of_type("aws:apigatewayv2/route:Route")}
    assert keys == {"GET /forward", "POST /forward", "GET /forward/{proxy+}", "POST /forward/{proxy+}"}


def test_routes_share_one_integration() -> None:
    graph = http()
    integration = one(graph, "Integration")
    assert integration.inputs["payloadFormatVersion"] == "2.0"
    assert integration.inputs["integrationUri"] == FUNCTION["invoke_arn"]
    targets = {route.inputs["target"] for route in graph.of_type("aws:apigatewayv2/route:Route")}
    assert targets == {f"integrations/{integration.id}"}


def test_a_timeout_of_its_own_makes_an_integration_of_its_own() -> None:
    graph = http(routes=[ROUTE, {**ROUTE, "path": "/slow", "timeout_milliseconds": 9000}])
    assert names(graph, "Integration") == ["front-to-backend", "front-to-backend-9000-ms"]
    assert one(graph, "Integration", "front-to-backend").inputs["timeoutMilliseconds"] == 30_000
    assert one(graph, "Integration", "front-to-backend-9000-ms").inputs["timeoutMilliseconds"] == 9_000
    slow = http(targets={"backend": LINK}, routes=[{**ROUTE, "timeout_milliseconds": 700}])
    assert one(slow, "Integration").inputs["timeoutMilliseconds"] == 700


def test_both_throttles_are_always_set() -> None:
    whole = one(http(), "Stage").inputs["defaultRouteSettings"]
    assert (whole["throttlingRateLimit"], whole["throttlingBurstLimit"]) == (100, 50)
    none = one(http(throttle=None), "Stage").inputs["defaultRouteSettings"]
    assert none["throttlingRateLimit"] > 0
    assert none["throttlingBurstLimit"] > 0


def test_route_throttles_wait_for_their_routes() -> None:
    graph = http(routes=[{**ROUTE, "methods": ["GET"], "throttle": {"rate": 1, "burst": 2}}])
    stage = one(graph, "Stage")
    assert [setting["routeKey"] for setting in stage.inputs["routeSettings"]] == [
        "GET /forward",
        "GET /forward/{proxy+}",
    ]
    assert {route.urn for route in graph.of_type("aws:apigatewayv2/route:Route")} <= set(stage.dependencies)


def test_the_default_stage_leaves_the_path_alone() -> None:
    stage = one(http(), "Stage").inputs
    assert (stage["name"], stage["autoDeploy"]) == ("$default", True)


def test_a_link_passes_the_path_on_without_the_stage() -> None:
    integration = one(http(targets={"backend": LINK}), "Integration").inputs
    assert integration["integrationType"] == "HTTP_PROXY"
    assert (integration["integrationMethod"], integration["payloadFormatVersion"]) == ("ANY", "1.0")
    assert integration["connectionType"] == "VPC_LINK"
    assert integration["connectionId"] == "vpclink-1"
    assert integration["integrationUri"] == LINK["listener_arn"]
    assert integration["requestParameters"]["overwrite:path"] == "$request.path"
    assert "tlsConfig" not in integration


def test_a_link_with_tls_checks_the_name() -> None:
    target = LINK | {"server_name": "app.example.com"}
    integration = one(http(targets={"backend": target}), "Integration").inputs
    assert integration["tlsConfig"] == {"serverNameToVerify": "app.example.com"}


def test_a_jwt_authorizer_guards_its_routes() -> None:
    graph = http(
        authorizers={"pool": {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}},
        routes=[{**ROUTE, "authorization": "pool", "scopes": ["read"]}, {**ROUTE, "path": "/open"}],
    )
    authorizer = one(graph, "Authorizer")
    assert authorizer.inputs["identitySources"] == ["$request.header.Authorization"]
    assert authorizer.inputs["jwtConfiguration"] == {"issuer": "https://issuer.example.com", "audiences": ["gate"]}
    guarded = one(graph, "Route", "front-get-forward").inputs
    assert (guarded["authorizationType"], guarded["authorizerId"]) == ("JWT", authorizer.id)
    assert guarded["authorizationScopes"] == ["read"]
    assert one(graph, "Route", "front-get-open").inputs["authorizationType"] == "NONE"


def test_iam_needs_no_authorizer() -> None:
    graph = http(routes=[{**ROUTE, "authorization": "iam"}])
    assert one(graph, "Route", "front-get-forward").inputs["authorizationType"] == "AWS_IAM"


def test_a_remembered_decision_is_remembered_for_its_route() -> None:
    lambda_authorizer = {"kind": "lambda", **FUNCTION, "identity_headers": ["X-Token"], "cache_seconds": 60}
    graph = http(authorizers={"asked": lambda_authorizer}, routes=[{**ROUTE, "authorization": "asked"}])
    authorizer = one(graph, "Authorizer").inputs
    assert authorizer["identitySources"] == ["$request.header.X-Token", "$context.routeKey"]
    assert authorizer["authorizerResultTtlInSeconds"] == 60
    assert authorizer["authorizerUri"] == FUNCTION["invoke_arn"]
    # What the function answers: {"isAuthorized": …}.
    assert (authorizer["authorizerPayloadFormatVersion"], authorizer["enableSimpleResponses"]) == ("2.0", True)
    assert {"front-asks-asked", "front-invokes-backend"} == set(names(graph, "Permission"))
    # Both admit the calls before anything leads there.
    assert one(graph, "Permission", "front-asks-asked").urn in one(graph, "Authorizer").dependencies
    assert one(graph, "Permission", "front-invokes-backend").urn in one(graph, "Integration").dependencies


def test_cors_is_answered_by_the_gateway() -> None:
    pages = {
        "origins": ["https://a.example"],
        "methods": ["ANY"],
        "headers": ["X-Token"],
        "expose_headers": ["X-Count"],
        "credentials": True,
        "max_age_seconds": 60,
    }
    assert one(http(cors=pages), "Api").inputs["corsConfiguration"] == {
        "allowOrigins": ["https://a.example"],
        # With credentials a browser takes * for the name of a method.
        "allowMethods": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        "allowHeaders": ["X-Token"],
        "exposeHeaders": ["X-Count"],
        "allowCredentials": True,
        "maxAge": 60,
    }
    without = one(http(cors=pages | {"credentials": False}), "Api").inputs["corsConfiguration"]
    assert without["allowMethods"] == ["*"]


def test_an_authorizer_of_another_kind_takes_the_place_of_the_old_one() -> None:
    jwt = {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}
    graph = http(authorizers={"asked": jwt}, routes=[{**ROUTE, "authorization": "asked"}])
    assert one(graph, "Authorizer").options.replace_on_changes == ("authorizerType",)
