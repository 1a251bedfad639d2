"""What adds to a thing by a reference that is not known (a route, a rule, an address) may add to any: cannot tell.

Each case has the quiet neighbour, which names a known other, and the two that are unknown: an output, and a lookup.
"""

from itertools import chain
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN, Invoke, Options
from review.reach import trace
from review.tests.graph_builder import Builder
from review.tests.parts import ANYWHERE, ingress, network
from review.tests.reach.test_unknown_is_not_absent import answer, public, read_only

OTHER = "id-0123456789abcdef0"
FOUND = Invoke("aws:ec2/getRouteTable:getRouteTable", {"subnetId": "subnet-1"}, {"id": OTHER, "tags": {}})
"""A lookup whose result is the other id: then it is of something that exists, in this stack or elsewhere."""
CASES = pytest.mark.parametrize(
    ("reference", "invokes", "expected"),
    [(OTHER, (), "no"), (OTHER, (FOUND,), "cannot tell"), (UNKNOWN, (), "cannot tell")],
    ids=["another", "looked up", "an output"],
)


def without(build: Builder, name: str) -> None:
    del build.resources[next(urn for urn, resource in build.resources.items() if resource.name == name)]


@CASES
def test_a_route_of_a_table(reference: Any, invokes: tuple[Invoke, ...], expected: str) -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    without(build, "public-out")
    gateway: dict[str, Any] = {"destinationCidrBlock": ANYWHERE, "gatewayId": made.net.gateway.id}
    build("ec2/route:Route", "route", routeTableId=reference, **gateway)
    assert answer(build, *invokes) == expected
    graph = build.graph()
    graph.invokes = invokes
    reach = trace(AwsModel(graph))
    (subnet,) = reach.model.nodes.compute()[0].subnets
    assert reach.model.network.knows_routes(subnet) is (expected == "no")


def test_a_table_that_the_program_only_reads() -> None:
    """By an id of the config, which may be the main one's of a VPC that the program made before."""
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    without(build, "public-routes-of")
    assert answer(build) == "no"
    table = build("ec2/routeTable:RouteTable", "by-id")
    read_only(build, table)
    line: dict[str, Any] = {"destinationCidrBlock": ANYWHERE, "gatewayId": made.net.gateway.id}
    build("ec2/route:Route", "route", routeTableId=table.id, **line)
    assert answer(build) == "cannot tell"


LINE: dict[str, Any] = {"protocol": "-1", "ruleNumber": 100, "ruleAction": "allow", "cidrBlock": ANYWHERE}
RULE = "ec2/networkAclRule:NetworkAclRule"


@pytest.mark.parametrize(
    ("egress", "ignored", "expected"),
    [
        (UNKNOWN, (), "cannot tell"),
        (False, ("egress",), "cannot tell"),
    ],
)
def test_the_direction_of_an_acl_rule(egress: Any, ignored: tuple[str, ...], expected: str) -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    acl = build("ec2/networkAcl:NetworkAcl", "acl", vpcId=made.net.vpc.id, subnetIds=[made.net.public.id])
    build(RULE, "in", networkAclId=acl.id, **LINE)
    options = Options(ignore_changes=ignored)
    build(RULE, "out", networkAclId=acl.id, egress=egress, options=options, **{**LINE, "ruleNumber": 101})
    assert answer(build) == expected


def both(build: Builder, *invokes: Invoke) -> set[str]:
    """Ways in from the internet and out to it, of all machines: closed, doubtful, or open."""
    graph = build.graph()
    graph.invokes = invokes
    reach = trace(AwsModel(graph))
    nodes = reach.model.nodes.compute()
    ways = [*(way for way in reach.inbound if way.source == "internet"), *chain(*map(reach.outbound.paths, nodes))]
    return {"no" if not way.open else "cannot tell" if way.uncertainty else "open" for way in ways}


@pytest.mark.parametrize(("key", "many"), [("primaryNetworkInterface", False), ("networkInterfaces", True)])
@pytest.mark.parametrize("reference", [OTHER, UNKNOWN])
def test_a_machine_whose_only_interface_is_of_another_stack(key: str, many: bool, reference: Any) -> None:
    build = Builder()
    network(build)
    card: Any = {"networkInterfaceId": reference, "deviceIndex": 0}
    cards: dict[str, Any] = {key: [card] if many else card}
    build("ec2/instance:Instance", "server", ami="ami-1", instanceType="t4g.micro", **cards)
    assert both(build) == {"cannot tell"}


ATTACHMENT = "ec2/networkInterfaceAttachment:NetworkInterfaceAttachment"


@pytest.mark.parametrize("reference", [OTHER, UNKNOWN])
def test_an_interface_of_another_stack_attached_to_a_machine(reference: Any) -> None:
    build, made = Builder.of(public, associatePublicIpAddress=False)
    assert both(build) == {"no"}
    build(ATTACHMENT, "more", instanceId=made.server.id, networkInterfaceId=reference, deviceIndex=1)
    assert both(build) == {"cannot tell"}


@CASES
@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("ec2/eipAssociation:EipAssociation", "instanceId"),
        ("ec2/eipAssociation:EipAssociation", "networkInterfaceId"),
        ("ec2/eip:Eip", "instance"),
    ],
)
def test_an_elastic_ip(kind: str, key: str, reference: Any, invokes: tuple[Invoke, ...], expected: str) -> None:
    build, made = Builder.of(public, associatePublicIpAddress=False)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    build(kind, "address", **{key: reference})
    assert answer(build, *invokes) == expected


def from_inside(build: Builder, *invokes: Invoke) -> str:
    """Whether the VPC's inside reaches the private API."""
    graph = build.graph()
    graph.invokes = invokes
    ways = [way for way in trace(AwsModel(graph)).inbound if way.source.startswith("anything in") and way.open]
    return "no" if not ways else "open" if any(not way.uncertainty for way in ways) else "cannot tell"
