"""Identity policies and resource policies together."""

from typing import Any

from review.tests.front_parts import endpoint, policy_of, private_stack
from review.tests.graph_builder import Builder, Json
from review.tests.parts import calls, network, rest
from review.tests.rules.cases import fault, quiet
from review.tests.rules.cases_api import function

SIGNED = {
    "iam": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
    "token": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "custom"},
}
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
ELSEWHERE = {"NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}
DENIED = {**EVERYBODY, "Effect": "Deny", "Condition": ELSEWHERE}


def signed_api(build: Builder, *statements: dict[str, Any], by: str = "iam") -> None:
    operation = {**calls(function(build), key=False), "security": [{by: []}]}
    body = {"components": {"securitySchemes": SIGNED}}
    policy: dict[str, Any] = {"policy": Json({"Statement": list(statements)})} if statements else {}
    rest(build, {"/orders": {"get": operation}}, body=body, **policy)


fault("API-10", at="api", message="any AWS identity call GET /orders")(
    lambda build: signed_api(build, EVERYBODY, DENIED)
)


@fault("API-10", at="api", message="any AWS identity call GET /orders")
def _(build: Builder) -> None:
    """An allow on condition is one, for whoever meets it."""
    signed_api(build, {**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}})


quiet("API-10")(signed_api)
quiet("API-10")(lambda build: signed_api(build, DENIED))
quiet("API-10")(lambda build: signed_api(build, DENIED, {**EVERYBODY, "Resource": "execute-api:/live/GET/status"}))
quiet("API-10")(lambda build: signed_api(build, DENIED, {**EVERYBODY, "Principal": {"AWS": ["222233334444"]}}))


@quiet("API-10")
def _(build: Builder) -> None:
    """Without authorization the policy alone decides."""
    private_stack(build, policy=policy_of("vpce-0abc"))


@fault("API-10", at="api", message="anyone call GET /orders")
def _(build: Builder) -> None:
    """An authorizer's caller has no identity of AWS."""
    signed_api(build, EVERYBODY, by="token")


quiet("API-10")(lambda build: signed_api(build, {**EVERYBODY, "Principal": {"AWS": "*"}, "Effect": "Deny"}, by="token"))


def private_signed_api(build: Builder, *statements: dict[str, Any], through: Any = None, also: Any = None) -> None:
    """A private API with a signed route, behind an endpoint of the stack whose policy is `through`.

    In conditions `ENDPOINT` is its id and `VPC` that of its VPC; `also` is a policy declared apart from the endpoint.
    """
    net = network(build, egress="none")
    entry = endpoint(build, net, "execute-api", **({} if through is None else {"policy": Json(through)}))
    if also is not None:
        build("ec2/vpcEndpointPolicy:VpcEndpointPolicy", "apart", vpcEndpointId=entry.endpoint.id, policy=Json(also))
    ids = {"ENDPOINT": entry.endpoint.id, "VPC": net.vpc.id}
    named = [
        {
            **statement,
            "Condition": {
                operator: {key: ids.get(value, value) for key, value in block.items()}
                for operator, block in statement.get("Condition", {}).items()
            },
        }
        for statement in statements
    ]
    operation = {**calls(function(build), key=False), "security": [{"iam": []}]}
    body = {"components": {"securitySchemes": SIGNED}, "x-amazon-apigateway-policy": {"Statement": named}}
    rest(build, {"/orders": {"get": operation}}, body=body, endpointConfiguration={"types": "PRIVATE"})


def on(operator: str, key: str, value: str, **also: Any) -> dict[str, Any]:
    return {**EVERYBODY, "Condition": {operator: {f"aws:{key}": value, **also}}}


def but(operator: str, key: str, value: str) -> dict[str, Any]:
    return {**on(operator, key, value), "Effect": "Deny"}


def only(principal: Any) -> dict[str, Any]:
    return {"Statement": [{**EVERYBODY, "Principal": principal, "Resource": "*"}]}


ANY_IDENTITY = "any AWS identity call GET /orders"
OWN_IDENTITY = "any identity of this account call GET /orders"
OWN = {"AWS": "123456789012"}
ONE_ROLE = {"AWS": "arn:aws:iam::123456789012:role/reporter"}
BOTH = {"StringEquals": {"aws:SourceVpce": "ENDPOINT", "aws:SourceVpc": "VPC"}}
WAYS = {
    "everybody": [EVERYBODY],
    "the endpoint": [on("StringEquals", "SourceVpce", "ENDPOINT")],
    "the VPC": [on("StringEquals", "SourceVpc", "VPC")],
    "endpoint and VPC": [{**EVERYBODY, "Condition": BOTH}],
    "all but other endpoints": [EVERYBODY, but("StringNotEquals", "SourceVpce", "ENDPOINT")],
    "all but other VPCs": [EVERYBODY, but("StringNotEquals", "SourceVpc", "VPC")],
    "all but other addresses": [EVERYBODY, but("NotIpAddress", "VpcSourceIp", "10.0.0.0/16")],
    "an endpoint of others": [on("StringEquals", "SourceVpce", "vpce-0other")],
    "an endpoint of others in a VPC of others": [
        on("StringEquals", "SourceVpce", "vpce-0a", **{"aws:SourceVpc": "vpc-0b"})
    ],
    "an organization's account": [on("StringEquals", "PrincipalAccount", "123456789012")],
}
"""Resource policies that allow more than an identity's own permission."""

for statements in WAYS.values():
    message = OWN_IDENTITY if "PrincipalAccount" in str(statements) else ANY_IDENTITY

    @fault("API-10", at="api", message=message)
    def _(build: Builder, statements: Any = statements) -> None:
        private_signed_api(build, *statements)

    @fault("API-10", at="api", message=message)
    def _(build: Builder, statements: Any = statements) -> None:
        private_signed_api(build, *statements, through=only("*"))


for name in ("the endpoint", "endpoint and VPC", "all but other endpoints"):
    # Nobody comes by another endpoint, so this one's policy has its say.
    @fault("API-10", at="api", message=OWN_IDENTITY)
    def _(build: Builder, statements: Any = WAYS[name]) -> None:
        private_signed_api(build, *statements, through=only(OWN))

    @quiet("API-10")
    def _(build: Builder, statements: Any = WAYS[name]) -> None:
        private_signed_api(build, *statements, through=only(ONE_ROLE))

    @quiet("API-10")
    def _(build: Builder, statements: Any = WAYS[name]) -> None:
        private_signed_api(
            build, *statements, through={"Statement": [{**EVERYBODY, "Effect": "Deny", "Resource": "*"}]}
        )


for name in ("everybody", "the VPC", "all but other VPCs", "an endpoint of others"):
    # Others can make an endpoint there, with a policy of their own.
    @fault("API-10", at="api", message=ANY_IDENTITY)
    def _(build: Builder, statements: Any = WAYS[name]) -> None:
        private_signed_api(build, *statements, through=only(ONE_ROLE))


for statements in (
    [but("StringNotEquals", "SourceVpce", "ENDPOINT")],
    [but("StringNotEquals", "SourceVpc", "VPC")],
    [{**on("StringEquals", "SourceVpce", "ENDPOINT"), "Principal": OWN}],
    [EVERYBODY, {**EVERYBODY, "Effect": "Deny"}],
    [on("StringEquals", "SourceVpce", "ENDPOINT"), but("StringEquals", "SourceVpc", "VPC")],
):

    @quiet("API-10")
    def _(build: Builder, statements: Any = statements) -> None:
        private_signed_api(build, *statements)


@quiet("API-10")
def _(build: Builder) -> None:
    """A call from the internet comes by no endpoint, so this allow admits none of them."""
    signed_api(build, on("StringEquals", "SourceVpce", "vpce-0abc"))
