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


def method(uri: str, **more: Any) -> dict[str, Any]:
    """An operation of the API's document that calls the function."""
    return {"x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}, **more}


def document(uri: str) -> str:
    """The definition of the REST API."""
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    checked = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    paths = {
        "/echo": {"x-amazon-apigateway-any-method": method(uri)},
        "/checked": {"post": method(uri, requestBody=checked)},
    }
    return json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": "rest", "version": "1"},
            "paths": paths,
            "components": {"schemas": {"Order": schema}},
            "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": True}},
            "x-amazon-apigateway-request-validator": "body",
        }
    )


rest = aws.apigateway.RestApi("rest", name="rest", body=echo.invoke_arn.apply(document))
deployment = aws.apigateway.Deployment("rest", rest_api=rest.id)
stage = aws.apigateway.Stage("rest", rest_api=rest.id, deployment=deployment.id, stage_name="live")
web = aws.apigatewayv2.Api("web", name="web", protocol_type="HTTP")
called = aws.apigatewayv2.Integration(
    "called",
    api_id=web.id,
    integration_type="AWS_PROXY",
    integration_uri=echo.invoke_arn,
    integration_method="POST",
    payload_format_version="2.0",
)
aws.apigatewayv2.Route(
    "route",
    api_id=web.id,
    route_key="ANY /echo",
    target=pulumi.Output.concat("integrations/", called.id),
    authorization_type="NONE",
)
aws.apigatewayv2.Stage("web", api_id=web.id, name="$default", auto_deploy=True)
