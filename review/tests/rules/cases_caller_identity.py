"""Routes on which a caller could write the headers that name it."""

import functools

from review.tests.graph_builder import Builder
from review.tests.parts import http, rest
from review.tests.rules.cases import fault, quiet

SUBJECT = "X-Authenticated-Userid"
TOLD = {f"overwrite:header.{SUBJECT}": "sub:${context.authorizer.claims.sub}"}


def two_routes(
    build: Builder,
    open_route: dict[str, str] | None,
    *,
    told: dict[str, str] | None = TOLD,
    authorization: str = "AWS_IAM",
) -> None:
    """A route that tells the subject of a token, and an open one to the same backend."""
    link = build("apigatewayv2/vpcLink:VpcLink", "link", subnetIds=["subnet-1"], securityGroupIds=["sg-1"])
    made = http(build).api
    for name, parameters in (("guarded", told), ("open", open_route)):
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


HEADER = f"overwrite:header.{SUBJECT}"
FAULTS: list[tuple[str, dict[str, str] | None]] = [
    # words of the message, mapping of the open route
    (f"GET /open passes on the caller's own {SUBJECT}", None),
    (f"passes on the caller's own {SUBJECT}", {"overwrite:path": "/x", f"remove:querystring.{SUBJECT}": "''"}),
    ("appends to the caller's own", {f"append:header.{SUBJECT}": "''"}),
    (
        f"GET /open may pass on the caller's own {SUBJECT}: ${{context.authori",
        {HEADER: "${context.authorizer.claims.scope}"},
    ),
    ("$request.header.user is a part of the caller's request", {HEADER: "$request.header.user"}),
    ("is a part of the caller's request", {HEADER: "sub:${request.header.X-Authenticated-Userid}"}),
    ("is a part of the caller's request", {HEADER: "$request.querystring.u"}),
    ("'' can be empty", {HEADER: "''"}),
    ("can be empty", {HEADER: ""}),
    ("can be empty", {HEADER: "${context.authorizer.claims.sub}${context.authorizer.claims.scope}"}),
    ("$context.identity.apiKeyId can be empty", {HEADER: "$context.identity.apiKeyId"}),
    ("$stageVariables.none can be empty", {HEADER: "$stageVariables.none"}),
]
SOUND: list[dict[str, str]] = [
    {f"remove:header.{SUBJECT.lower()}": "''"},
    {HEADER: "anonymous"},
    # Every caller of the route has an ARN.
    {HEADER: "$context.identity.userArn"},
    {HEADER: "$context.requestId"},
    {HEADER: "${context.authorizer.claims.sub}@${context.authorizer.claims.iss}"},
    {HEADER: "${context.authorizer.claims.sub}${context.identity.sourceIp}"},
]
for words, mapping in FAULTS:
    fault("GATE-12", at="api", message=words)(functools.partial(two_routes, open_route=mapping))
for mapping in SOUND:
    quiet("GATE-12")(functools.partial(two_routes, open_route=mapping))


fault("GATE-12", at="api", message="$context.identity.userArn can be empty")(
    lambda build: two_routes(build, {HEADER: "$context.identity.userArn"}, authorization="NONE")
)


@quiet("GATE-12")
def _(build: Builder) -> None:
    # No route tells who called.
    two_routes(build, None, told=None)


def of_rest_api(build: Builder, *sources: str | None) -> None:
    """A REST API whose methods map the subject from these sources, or nothing."""
    link = build("apigateway/vpcLink:VpcLink", "link", targetArn="arn:aws:elasticloadbalancing:x")
    methods = {
        method: {
            "x-amazon-apigateway-auth": {"type": "AWS_IAM"},
            "x-amazon-apigateway-integration": {
                "type": "http_proxy",
                "httpMethod": "GET",
                "uri": "http://app.example.com:8080/x",
                "connectionType": "VPC_LINK",
                "connectionId": link.id,
                "requestParameters": {f"integration.request.header.{SUBJECT}": source} if source else {},
            },
        }
        for method, source in zip(("get", "post"), sources, strict=True)
    }
    rest(build, {"/": methods})


fault(
    "GATE-12", at="api", message="GET / and POST / may pass on the caller's own X-Authenticated-Userid, in other upper"
)(lambda build: of_rest_api(build, "context.authorizer.claims.sub", None))


@fault(
    "GATE-12", at="api", message="GET / and POST / may pass on the caller's own X-Authenticated-Userid, in other upper"
)
def _(build: Builder) -> None:
    # Neither an empty value nor a constant replaces `x-authenticated-userid`.
    of_rest_api(build, "context.authorizer.claims.sub", "''")


@quiet("GATE-12")
def _(build: Builder) -> None:
    # No method tells who called.
    of_rest_api(build, "'anybody'", None)
