"""What the graph does not hold is uncertain: never closed, never open for certain."""

from types import SimpleNamespace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.aws.network.route import Family
from review.graph import UNKNOWN
from review.reach import Path, trace
from review.tests.front_parts import endpoint
from review.tests.graph_builder import Builder, Made
from review.tests.parts import ANYWHERE, edge, egress, group, ingress, machine, network


def from_internet(build: Builder) -> list[Path]:
    paths = trace(AwsModel(build.graph())).inbound
    return [path for path in paths if path.source == "internet" and path.target == "server"]


@pytest.mark.parametrize(
    "groups", [["sg-0123456789abcdef0"], UNKNOWN, [UNKNOWN]], ids=["an id", "an unknown list", "an unknown id"]
)
def test_a_public_machine_behind_a_group_of_another_stack(groups: Any) -> None:
    build, net = Builder.of(network)
    machine(build, "server", subnetId=net.public.id, associatePublicIpAddress=True, vpcSecurityGroupIds=groups)
    (path,) = from_internet(build)
    assert path.open
    assert "not all " in path.uncertainty


@pytest.mark.parametrize("subnets", [UNKNOWN, [UNKNOWN]], ids=["an unknown list", "an unknown subnet"])
def test_a_public_service_whose_subnets_are_outputs_of_another_stack(subnets: Any) -> None:
    build, net = Builder.of(network)
    members = group(build, net.vpc, "members")
    ingress(build, "web", members, 80, cidrIpv4="0.0.0.0/0")
    configuration = {"subnets": subnets, "securityGroups": [members.id], "assignPublicIp": True}
    build("ecs/service:Service", "server", networkConfiguration=configuration)
    (path,) = from_internet(build)
    assert (path.open, path.uncertainty) == (True, "not all routes of the subnets of server are known")


def test_a_rule_whose_range_is_not_known() -> None:
    build, net = Builder.of(network)
    members = group(
        build, net.vpc, "members", ingress=[{"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": UNKNOWN}]
    )
    machine(build, "server", subnetId=net.public.id, associatePublicIpAddress=True, vpcSecurityGroupIds=[members.id])
    (path,) = from_internet(build)
    assert (path.open, path.uncertainty) == (True, "not all rules of members are known")


@pytest.mark.parametrize(("itself", "known"), [(None, True), (False, True), ("true", True), (UNKNOWN, False)])
def test_a_rule_with_a_range_that_may_admit_its_own_group_as_well(build: Builder, itself: Any, known: bool) -> None:
    rule = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["192.0.2.0/24"], "self": itself}
    members = group(build, network(build).vpc, "members", ingress=[rule])
    groups = AwsModel(build.graph()).groups
    assert groups.can_tell(members.urn, inward=True) is known
    assert [one.group for one in groups.ingress(members.urn) if one.group] == [members.urn] * (itself == "true")


@pytest.mark.parametrize("peers", [{"securityGroups": [UNKNOWN]}, {"prefixListIds": [UNKNOWN]}])
def test_a_rule_with_a_range_that_admits_an_unknown_peer_as_well(build: Builder, peers: Any) -> None:
    rule = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": ["192.0.2.0/24"], **peers}
    members = group(build, network(build).vpc, "members", ingress=[rule])
    groups = AwsModel(build.graph()).groups
    assert not groups.can_tell(members.urn, inward=True)
    assert [one.cidr for one in groups.ingress(members.urn)] == ["192.0.2.0/24"]


def test_a_private_machine_behind_a_group_of_another_stack_is_closed() -> None:
    build, net = Builder.of(network)
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=["sg-0123456789abcdef0"])
    assert [path.open for path in from_internet(build)] == [False]


def test_subnets_whose_routes_are_elsewhere(build: Builder) -> None:
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    table = build("ec2/routeTable:RouteTable", "table", vpcId=vpc.id)
    read: dict[str, Any] = {"own": {"routeTableId": table.id}, "foreign": {"routeTableId": "rtb-0123456789abcdef0"}}
    subnets: dict[str, Made] = {}
    for name, inputs in read.items():
        subnets[name] = build(
            "ec2/subnet:Subnet", name, vpcId=vpc.id if name == "own" else "vpc-1", cidrBlock="10.0.0.0/24"
        )
        build("ec2/routeTableAssociation:RouteTableAssociation", f"{name}-to", subnetId=subnets[name].id, **inputs)
    model = AwsModel(build.graph())
    found = {name: model.network.is_public(model.graph.resources[subnet.urn]) for name, subnet in subnets.items()}
    assert found == {"own": False, "foreign": None}


@pytest.mark.parametrize(("vpc", "reached"), [("vpc-0123456789abcdef0", True), ("vpc-0fedcba9876543210", False)])
def test_an_endpoint_in_an_existing_vpc_serves_the_machines_of_that_vpc(vpc: str, reached: bool) -> None:
    build = Builder()
    existing = SimpleNamespace(
        vpc=SimpleNamespace(id="vpc-0123456789abcdef0"), private=[SimpleNamespace(id="subnet-1")]
    )
    members = build("ec2/securityGroup:SecurityGroup", "members", vpcId=vpc)
    edge(build, members, endpoint(build, existing, "ssm").group, 443, "members-to-ssm")
    machine(build, "server", subnetId="subnet-2", vpcSecurityGroupIds=[members.id])
    reach = trace(AwsModel(build.graph()))
    (node,) = reach.model.nodes.compute()
    assert ("ssm" in reach.outbound.endpoints(node)) is reached


@pytest.mark.parametrize("port", [22, 25, 53, 80])
def test_every_port_that_is_let_out_is_a_way_out(port: int) -> None:
    build, net = Builder.of(network)
    members = group(build, net.vpc, "members")
    egress(build, "out", members, port, cidrIpv4=ANYWHERE)
    egress(build, "named", members, 8443, cidrIpv4="203.0.113.0/24")
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id])
    reach = trace(AwsModel(build.graph()))
    (node,) = (node for node in reach.model.nodes.compute() if node.resource.name == "server")
    texts = [str(path) for path in reach.outbound.paths(node) if path.open]
    assert texts == [
        f"server → tcp {port} → nat → internet (IPv4)",
        "server → tcp 8443 → nat → 203.0.113.0/24 (internet)",
    ]
    assert not reach.outbound.way_out(node, Family.IPV4).open  # of HTTPS, which boot scripts need


def test_what_the_default_group_of_a_default_vpc_lets_out_is_not_known(build: Builder) -> None:
    build("ec2/instance:Instance", "server", ami="ami-1", instanceType="t4g.micro")
    reach = trace(AwsModel(build.graph()))
    (node,) = reach.model.nodes.compute()
    assert [way.open and bool(way.uncertainty) for way in reach.outbound.paths(node)] == [True, True]
