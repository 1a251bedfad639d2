"""HTTP APIs: routes, integrations, and a stage that throttles."""

from typing import Any

from tests.components.front import FUNCTION, ROUTE, front
from tests.helpers.declare import names, one

LINK = {"link_id": "vpclink-1", "listener_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/x/1/2"}


def http(**changes: Any) -> Any:
    return front(kind="http", **changes)


def test_every_method_and_what_lies_under_the_path_lead_to_one_integration() -> None:
    graph = http()
    routes = {route.inputs["routeKey"]: route.inputs["target"] for route in graph if route.kind == "Route"}
    assert set(routes) == {"GET /forward", "POST /forward", "GET /forward/{proxy+}", "POST /forward/{proxy+}"}
    assert set(routes.values()) == {f"integrations/{one(graph, 'Integration').id}"}
    integration, stage = one(graph, "Integration").inputs, one(graph, "Stage").inputs
    assert (integration["payloadFormatVersion"], integration["integrationUri"]) == ("2.0", FUNCTION["invoke_arn"])
    assert (stage["name"], stage["autoDeploy"]) == ("$default", True)


def test_a_timeout_of_its_own_makes_an_integration_of_its_own() -> None:
    graph = http(routes=[ROUTE, {**ROUTE, "path": "/slow", "timeout_milliseconds": 9000}])
    assert names(graph, "Integration") == ["front-to-backend", "front-to-backend-9000-ms"]
    assert one(graph, "Integration", "front-to-backend").inputs["timeoutMilliseconds"] == 30_000
    assert one(graph, "Integration", "front-to-backend-9000-ms").inputs["timeoutMilliseconds"] == 9_000
    slow = http(targets={"backend": LINK}, routes=[{**ROUTE, "timeout_milliseconds": 700}])
    assert one(slow, "Integration").inputs["timeoutMilliseconds"] == 700


def test_both_throttles_are_set_and_those_of_routes_wait_for_their_routes() -> None:
    graph = http(routes=[{**ROUTE, "methods": ["GET"], "throttle": {"rate": 1, "burst": 2}}])
    stage = one(graph, "Stage")
    limits = {"throttlingRateLimit": 100, "throttlingBurstLimit": 50, "detailedMetricsEnabled": False}
    assert stage.inputs["defaultRouteSettings"] == limits
    of_routes = stage.inputs["routeSettings"]
    found = [(each["routeKey"], each["throttlingRateLimit"], each["throttlingBurstLimit"]) for each in of_routes]
    assert found == [("GET /forward", 1, 2), ("GET /forward/{proxy+}", 1, 2)]
    assert {route.urn for route in graph if route.kind == "Route"} <= {*stage.dependencies}
    none = one(http(throttle=None), "Stage").inputs["defaultRouteSettings"]
    assert none["throttlingRateLimit"] > 0 < none["throttlingBurstLimit"]


def test_a_link_passes_the_path_on_without_the_stage_and_checks_a_name() -> None:
    integration = one(http(targets={"backend": LINK}), "Integration").inputs
    assert integration["requestParameters"]["overwrite:path"] == "$request.path"
    assert {key: value for key, value in integration.items() if key != "requestParameters"} == {
        "apiId": "front-api-id",
        "integrationType": "HTTP_PROXY",
        "integrationMethod": "ANY",
        "payloadFormatVersion": "1.0",
        "connectionType": "VPC_LINK",
        "connectionId": "vpclink-1",
        "integrationUri": LINK["listener_arn"],
        "timeoutMilliseconds": 30_000,
    }
    tls = one(http(targets={"backend": LINK | {"server_name": "app.example.com"}}), "Integration").inputs
    assert tls["tlsConfig"] == {"serverNameToVerify": "app.example.com"}


def test_an_authorizer_guards_its_routes() -> None:
    graph = http(
        authorizers={"pool": {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}},
        routes=[
            {**ROUTE, "authorization": "pool", "scopes": ["read"]},
            {**ROUTE, "path": "/open"},
            {**ROUTE, "path": "/signed", "authorization": "iam"},
        ],
    )
    authorizer = one(graph, "Authorizer")
    assert authorizer.inputs["identitySources"] == ["$request.header.Authorization"]
    assert authorizer.inputs["jwtConfiguration"] == {"issuer": "https://issuer.example.com", "audiences": ["gate"]}
    # One of another kind takes the place of the old one.
    assert authorizer.options.replace_on_changes == ("authorizerType",)
    guarded = one(graph, "Route", "front-get-forward").inputs
    assert (guarded["authorizationType"], guarded["authorizerId"]) == ("JWT", authorizer.id)
    assert guarded["authorizationScopes"] == ["read"]
    for name, kind in (("open", "NONE"), ("signed", "AWS_IAM")):
        assert one(graph, "Route", f"front-get-{name}").inputs["authorizationType"] == kind


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
