"""Identity policies and resource policies together."""

from typing import Any

from tests.review.graph_builder import Builder, Json
from tests.review.parts import calls, policy_of, private_stack, rest
from tests.review.rules.cases import fault, quiet
from tests.review.rules.cases_api import function

SIGNED = {
    "iam": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}
}
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
ELSEWHERE = {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}
DENIED = {**EVERYBODY, "Effect": "Deny", "Condition": ELSEWHERE}


def signed_api(build: Builder, *statements: dict[str, Any]) -> None:
    operation = {**calls(function(build), key=False), "security": [{"iam": []}]}
    body = {"components": {"securitySchemes": SIGNED}}
    policy = Json({"Statement": list(statements)}) if statements else None
    rest(build, {"/orders": {"get": operation}}, body=body, **({"policy": policy} if policy else {}))


@fault("API-10", at="api", says="any AWS identity call GET /orders")
def _(build: Builder) -> None:
    signed_api(build, EVERYBODY, DENIED)


@fault("API-10", at="api", says="any AWS identity call GET /orders")
def _(build: Builder) -> None:
    """An allow on condition is one, for whoever meets it."""
    signed_api(build, {**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}})


@quiet("API-10")
def _(build: Builder) -> None:
    signed_api(build)


@quiet("API-10")
def _(build: Builder) -> None:
    signed_api(build, DENIED)


@quiet("API-10")
def _(build: Builder) -> None:
    signed_api(build, DENIED, {**EVERYBODY, "Resource": "execute-api:/live/GET/status"})


@quiet("API-10")
def _(build: Builder) -> None:
    signed_api(build, DENIED, {**EVERYBODY, "Principal": {"AWS": ["222233334444"]}})


@quiet("API-10")
def _(build: Builder) -> None:
    """Without authorization the policy alone decides."""
    private_stack(build, policy=policy_of("vpce-0abc"))
