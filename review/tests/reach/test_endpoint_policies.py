"""An endpoint's own policy blocks ways to a private API, whatever the resource policy admits."""

from typing import Any

import pytest

from review.reach import Kind, Path
from review.tests.front_parts import endpoint, private_stack
from review.tests.graph_builder import Builder, Json
from review.tests.parts import calls, network, paths, permission, rest

EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}


def way_in(*statements: dict[str, Any], policy: Any = None) -> Path:
    """The way from the VPC, if the endpoint has these statements as its policy."""
    build, stack = Builder.of(private_stack)
    policy = policy or Json({"Statement": list(statements)})
    build("ec2/vpcEndpointPolicy:VpcEndpointPolicy", "own", vpcEndpointId=stack.door.endpoint.id, policy=policy)
    return next(path for path in paths(build.graph()) if path.source == "anything in the VPC")


def test_a_policy_that_allows_everything_blocks_nothing() -> None:
    assert way_in(EVERYTHING).open


def ways_to(
    *statements: dict[str, Any], through: dict[str, Any] | None = None, private: bool = True, signed: bool = False
) -> dict[str, bool]:
    """Whether each route of an API of two, which lead to one function, is open from outside."""
    build, net = Builder.of(network, egress="none")
    endpoint(build, net, "execute-api", **({} if through is None else {"policy": Json({"Statement": [through]})}))
    function = build("lambda/function:Function", "function", role="role")
    call = calls(function, key=False)
    operation = {"get": {**call, "x-amazon-apigateway-auth": {"type": "AWS_IAM"}} if signed else call}
    kind: dict[str, Any] = {"endpointConfiguration": {"types": "PRIVATE"}} if private else {}
    body = {"x-amazon-apigateway-policy": {"Statement": list(statements)}}
    gate = rest(build, {"/first": operation, "/second": operation}, body=body, **kind)
    permission(build, gate.api, function)
    inbound = [path for path in paths(build.graph()) if path.kind is Kind.INBOUND]
    return {f"{path.source}: {path.hops[-2].label}".replace(", 100/s", ""): path.open for path in inbound}


ANY_CALL = {**EVERYTHING, "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}


@pytest.mark.parametrize("one", ["/first", "/second"])
def test_each_call_is_judged_by_itself(one: str) -> None:
    other = "/second" if one == "/first" else "/first"
    ways = ways_to(ANY_CALL, through={**EVERYTHING, "Resource": f"arn:aws:execute-api:*:*:*/*/GET{one}"})
    assert ways[f"anything in the VPC: GET {one}"]
    assert not ways[f"anything in the VPC: GET {other}"]


@pytest.mark.parametrize("one", ["/first", "/second"])
def test_a_route_that_the_resource_policy_opens_is_not_hidden_by_one_that_it_closes(one: str) -> None:
    other = "/second" if one == "/first" else "/first"
    ways = ways_to({**ANY_CALL, "Resource": f"execute-api:/*/GET{one}"})
    opened = {key for key, is_open in ways.items() if is_open}
    assert {f"anything in the VPC: GET {one}", f"any VPC endpoint of any account: GET {one}"} == opened
    assert any(f"GET {other}" in key for key in ways.keys() - opened)


@pytest.mark.parametrize("one", ["/first", "/second"])
def test_the_same_holds_for_an_api_on_the_internet(one: str) -> None:
    ways = ways_to({**ANY_CALL, "Resource": f"execute-api:/*/GET{one}"}, private=False)
    assert {key for key, is_open in ways.items() if is_open} == {f"internet: GET {one}"}


OWN = "arn:aws:iam::123456789012:role/own"


@pytest.mark.parametrize(
    ("through", "passes"),
    [
        (EVERYTHING, True),
        ({**EVERYTHING, "Principal": {"AWS": OWN}}, True),
        ({**EVERYTHING, "Principal": {"AWS": ["123456789012"]}}, True),
        ({**EVERYTHING, "Effect": "Deny"}, False),
        ({**EVERYTHING, "Resource": "arn:aws:execute-api:eu-west-1:123456789012:another/*"}, False),
        ({**EVERYTHING, "Principal": {"AWS": OWN}, "Action": "s3:*"}, False),
    ],
)
def test_a_call_of_an_identity_passes_an_endpoint_that_lets_one_pass(through: dict[str, Any], passes: bool) -> None:
    ways = ways_to(ANY_CALL, through=through, signed=True)
    assert {is_open for name, is_open in ways.items() if name.startswith("anything in the VPC")} == {passes}
