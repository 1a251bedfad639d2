"""Routes on which a caller could write the headers that name it."""

from typing import Any

from review.tests.graph_builder import Builder
from review.tests.parts import http, route
from review.tests.rules.cases import fault, quiet

SUBJECT = "X-Authenticated-Userid"
TOLD = {f"overwrite:header.{SUBJECT}": "sub:${context.authorizer.claims.sub}"}


def two_routes(build: Builder, open_route: dict[str, str] | None, authorization: str = "AWS_IAM", **api: Any) -> None:
    """A route that tells the subject of a token, and an open one to the same backend."""
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=["subnet-1"], securityGroupIds=["sg-1"])
    made = http(build, **api).api
    for name, parameters in (("guarded", TOLD), ("open", open_route)):
        integration = build(
            "apigatewayv2/integration:Integration",
            name,
            apiId=made.id,
            connectionType="VPC_LINK",
            connectionId=link.id,
            integrationType="HTTP_PROXY",
            integrationUri="arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x/1/2",
            requestParameters=parameters,
        )
        build(
            "apigatewayv2/route:Route",
            f"{name}-route",
            apiId=made.id,
            routeKey=f"GET /{name}",
            target="integrations/" + integration.id,
            authorizationType=authorization,
        )


@fault("GATE-12", at="api", message="GET /open passes on the caller's own X-Authenticated-Userid")
def _(build: Builder) -> None:
    two_routes(build, None)


@fault("GATE-12", at="api", message="passes on the caller's own X-Authenticated-Userid")
def _(build: Builder) -> None:
    two_routes(build, {"overwrite:path": "/x", f"remove:querystring.{SUBJECT}": "''"})


@fault("GATE-12", at="api", message="appends to the caller's own")
def _(build: Builder) -> None:
    two_routes(build, {f"append:header.{SUBJECT}": "''"})


@quiet("GATE-12")
def _(build: Builder) -> None:
    two_routes(build, {f"remove:header.{SUBJECT.lower()}": "''"})


@quiet("GATE-12")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "anonymous"})


@fault("GATE-12", at="api", message="GET /open may pass on the caller's own X-Authenticated-Userid: ${context.authori")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "${context.authorizer.claims.scope}"})


@quiet("GATE-12")
def _(build: Builder) -> None:
    # Every caller of the route has an ARN.
    two_routes(build, {f"overwrite:header.{SUBJECT}": "$context.identity.userArn"})


@fault("GATE-12", at="api", message="$context.identity.userArn can be empty")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "$context.identity.userArn"}, authorization="NONE")


@fault("GATE-12", at="api", message="$request.header.user is a part of the caller's request")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "$request.header.user"})


@fault("GATE-12", at="api", message="is a part of the caller's request")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "sub:${request.header.X-Authenticated-Userid}"})


@fault("GATE-12", at="api", message="is a part of the caller's request")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "$request.querystring.u"})


@fault("GATE-12", at="api", message="'' can be empty")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "''"})


@fault("GATE-12", at="api", message="can be empty")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": ""})


@fault("GATE-12", at="api", message="can be empty")
def _(build: Builder) -> None:
    two_routes(
        build, {f"overwrite:header.{SUBJECT}": "${context.authorizer.claims.sub}${context.authorizer.claims.scope}"}
    )


@fault("GATE-12", at="api", message="$context.identity.apiKeyId can be empty")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "$context.identity.apiKeyId"})


@fault("GATE-12", at="api", message="$stageVariables.none can be empty")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "$stageVariables.none"})


@quiet("GATE-12")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "$context.requestId"})


@quiet("GATE-12")
def _(build: Builder) -> None:
    two_routes(
        build, {f"overwrite:header.{SUBJECT}": "${context.authorizer.claims.sub}@${context.authorizer.claims.iss}"}
    )


@quiet("GATE-12")
def _(build: Builder) -> None:
    two_routes(build, {f"overwrite:header.{SUBJECT}": "${context.authorizer.claims.sub}${context.identity.sourceIp}"})


@quiet("GATE-12")
def _(build: Builder) -> None:
    # No route tells who called.
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=["subnet-1"], securityGroupIds=["sg-1"])
    api = http(build).api
    integration = build(
        "apigatewayv2/integration:Integration",
        "integration",
        apiId=api.id,
        connectionType="VPC_LINK",
        connectionId=link.id,
        integrationType="HTTP_PROXY",
        integrationUri="arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/x/1/2",
    )
    route(build, api, integration)


def rest(build: Builder, *sources: str | None) -> None:
    """A REST API whose methods map the subject from these sources, or nothing."""
    link = build("apigateway/vpcLink:VpcLink", "link", targetArn="arn:aws:elasticloadbalancing:x")
    api = build("apigateway/restApi:RestApi", "api")
    for method, source in zip(("GET", "POST"), sources, strict=True):
        at: dict[str, Any] = {"restApi": api.id, "resourceId": api.rootResourceId, "httpMethod": method}
        build("apigateway/method:Method", f"method-{method}", authorization="AWS_IAM", **at)
        build(
            "apigateway/integration:Integration",
            f"integration-{method}",
            type="HTTP_PROXY",
            uri="http://app.example.com:8080/x",
            connectionType="VPC_LINK",
            connectionId=link.id,
            requestParameters={f"integration.request.header.{SUBJECT}": source} if source else {},
            **at,
        )


@fault(
    "GATE-12", at="api", message="GET / and POST / may pass on the caller's own X-Authenticated-Userid, in other upper"
)
def _(build: Builder) -> None:
    rest(build, "context.authorizer.claims.sub", None)


@fault(
    "GATE-12", at="api", message="GET / and POST / may pass on the caller's own X-Authenticated-Userid, in other upper"
)
def _(build: Builder) -> None:
    # Neither an empty value nor a constant replaces `x-authenticated-userid`.
    rest(build, "context.authorizer.claims.sub", "''")


@quiet("GATE-12")
def _(build: Builder) -> None:
    # No method tells who called.
    rest(build, "'anybody'", None)
