"""A REST API and an HTTP API in front of a function that returns its event."""

import json
import sys
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

sys.path.insert(0, str(Path(__file__).parents[3]))

from dev.beside_emulator.lists import CONTEXT, GATEWAY_RESPONSES, HTTP_KEYS, HTTP_SOURCES, REST_PLACES, REST_SOURCES

_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]}))


def function(name: str, handler: str) -> aws.lambda_.Function:
    """A function whose code is in `functions/echo.py`."""
    made = aws.lambda_.Function(
        name,
        name=name,
        runtime="python3.11",
        handler=f"echo.{handler}",
        role=role.arn,
        timeout=10,
        code=pulumi.FileArchive("functions"),
    )
    aws.lambda_.Permission(
        name, action="lambda:InvokeFunction", function=made.name, principal="apigateway.amazonaws.com"
    )
    return made


echo = function("echo", "handler")
simple = function("simple", "authorize")
decide = function("decide", "policy")


rest = aws.apigateway.RestApi("rest", name="rest", binary_media_types=["image/png"])
order = aws.apigateway.Model(
    "order",
    rest_api=rest.id,
    name="Order",
    content_type="application/json",
    schema=json.dumps({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}),
)
validator = aws.apigateway.RequestValidator(
    "all", rest_api=rest.id, name="all", validate_request_body=True, validate_request_parameters=True
)
decision = aws.apigateway.Authorizer(
    "decide",
    rest_api=rest.id,
    name="decide",
    type="TOKEN",
    authorizer_uri=decide.invoke_arn,
    identity_source="method.request.header.X-Token",
    authorizer_result_ttl_in_seconds=0,
)
resources: dict[str, pulumi.Output[str]] = {"": rest.root_resource_id}
for path in (
    "/echo",
    "/items",
    "/items/{id}",
    "/items/{id}/{proxy+}",
    "/keyed",
    "/decided",
    "/signed",
    "/checked",
    "/mock",
):
    parent, _, part = path.rpartition("/")
    resources[path] = aws.apigateway.Resource(path, rest_api=rest.id, parent_id=resources[parent], path_part=part).id

METHODS: dict[str, dict[str, Any]] = {
    "ANY /echo": {},
    "GET /items/{id}": {},
    "ANY /items/{id}/{proxy+}": {},
    "GET /keyed": {"api_key_required": True},
    "GET /decided": {"authorization": "CUSTOM", "authorizer_id": decision.id},
    "GET /signed": {"authorization": "AWS_IAM"},
    "POST /checked": {
        "request_validator_id": validator.id,
        "request_models": {"application/json": order.name},
        "request_parameters": {"method.request.querystring.size": True},
    },
}
wired: list[pulumi.Resource] = []
for named, more in METHODS.items():
    verb, _, path = named.partition(" ")
    method = aws.apigateway.Method(
        named, rest_api=rest.id, resource_id=resources[path], http_method=verb, **({"authorization": "NONE"} | more)
    )
    wired.append(
        aws.apigateway.Integration(
            named,
            rest_api=rest.id,
            resource_id=resources[path],
            http_method=method.http_method,
            type="AWS_PROXY",
            integration_http_method="POST",
            uri=echo.invoke_arn,
        )
    )

ORIGIN = "Access-Control-Allow-Origin"
mock: dict[str, Any] = {"rest_api": rest.id, "resource_id": resources["/mock"], "http_method": "GET"}
mocked = aws.apigateway.Method("mock", authorization="NONE", **mock)
made = aws.apigateway.Integration(
    "mock",
    type="MOCK",
    request_templates={"application/json": '{"statusCode": 200}'},
    **mock,
    opts=pulumi.ResourceOptions(depends_on=[mocked]),
)
shown = aws.apigateway.MethodResponse(
    "mock",
    status_code="200",
    response_parameters={f"method.response.header.{ORIGIN}": True},
    **mock,
    opts=pulumi.ResourceOptions(depends_on=[mocked]),
)
wired.append(
    aws.apigateway.IntegrationResponse(
        "mock",
        status_code="200",
        response_parameters={f"method.response.header.{ORIGIN}": "'https://app.example.com'"},
        response_templates={"application/json": '{"mocked": true}'},
        **mock,
        opts=pulumi.ResourceOptions(depends_on=[made, shown]),
    )
)


# An API whose errors show the type of each gateway response, and whose mock shows each variable of `$context`.
words = aws.apigateway.RestApi("words", name="words", binary_media_types=["image/png"])
checks = aws.apigateway.RequestValidator(
    "words-all", rest_api=words.id, name="words-all", validate_request_body=True, validate_request_parameters=True
)
goods = aws.apigateway.Model(
    "words-order",
    rest_api=words.id,
    name="Order",
    content_type="application/json",
    schema=json.dumps({"type": "object", "required": ["a"]}),
)
denial = aws.apigateway.Authorizer(
    "words-decide",
    rest_api=words.id,
    name="words-decide",
    type="TOKEN",
    authorizer_uri=decide.invoke_arn,
    identity_source="method.request.header.X-Token",
    authorizer_result_ttl_in_seconds=0,
)
for kind in GATEWAY_RESPONSES:
    told = '{"type": "$context.error.responseType", "message": $context.error.messageString}'
    aws.apigateway.Response(
        f"words-{kind}",
        rest_api_id=words.id,
        response_type=kind,
        response_templates={"application/json": told},
        response_parameters={
            "gatewayresponse.header.x-kind": f"'{kind}'",
            "gatewayresponse.header.x-origin": "method.request.header.Origin",
        },
    )
shown_context = json.dumps({name: f"$context.{name}" for name in CONTEXT})
WORDS: dict[str, dict[str, Any]] = {
    "/context": {},
    "/strict": {},
    "/keyed": {"api_key_required": True},
    "/signed": {"authorization": "AWS_IAM"},
    "/decided": {"authorization": "CUSTOM", "authorizer_id": denial.id},
    "/checked": {
        "request_validator_id": checks.id,
        "request_models": {"application/json": goods.name},
        "request_parameters": {"method.request.querystring.size": True},
    },
}
worded: list[pulumi.Resource] = []
for path, more in WORDS.items():
    place = aws.apigateway.Resource(
        f"words{path}", rest_api=words.id, parent_id=words.root_resource_id, path_part=path[1:]
    )
    where: dict[str, Any] = {"rest_api": words.id, "resource_id": place.id, "http_method": "POST"}
    known = aws.apigateway.Method(f"words{path}", **({"authorization": "NONE"} | more), **where)
    mocking = aws.apigateway.Integration(
        f"words{path}",
        type="MOCK",
        passthrough_behavior="NEVER",
        request_templates={"application/json": '{"statusCode": 200}'},
        **where,
        opts=pulumi.ResourceOptions(depends_on=[known]),
    )
    answered = aws.apigateway.MethodResponse(
        f"words{path}", status_code="200", **where, opts=pulumi.ResourceOptions(depends_on=[known])
    )
    worded.append(
        aws.apigateway.IntegrationResponse(
            f"words{path}",
            status_code="200",
            response_templates={"application/json": shown_context},
            **where,
            opts=pulumi.ResourceOptions(depends_on=[mocking, answered]),
        )
    )
words_deployment = aws.apigateway.Deployment("words", rest_api=words.id, opts=pulumi.ResourceOptions(depends_on=worded))
words_stage = aws.apigateway.Stage(
    "words", rest_api=words.id, deployment=words_deployment.id, stage_name="live", variables={"colour": "blue"}
)

deployment = aws.apigateway.Deployment("rest", rest_api=rest.id, opts=pulumi.ResourceOptions(depends_on=wired))
stage = aws.apigateway.Stage(
    "rest", rest_api=rest.id, deployment=deployment.id, stage_name="live", variables={"colour": "blue"}
)
# An API whose mappings name each source that AWS lists, in each place.
BACKEND = "http://backend.invalid"
maps = aws.apigateway.RestApi("maps", name="maps", binary_media_types=["image/png"])
from_path = aws.apigateway.Resource("maps/{id}", rest_api=maps.id, parent_id=maps.root_resource_id, path_part="{id}")
mapped_at: dict[str, Any] = {"rest_api": maps.id, "resource_id": from_path.id, "http_method": "POST"}
sources = {one: True for one in REST_SOURCES if one.startswith("method.") and ".body" not in one}
open_method = aws.apigateway.Method("maps", authorization="NONE", request_parameters=sources, **mapped_at)
places = [(place, number, one) for place in REST_PLACES for number, one in enumerate(REST_SOURCES)]
parts = "/".join(f"{{p{number}}}" for number in range(len(REST_SOURCES)))
mapping = aws.apigateway.Integration(
    "maps",
    type="HTTP_PROXY",
    integration_http_method="POST",
    uri=f"{BACKEND}/{parts}",
    request_parameters={f"integration.request.{place}.{place[0]}{number}": one for place, number, one in places},
    **mapped_at,
    opts=pulumi.ResourceOptions(depends_on=[open_method]),
)
maps_deployment = aws.apigateway.Deployment("maps", rest_api=maps.id, opts=pulumi.ResourceOptions(depends_on=[mapping]))
aws.apigateway.Stage(
    "maps", rest_api=maps.id, deployment=maps_deployment.id, stage_name="live", variables={"colour": "blue"}
)

key = aws.apigateway.ApiKey("key", value="0123456789abcdef0123456789abcdef")
plan = aws.apigateway.UsagePlan(
    "plan",
    api_stages=[{"api_id": rest.id, "stage": stage.stage_name}, {"api_id": words.id, "stage": words_stage.stage_name}],
)
aws.apigateway.UsagePlanKey("plan", key_id=key.id, key_type="API_KEY", usage_plan_id=plan.id)

web = aws.apigatewayv2.Api(
    "web",
    name="web",
    protocol_type="HTTP",
    cors_configuration={
        "allow_origins": ["https://app.example.com"],
        "allow_methods": ["GET", "POST"],
        "allow_headers": ["x-token"],
        "expose_headers": ["x-one"],
        "max_age": 60,
    },
)
integrations = {
    version: aws.apigatewayv2.Integration(
        f"version-{version[0]}",
        api_id=web.id,
        integration_type="AWS_PROXY",
        integration_uri=echo.invoke_arn,
        integration_method="POST",
        payload_format_version=version,
    )
    for version in ("1.0", "2.0")
}
authorizer = aws.apigatewayv2.Authorizer(
    "simple",
    api_id=web.id,
    name="simple",
    authorizer_type="REQUEST",
    authorizer_uri=simple.invoke_arn,
    authorizer_payload_format_version="2.0",
    authorizer_result_ttl_in_seconds=0,
    enable_simple_responses=True,
    identity_sources=["$request.header.x-token"],
)
ROUTES = {
    "ANY /echo": "2.0",
    "GET /items/{id}": "2.0",
    "ANY /items/{proxy+}": "2.0",
    "GET /decided": "2.0",
    "ANY /one/{id}": "1.0",
}
for position, (route_key, version) in enumerate(ROUTES.items()):
    guarded = route_key == "GET /decided"
    aws.apigatewayv2.Route(
        f"route-{position}",
        api_id=web.id,
        route_key=route_key,
        target=pulumi.Output.concat("integrations/", integrations[version].id),
        authorization_type="CUSTOM" if guarded else "NONE",
        authorizer_id=authorizer.id if guarded else None,
    )
for number, source in enumerate(HTTP_SOURCES):
    changes = {f"{place}.{place[0]}{number}": "''" if place[0] == "r" else source for place in HTTP_KEYS}
    sent = aws.apigatewayv2.Integration(
        f"map-{number}",
        api_id=web.id,
        integration_type="HTTP_PROXY",
        integration_uri=f"{BACKEND}/from/{{id}}",
        integration_method="ANY",
        payload_format_version="1.0",
        request_parameters=changes | ({"overwrite:path": f"/over/{source}"} if number % 2 else {}),
    )
    aws.apigatewayv2.Route(
        f"map-{number}",
        api_id=web.id,
        route_key=f"POST /map{number}/{{id}}",
        target=pulumi.Output.concat("integrations/", sent.id),
        authorization_type="NONE",
    )
aws.apigatewayv2.Stage("web", api_id=web.id, name="$default", auto_deploy=True, stage_variables={"colour": "blue"})
