"""Paths that something beside them ends, and parts that AWS does not delete while others use them."""

from typing import Any

import pytest

from review.graph import Options
from review.tests.compare.pairs import SSH, ignoring
from review.tests.compare.test_pairs import IN, OUT, SAME, UNSURE, first_screen
from review.tests.graph_builder import Builder, part
from review.tests.parts import ANYWHERE, REFUSE, group, machine, network, subnet

HTTP = {**SSH, "fromPort": 80, "toPort": 80}
EVERYTHING = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [ANYWHERE]}


@part
def routed(
    build: Builder, /, table: str = "used", route: str = "used", ranges: tuple[str, ...] = (ANYWHERE,), **members: Any
) -> None:
    """A public machine: the table of its subnet, the table with the way out, and ranges of a prefix list."""
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    gateway = build("ec2/internetGateway:InternetGateway", "internet", vpcId=vpc.id)
    place = subnet(build, vpc, "public", "10.0.0.0/24", "a")
    tables = {name: build("ec2/routeTable:RouteTable", name, vpcId=vpc.id) for name in ("used", "other")}
    kind = "ec2/routeTableAssociation:RouteTableAssociation"
    build(kind, "association", subnetId=place.id, routeTableId=tables[table].id)
    if route:
        way: dict[str, Any] = {"destinationCidrBlock": ANYWHERE, "gatewayId": gateway.id}
        build("ec2/route:Route", "out", routeTableId=tables[route].id, **way)
    entries = [{"cidr": cidr} for cidr in ranges]
    kind = "ec2/managedPrefixList:ManagedPrefixList"
    partners = build(kind, "partners", addressFamily="IPv4", maxEntries=5, entries=entries)
    admitted = [{**HTTP, "cidrBlocks": [], "prefixListIds": [partners.id]}]
    resource = build("ec2/securityGroup:SecurityGroup", "web-group", vpcId=vpc.id, ingress=admitted, **members)
    machine(build, "web", subnetId=place.id, vpcSecurityGroupIds=[resource.id], associatePublicIpAddress=True)


ENDS = {
    "its route moves to another table": (routed(), routed(route="other")),
    "its route is removed": (routed(), routed(route="")),
    "its subnet gets another table": (routed(), routed(table="other")),
    "a prefix list loses its entry": (routed(), routed(ranges=("203.0.113.0/24",))),
}


@pytest.mark.parametrize("name", ENDS)
def test_a_path_that_something_beside_it_ends_is_said_to_end(name: str) -> None:
    screen = first_screen(*ENDS[name])
    assert f"{OUT}: internet → web" in screen["callers"]
    fate = "calls by others than 203.0.113.0/24 end" if "loses" in name else "ends"
    assert f"internet → tcp 80 → web: {fate} with the update" in screen["calls"]


def test_a_path_that_stays_does_not_end() -> None:
    assert first_screen(routed(), routed(tags={"a": "b"}))["calls"] == "nothing stops"
    assert first_screen(routed(route="other"), routed())["calls"] == "nothing stops"


def test_a_group_that_is_deleted_while_a_machine_uses_it_is_refused() -> None:
    said = first_screen(routed(name="a", description="a"), routed(name="a", description="b"))["calls"]
    assert said.startswith("the update fails: web-group is deleted before it is replaced, and is still used by web")
    assert "the update fails" not in first_screen(routed(description="a"), routed(description="b"))["calls"]


@part
def fixed(build: Builder, description: str, *keys: str, name: str = "web-group", kept: bool = False) -> None:
    """A public machine that ignores changes of inputs, and its group."""
    net = network(build)
    options = Options(retain_on_delete=kept)
    members = group(build, net.vpc, name, options=options, ingress=[HTTP], description=description)
    given: dict[str, Any] = {"subnetId": net.public.id, "vpcSecurityGroupIds": [members.id]}
    build("ec2/instance:Instance", "web", options=ignoring(*keys), associatePublicIpAddress=True, **given)


@pytest.mark.parametrize("keys", [("vpcSecurityGroupIds",), ("vpcSecurityGroupIds[0]",), ("*",)])
def test_a_group_that_a_machine_goes_on_using_is_not_deleted(keys: tuple[str, ...]) -> None:
    for after in (fixed("b", *keys), fixed("a", *keys, name="other")):
        said = first_screen(fixed("a", *keys), after)["calls"]
        assert "web-group is deleted, and web keeps using it, since it ignores vpcSecurityGroupIds: AWS refuses" in said


def test_a_group_that_a_machine_leaves_or_that_is_retained_is_deleted() -> None:
    for before, after in (
        (fixed("a", "ami"), fixed("b", "ami")),
        (fixed("a", "*", kept=True), fixed("b", "*", kept=True)),
    ):
        assert "AWS refuses" not in first_screen(before, after)["calls"]


@part
def member_of(build: Builder, group_of_web: str, second: bool = True) -> None:
    """A public machine in the first or the second of two groups, of which the second may admit nobody."""
    net = network(build)
    rules = {"first": [HTTP], "second": [HTTP] if second else []}
    made = {name: group(build, net.vpc, name, ingress=given) for name, given in rules.items()}
    place: dict[str, Any] = {"subnetId": net.public.id, "vpcSecurityGroupIds": [made[group_of_web].id]}
    machine(build, "web", **place, associatePublicIpAddress=True)


def test_a_machine_in_another_group_keeps_the_callers_that_both_admit() -> None:
    screen = first_screen(member_of("first"), member_of("second"))
    assert screen["callers"] == SAME
    assert screen["calls"] == "not cut: 2 paths are led another way first"


def test_a_machine_in_a_closed_group_loses_its_callers() -> None:
    screen = first_screen(member_of("first", second=False), member_of("second", second=False))
    assert screen["callers"] == f"{OUT}: internet → web, anything in the VPC → web"
    assert "internet → tcp 80 → web: ends with the update" in screen["calls"]


@part
def balanced(build: Builder, /, port: int = 80, rule: bool = True, at: int = 0, **targets: Any) -> None:
    """A public balancer with two listeners, one of which has a rule that forwards to a machine's port."""
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    gateway = build("ec2/internetGateway:InternetGateway", "internet", vpcId=vpc.id)
    place = subnet(build, vpc, "public", "10.0.0.0/24", "a")
    table = build("ec2/routeTable:RouteTable", "used", vpcId=vpc.id)
    kind = "ec2/routeTableAssociation:RouteTableAssociation"
    build(kind, "association", subnetId=place.id, routeTableId=table.id)
    way: dict[str, Any] = {"destinationCidrBlock": ANYWHERE, "gatewayId": gateway.id}
    build("ec2/route:Route", "out", routeTableId=table.id, **way)
    own = group(build, vpc, "front-group", ingress=[EVERYTHING], egress=[EVERYTHING])
    behind = group(build, vpc, "web-group", ingress=[{**HTTP, "fromPort": port, "toPort": port}])
    server = machine(build, "web", subnetId=place.id, vpcSecurityGroupIds=[behind.id])
    net: dict[str, Any] = {"subnets": [place.id], "securityGroups": [own.id]}
    made = build("lb/loadBalancer:LoadBalancer", "front", loadBalancerType="application", **net)
    kind = "lb/targetGroup:TargetGroup"
    resource = build(kind, "targets", port=port, protocol="HTTP", vpcId=vpc.id, **targets)
    build("lb/targetGroupAttachment:TargetGroupAttachment", "one", targetGroupArn=resource.arn, targetId=server.id)
    kind = "lb/listener:Listener"
    listeners = [
        build(kind, name, loadBalancerArn=made.arn, port=number, protocol="HTTP", defaultActions=[REFUSE])
        for name, number in (("first", 80), ("second", 81))
    ]
    if rule:
        given: dict[str, Any] = {"conditions": [{"pathPattern": {"values": ["/orders"]}}], "priority": 1}
        forward = [{"type": "forward", "targetGroupArn": resource.arn}]
        build("lb/listenerRule:ListenerRule", "rule", listenerArn=listeners[at].arn, actions=forward, **given)


def test_a_port_behind_a_balancer_is_none_of_its_callers() -> None:
    screen = first_screen(balanced(), balanced(port=8080))
    assert "front" not in screen["callers"]
    assert "may fail from “update web-group” until “create the replacement of one” is done" in screen["calls"]


def test_a_target_group_that_is_deleted_while_a_rule_forwards_to_it_is_refused() -> None:
    said = first_screen(balanced(name="a"), balanced(name="b"))["calls"]
    assert said.startswith("the update fails: targets is deleted before it is replaced, and is still used by rule")


def test_a_rule_that_goes_is_no_condition_less() -> None:
    gone, added = first_screen(balanced(), balanced(rule=False)), first_screen(balanced(rule=False), balanced())
    assert IN not in gone["callers"], gone
    assert OUT not in added["callers"], added
    assert f"{OUT}: internet → web" in gone["callers"]
    assert UNSURE not in gone["callers"]


def test_a_rule_at_another_listener_is_for_its_callers() -> None:
    screen = first_screen(balanced(), balanced(at=1))
    assert f"{IN} tcp 81 → front" in screen["callers"]
    assert "internet → tcp 80 → front → tcp 80 → web: ends as rule is replaced" in screen["calls"]


def test_the_same_balancer_has_the_same_callers() -> None:
    assert first_screen(balanced(), balanced())["callers"] == SAME
