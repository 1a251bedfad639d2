"""An HTTP API with a function whose code is in the program, declared by pulumi-aws alone."""

import json

import pulumi
import pulumi_aws as aws

CODE = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'one'}\n"

trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
function = aws.lambda_.Function(
    "hello",
    runtime="python3.13",
    handler="main.handler",
    role=role.arn,
    code=pulumi.AssetArchive({"main.py": pulumi.StringAsset(CODE)}),
)
api = aws.apigatewayv2.Api("api", protocol_type="HTTP")
integration = aws.apigatewayv2.Integration(
    "integration",
    api_id=api.id,
    integration_type="AWS_PROXY",
    integration_uri=function.invoke_arn,
    payload_format_version="2.0",
)
aws.apigatewayv2.Route(
    "route", api_id=api.id, route_key="GET /hello", target=pulumi.Output.concat("integrations/", integration.id)
)
aws.apigatewayv2.Stage("stage", api_id=api.id, name="$default", auto_deploy=True)
aws.lambda_.Permission(
    "permission",
    action="lambda:InvokeFunction",
    function=function.name,
    principal="apigateway.amazonaws.com",
    source_arn=pulumi.Output.concat(api.execution_arn, "/*"),
)
