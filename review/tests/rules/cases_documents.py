"""Documents and archives that AWS refuses."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from review.graph import Asset
from review.tests.graph_builder import Builder
from review.tests.rules.cases import fault, quiet

_FOLDER = TemporaryDirectory()
_ROLE = "iam/rolePolicy:RolePolicy"
_TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
}


def statement(**changes: Any) -> dict[str, Any]:
    given = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::images/*", **changes}
    return {key: value for key, value in given.items() if value is not None}


def policy(build: Builder, *statements: dict[str, Any], **whole: Any) -> None:
    document = {"Version": "2012-10-17", "Statement": list(statements or [statement()]), **whole}
    build(_ROLE, "policy", role="role", policy=json.dumps(document))


fault("DOC-01", at="policy", message="at Statement[0].Effect: 'allow' is not one of ['Allow', 'Deny']")(
    lambda build: policy(build, statement(Effect="allow"))
)
fault("DOC-01", at="policy", message="at Statement[1].Action: 's3.GetObject' is not an action, such as s3:GetObject")(
    lambda build: policy(build, statement(), statement(Action="s3.GetObject"))
)
fault("DOC-01", at="policy", message="at Statement[0].Resource[1]: 'images' is not an ARN, or *")(
    lambda build: policy(build, statement(Resource=["*", "images"]))
)


@quiet("DOC-01")
def _(build: Builder) -> None:
    # A * that ends a part reaches over the colons after it.
    policy(build, statement(Resource=["arn:aws:dynamodb:*", "arn:aws:logs:*:*", "arn:aws:s3:::images"]))


fault("DOC-01", at="policy", message="'Resource' is a required property")(
    lambda build: policy(build, statement(Resource=None))
)
fault("DOC-01", at="policy", message="'Ressource' is not one of")(lambda build: policy(build, statement(Ressource="*")))
fault("DOC-01", at="policy", message="Principal: it is for an identity's policy, which names no principal")(
    lambda build: policy(build, statement(Principal="*"))
)
fault("DOC-01", at="policy", message="'StringEqual' is not an operator of conditions")(
    lambda build: policy(build, statement(Condition={"StringEqual": {"aws:SourceVpc": "vpc-1"}}))
)
fault("DOC-01", at="policy", message="at Version: '2012-10-18' is not one of")(
    lambda build: policy(build, Version="2012-10-18")
)
fault("DOC-01", at="policy", message="the Sid 'Read' is there twice")(
    lambda build: policy(build, statement(Sid="Read"), statement(Sid="Read"))
)
fault("DOC-01", at="policy", message="it holds '→'")(
    lambda build: policy(build, statement(Condition={"StringEquals": {"aws:PrincipalTag/team": "a→b"}}))
)


@fault("DOC-01", at="role", message="Action: 's3:GetObject' is not an action of STS")
def _(build: Builder) -> None:
    wrong = {**_TRUST["Statement"], "Action": "s3:GetObject"}
    build("iam/role:Role", "role", assumeRolePolicy=json.dumps({**_TRUST, "Statement": wrong}))


@fault("DOC-01", at="role", message="NotPrincipal")
@fault("DOC-01", at="role", message="Resource: it is for a trust policy")
def _(build: Builder) -> None:
    wrong = {**_TRUST["Statement"], "Resource": "*", "NotPrincipal": "*"}
    build("iam/role:Role", "role", assumeRolePolicy=json.dumps({**_TRUST, "Statement": wrong}))


@fault("DOC-01", at="role", message="'arn:aws:iam::123456789012:role/*' is not an account, the ARN of an identity")
def _(build: Builder) -> None:
    wrong = {**_TRUST["Statement"], "Principal": {"AWS": "arn:aws:iam::123456789012:role/*"}}
    build("iam/role:Role", "role", assumeRolePolicy=json.dumps({**_TRUST, "Statement": [wrong]}))


fault("DOC-01", at="endpoint", message="'Principal' is a required property")(
    lambda build: build("ec2/vpcEndpoint:VpcEndpoint", "endpoint", policy=json.dumps({"Statement": [statement()]}))
)


@quiet("DOC-01")
def _(build: Builder) -> None:
    policy(build, statement(), statement(Action=None, NotAction=["iam:*"], Resource="*", Sid="All"))
    policy(build, statement(Condition={"ForAnyValue:StringLikeIfExists": {"aws:PrincipalOrgPaths": ["o-1/*"]}}))
    build("iam/role:Role", "role", assumeRolePolicy=json.dumps(_TRUST), inlinePolicies=[{"name": "none"}])
    build("s3/bucketPolicy:BucketPolicy", "bucket", policy=json.dumps({"Statement": [statement(Principal="*")]}))


fault("DOC-02", at="policy", message="has 6,")(
    lambda build: build(
        "iam/policy:Policy", "policy", policy=json.dumps({"Statement": statement(Action=["s3:GetObject"] * 430)})
    )
)


@fault("DOC-02", at="role", message="together have 1")
def _(build: Builder) -> None:
    role = build("iam/role:Role", "role", assumeRolePolicy=json.dumps(_TRUST))
    for name in ("first", "second"):
        long = json.dumps({"Statement": statement(Action=["s3:GetObject"] * 360)})
        build(_ROLE, name, role=role.id, policy=long)


@fault("DOC-02", at="endpoint", message="AWS takes 20,480")
def _(build: Builder) -> None:
    spaced = json.dumps({"Statement": statement(Principal="*")}) + " " * 20_480
    build("ec2/vpcEndpoint:VpcEndpoint", "endpoint", policy=spaced)


quiet("DOC-02")(
    lambda build: build("iam/policy:Policy", "policy", policy=json.dumps({"Statement": statement()}) + " " * 6_144)
)


def integration(**changes: Any) -> dict[str, Any]:
    given = {"type": "http_proxy", "httpMethod": "GET", "uri": "http://10.0.0.1/{id}", **changes}
    return {key: value for key, value in given.items() if value is not None}


def api(build: Builder, *, operation: dict[str, Any] | None = None, **whole: Any) -> None:
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    made = {"parameters": parameters, "x-amazon-apigateway-integration": integration(), **(operation or {})}
    body = {"openapi": "3.0.1", "info": {"title": "api", "version": "1"}, "paths": {"/orders/{id}": {"get": made}}}
    build("apigateway/restApi:RestApi", "api", body=json.dumps({**body, **whole}))


def with_integration(build: Builder, **changes: Any) -> None:
    api(build, operation={"x-amazon-apigateway-integration": integration(**changes)})


fault("DOC-03", at="api", message="'proxy' is not aws, aws_proxy, http, http_proxy or mock")(
    lambda build: with_integration(build, type="proxy")
)
fault("DOC-03", at="api", message="'uri' is a required property")(lambda build: with_integration(build, uri=None))
fault("DOC-03", at="api", message="'connectionId' is a required property")(
    lambda build: with_integration(build, connectionType="VPC_LINK")
)
fault("DOC-03", at="api", message="'get' is not one of")(lambda build: with_integration(build, httpMethod="get"))
fault("DOC-03", at="api", message="timeoutInMillis: 600000 is greater than the maximum of 300000")(
    lambda build: with_integration(build, timeoutInMillis=600_000)
)
fault("DOC-03", at="api", message="'http' is not a proxy, and no other integration streams")(
    lambda build: with_integration(build, type="http", responseTransferMode="STREAM")
)
fault("DOC-03", at="api", message="'request.path.id' is not method.request.")(
    lambda build: with_integration(build, requestParameters={"integration.request.path.id": "request.path.id"})
)
fault("DOC-03", at="api", message="GET /orders/{id} maps the path parameter 'order', which it does not declare")(
    lambda build: with_integration(
        build, requestParameters={"integration.request.path.id": "method.request.path.order"}
    )
)
fault("DOC-03", at="api", message="requires 'iam', which is no security scheme")(
    lambda build: api(build, operation={"security": [{"iam": []}]})
)
fault("DOC-03", at="api", message="names the request validator 'body', which is not defined")(
    lambda build: api(build, operation={"x-amazon-apigateway-request-validator": "body"})
)
fault("DOC-03", at="api", message="'/orders/{id}/{rest+}/more' is not a path whose variables are whole parts")(
    lambda build: api(build, paths={"/orders/{id}/{rest+}/more": {}})
)
fault("DOC-03", at="api", message="'GET' is not a method in small letters")(
    lambda build: api(build, paths={"/orders": {"GET": {}}})
)


@fault("DOC-03", at="api", message="at x-amazon-apigateway-policy.Statement[0]: 'Principal' is a required property")
def _(build: Builder) -> None:
    policy = {"Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}]}
    api(build, **{"x-amazon-apigateway-policy": policy})


fault("DOC-03", at="api", message="'TEAPOT' is not one of")(
    lambda build: api(build, **{"x-amazon-apigateway-gateway-responses": {"TEAPOT": {}}})
)


@fault("DOC-03", at="api", message="'providerARNs' is a required property")
def _(build: Builder) -> None:
    authorizer = {"type": "cognito_user_pools"}
    scheme = {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authorizer": authorizer}
    api(build, components={"securitySchemes": {"people": scheme}})


fault("DOC-03", at="api", message="neither JSON nor YAML")(
    lambda build: build("apigateway/restApi:RestApi", "api", body="openapi 3")
)
fault("DOC-03", at="api", message="API Gateway imports 6,000,000")(
    lambda build: api(build, info={"title": "a" * 6_000_000})
)


@quiet("DOC-03", "DOC-04")
def _(build: Builder) -> None:
    api(build)
    with_integration(build, requestParameters={"integration.request.path.id": "method.request.path.id"})
    with_integration(build, responseTransferMode="STREAM", timeoutInMillis=900_000)


@fault("DOC-04", at="api", message="has 302 resources")
def _(build: Builder) -> None:
    made = {"get": {"x-amazon-apigateway-integration": integration()}}
    api(build, paths={f"/orders/{number}": made for number in range(301)})


fault("DOC-05", at="machine", message="has 16,395 bytes")(
    lambda build: build("ec2/instance:Instance", "machine", userData="#!/bin/sh\n#" + "a" * 16_384)
)
quiet("DOC-05")(lambda build: build("ec2/instance:Instance", "machine", userData="#!/bin/sh\n" + "a" * 16_000))


def sparse_data(size: int) -> None:
    """Write a file of this size, which takes no room on the disk and no time."""
    with Path(_FOLDER.name, "data").open("wb") as data:
        data.truncate(size)


@fault("DOC-06", at="function", message="bytes unzipped; Lambda takes 262,144,000")
def _(build: Builder) -> None:
    sparse_data(262_144_000)
    members = {"data": Asset(path="data", base=_FOLDER.name), "more": Asset(text="a")}
    build("lambda/function:Function", "function", code=Asset(archive=True, members=members))


@fault("DOC-06", at="function", message="bytes unzipped; Lambda takes 262,144,000")
def _(build: Builder) -> None:
    # A path is relative to the program's folder, not to where the review was started.
    sparse_data(262_144_001)
    build("lambda/function:Function", "function", code=Asset(archive=True, path=".", base=_FOLDER.name))


quiet("DOC-06")(
    lambda build: build(
        "lambda/function:Function", "function", code=Asset(archive=True, members={"index.py": Asset(text="pass")})
    )
)
