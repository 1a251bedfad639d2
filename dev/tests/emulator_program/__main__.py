"""A REST API and an HTTP API in front of a function that returns its event."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

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
resources: dict[str, pulumi.Output[str]] = {}
for path in ("/echo", "/checked", "/mock"):
    resources[path] = aws.apigateway.Resource(
        path, rest_api=rest.id, parent_id=rest.root_resource_id, path_part=path[1:]
    ).id

METHODS: dict[str, dict[str, Any]] = {
    "ANY /echo": {},
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

deployment = aws.apigateway.Deployment("rest", rest_api=rest.id, opts=pulumi.ResourceOptions(depends_on=wired))
stage = aws.apigateway.Stage(
    "rest", rest_api=rest.id, deployment=deployment.id, stage_name="live", variables={"colour": "blue"}
)
web = aws.apigatewayv2.Api("web", name="web", protocol_type="HTTP")
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
ROUTES = {"ANY /echo": "2.0", "ANY /one/{id}": "1.0"}
for position, (route_key, version) in enumerate(ROUTES.items()):
    aws.apigatewayv2.Route(
        f"route-{position}",
        api_id=web.id,
        route_key=route_key,
        target=pulumi.Output.concat("integrations/", integrations[version].id),
        authorization_type="NONE",
    )
aws.apigatewayv2.Stage("web", api_id=web.id, name="$default", auto_deploy=True, stage_variables={"colour": "blue"})
