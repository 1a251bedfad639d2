"""A REST API of separate resources and an HTTP API, each with functions that authorize: pulumi-aws alone."""

import json

import pulumi
import pulumi_aws as aws

HELLO = "exports.handler = async (e) => ({ statusCode: 200, body: JSON.stringify(e.requestContext.authorizer) });"
TOKEN = """
calls = 0
def handler(event, context):
    global calls
    calls += 1
    effect = 'Allow' if event['authorizationToken'] == 'let-me-in' else 'Deny'
    statement = {'Effect': effect, 'Action': 'execute-api:Invoke', 'Resource': event['methodArn']}
    return {'principalId': 'ann', 'policyDocument': {'Version': '2012-10-17', 'Statement': [statement]},
            'context': {'calls': calls}}
"""
SIMPLE = """
def handler(event, context):
    return {'isAuthorized': event['identitySource'] == ['yes'], 'context': {'route': event['routeKey']}}
"""

trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))


def function(name: str, runtime: str, file: str, code: str) -> aws.lambda_.Function:
    archive = pulumi.AssetArchive({file: pulumi.StringAsset(code)})
    made = aws.lambda_.Function(name, runtime=runtime, handler="main.handler", role=role.arn, code=archive)
    aws.lambda_.Permission(
        f"{name}-permission", action="lambda:InvokeFunction", function=made.name, principal="apigateway.amazonaws.com"
    )
    return made


hello = function("hello", "nodejs22.x", "main.js", HELLO)
token = function("token", "python3.13", "main.py", TOKEN)
simple = function("simple", "python3.13", "main.py", SIMPLE)

rest = aws.apigateway.RestApi("rest")
guarded = aws.apigateway.Resource("guarded", rest_api=rest.id, parent_id=rest.root_resource_id, path_part="guarded")
authorizer = aws.apigateway.Authorizer(
    "authorizer",
    rest_api=rest.id,
    authorizer_uri=token.invoke_arn,
    identity_source="method.request.header.X-Token",
    authorizer_result_ttl_in_seconds=60,
)
method = aws.apigateway.Method(
    "method",
    rest_api=rest.id,
    resource_id=guarded.id,
    http_method="GET",
    authorization="CUSTOM",
    authorizer_id=authorizer.id,
)
integration = aws.apigateway.Integration(
    "integration",
    rest_api=rest.id,
    resource_id=guarded.id,
    http_method=method.http_method,
    integration_http_method="POST",
    type="AWS_PROXY",
    uri=hello.invoke_arn,
)
deployment = aws.apigateway.Deployment(
    "deployment", rest_api=rest.id, opts=pulumi.ResourceOptions(depends_on=[integration])
)
aws.apigateway.Stage("live", rest_api=rest.id, deployment=deployment.id, stage_name="live")

web = aws.apigatewayv2.Api("web", protocol_type="HTTP")
gate = aws.apigatewayv2.Authorizer(
    "gate",
    api_id=web.id,
    authorizer_type="REQUEST",
    authorizer_uri=simple.invoke_arn,
    identity_sources=["$request.header.X-Token"],
    authorizer_payload_format_version="2.0",
    enable_simple_responses=True,
)
called = aws.apigatewayv2.Integration(
    "called",
    api_id=web.id,
    integration_type="AWS_PROXY",
    integration_uri=hello.invoke_arn,
    payload_format_version="2.0",
)
aws.apigatewayv2.Route(
    "route",
    api_id=web.id,
    route_key="GET /guarded",
    target=pulumi.Output.concat("integrations/", called.id),
    authorization_type="CUSTOM",
    authorizer_id=gate.id,
)
always = aws.apigatewayv2.Authorizer(
    "always",
    api_id=web.id,
    authorizer_type="REQUEST",
    authorizer_uri=simple.invoke_arn,
    authorizer_payload_format_version="2.0",
    enable_simple_responses=True,
)
aws.apigatewayv2.Route(
    "asked",
    api_id=web.id,
    route_key="GET /asked",
    target=pulumi.Output.concat("integrations/", called.id),
    authorization_type="CUSTOM",
    authorizer_id=always.id,
)
aws.apigatewayv2.Stage("default", api_id=web.id, name="$default", auto_deploy=True)

# AWS makes its stage and its route.
aws.apigatewayv2.Api("quick", name="quick", protocol_type="HTTP", target=hello.arn)
