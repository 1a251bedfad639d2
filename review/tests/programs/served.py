"""An HTTP API with a function whose code is in the program."""

import json

import pulumi
import pulumi_aws as aws
from gatehouse import ApiFront, ApiFrontArgs, RouteArgs, TargetArgs, ThrottleArgs

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
ApiFront(
    "api",
    ApiFrontArgs(
        kind="http",
        routes=[
            RouteArgs(path="/hello", methods=["GET"], target="hello", authorization="none", include_subpaths=False)
        ],
        targets={"hello": TargetArgs(function_name=function.name, invoke_arn=function.invoke_arn)},
        throttle=ThrottleArgs(rate=50, burst=25),
    ),
)
