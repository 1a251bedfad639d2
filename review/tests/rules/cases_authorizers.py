"""Routes of an ApiFront, and the authorizers that their API has or lacks."""

from typing import Any

from review.tests.graph_builder import Builder, Json
from review.tests.rules.cases import fault, quiet

_KEY = {"type": "apiKey", "name": "x-api-key", "in": "header"}
_FUNCTION = _KEY | {
    "name": "Authorization",
    "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": {"type": "request", "authorizerUri": "arn:decides"},
}
_ROUTE = {"path": "/admin", "methods": ["GET"], "authorization": "people"}


def front(build: Builder, security: list[dict[str, Any]], *, route: Any = _ROUTE, kind: Any = "lambda") -> None:
    """An ApiFront with one route, and an API whose operation has this security."""
    made = build("gatehouse:index:ApiFront", "front", routes=[route], authorizers={"people": {"kind": kind}})
    operation = {"x-amazon-apigateway-integration": {"type": "mock"}, "security": security}
    body = {
        "openapi": "3.0.1",
        "info": {"title": "x"},
        "paths": {"/admin": {"get": operation}, "/admin/{proxy+}": {"get": operation}},
        "components": {"securitySchemes": {"key": _KEY, "people": _FUNCTION}},
    }
    build("apigateway/restApi:RestApi", "api", parent=made, body=Json(body))


@fault("API-11", at="front", message="GET /admin does not require people")
@fault("API-11", at="front", message="GET /admin/{proxy+} does not require people")
def _(build: Builder) -> None:
    """The scheme of API keys has taken the place of the authorizer."""
    front(build, [{"key": []}])


fault("API-11", at="front", message="GET /admin does not require people")(lambda build: front(build, []))
fault("API-11", at="front", message="GET /admin does not require people")(
    lambda build: front(build, [{"people": []}], kind="cognito")
)
fault("API-11", at="front", message="GET /admin does not require iam")(
    lambda build: front(build, [{"people": []}], route=_ROUTE | {"authorization": "iam"})
)


@fault("API-11", at="front", message="GET /admin does not require people")
def _(build: Builder) -> None:
    """Discrete routes of an HTTP API."""
    made = build("gatehouse:index:ApiFront", "front", routes=[_ROUTE], authorizers={"people": {"kind": "jwt"}})
    api = build("apigatewayv2/api:Api", "api", parent=made, protocolType="HTTP")
    target = build("apigatewayv2/integration:Integration", "to", apiId=api.id, integrationType="HTTP_PROXY")
    build(
        "apigatewayv2/route:Route",
        "route",
        apiId=api.id,
        routeKey="GET /admin",
        target="integrations/" + target.id,
        authorizationType="NONE",
    )


quiet("API-11")(lambda build: front(build, [{"people": [], "key": []}]))
quiet("API-11")(lambda build: front(build, [], route={"path": "/admin", "methods": ["GET"]}))


@quiet("API-11")
def _(build: Builder) -> None:
    """What lies under the path is another route's."""
    front(build, [], route=_ROUTE | {"path": "/other"})
