"""Servers that a program in a VPC calls: one rule at each end, for all kinds of programs alike."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.api_function import ApiFunction
from components.ec2_backend import Ec2Backend
from components.fargate_backend import FargateBackend
from components.testing.recorder import Graph
from tests.helpers.declare import declare

PLACE: dict[str, Any] = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]}
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1.0"
# All may call AWS over the NAT already, on 443.
PROGRAMS: dict[str, Callable[..., Any]] = {
    "EC2": lambda **more: Ec2Backend("app", {**PLACE, "image": ECR, "egress": ["nat-instance"], **more}),
    "Fargate": lambda **more: FargateBackend("app", {**PLACE, "image": ECR, "egress": ["nat-instance"], **more}),
    "function": lambda **more: ApiFunction(
        "app",
        {
            **{**PLACE, "folder": "handlers/greeter", "egress": ["nat-instance"]},
            **{"policy_arns": {"read": "arn:aws:iam::aws:policy/ReadOnlyAccess"}, **more},
        },
    ),
}
# Peer and port of the rules that `calls` adds, outbound and inbound.
CASES: list[tuple[dict[str, Any], set[tuple[str, int]], set[tuple[str, int]]]] = [
    ({"db": {"security_group_id": "sg-0a1b2c3d", "port": 5432}}, {("sg-0a1b2c3d", 5432)}, {("sg-0a1b2c3d", 5432)}),
    ({"cache": {"cidr": "10.20.0.0/24", "port": 6379}}, {("10.20.0.0/24", 6379)}, set()),
    ({"six": {"cidr": "2001:db8::/32", "port": 5432}}, {("2001:db8::/32", 5432)}, set()),
    ({"any": {"cidr": "0.0.0.0/0", "port": 587}}, {("0.0.0.0/0", 587)}, set()),
    # AWS refuses a second rule for the same, InvalidPermission.Duplicate:
    # https://github.com/hashicorp/terraform-provider-aws/issues/6276
    ({"web": {"cidr": "0.0.0.0/0", "port": 443}}, set(), set()),
]
_ENDPOINTS = ["ecr.api", "ecr.dkr", "logs"]
_PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def outbound(graph: Graph) -> list[tuple[str, int]]:
    rules = [rule.inputs for rule in graph if rule.kind == "SecurityGroupEgressRule"]
    return [(next(rule[key] for key in _PEERS if key in rule), int(rule["fromPort"])) for rule in rules]


def admitting(graph: Graph) -> set[tuple[str, int]]:
    rules = [rule.inputs for rule in graph if rule.kind == "SecurityGroupIngressRule"]
    return {(rule["securityGroupId"], int(rule["fromPort"])) for rule in rules}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(("calls", "out", "into"), CASES, ids=range(len(CASES)))
def test_each_server_has_its_rules_once(
    program: str, calls: dict[str, Any], out: set[tuple[str, int]], into: set[tuple[str, int]]
) -> None:
    without = declare(lambda: PROGRAMS[program]())
    graph = declare(lambda: PROGRAMS[program](calls=calls))
    assert sorted(outbound(graph)) == sorted([*outbound(without), *out])
    assert admitting(graph) - admitting(without) == into


@pytest.mark.parametrize("program", ["EC2", "Fargate"])
def test_a_backend_calls_ports_of_the_internet_as_far_as_its_network_leads(program: str) -> None:
    for egress, peers in (([], []), (["nat-gateway"], ["0.0.0.0/0"]), (["ipv6", "nat-gateway"], ["0.0.0.0/0", "::/0"])):
        args = {"egress": egress, "endpoint_services": _ENDPOINTS, "internet_ports": [587]}
        args |= {"access": "none", "s3_prefix_list_id": "pl-fa1b59dc"} if program == "EC2" else {}
        found = outbound(declare(lambda given=args: PROGRAMS[program](**given)))  # type: ignore[misc] # one call each
        assert [peer for peer, port in found if port == 587] == peers


def test_a_port_that_is_an_output_has_a_rule() -> None:
    def program() -> None:
        PROGRAMS["EC2"](calls={"any": {"cidr": "0.0.0.0/0", "port": pulumi.Output.from_input(5432)}})

    assert ("0.0.0.0/0", 5432) in outbound(declare(program))


# https://github.com/hashicorp/terraform-provider-aws/issues/6276: a range, and a group, that the endpoints' rule names.
@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("port", [443, 8443])
@pytest.mark.parametrize(
    ("endpoints", "server"),
    [
        ({"endpoint_cidr": "10.0.0.0/16", "existing_endpoint_services": ["logs"]}, {"cidr": "10.0.0.0/16"}),
        (
            {"endpoint_security_group_id": "sg-0a1b2c3d", "endpoint_services": ["logs"]},
            {"security_group_id": "sg-0a1b2c3d"},
        ),
    ],
    ids=["range", "group"],
)
def test_a_call_to_the_range_of_endpoints_is_refused_on_their_port(
    program: str, port: int, endpoints: dict[str, Any], server: dict[str, Any]
) -> None:
    def declared() -> Graph:
        return declare(lambda: PROGRAMS[program](**endpoints, calls={"app": {**server, "port": port}}))

    if port == 443:
        with pytest.raises(Exception, match=r"calls\.app.*opens this one already"):
            declared()
    else:
        assert 8443 in {found for _, found in outbound(declared())}
