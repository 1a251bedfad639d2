"""A resource that belongs to another one by a reference that is not known may belong to any: it may open or close it.

Each kind of reference: a literal id and an output of another stack name another resource; a lookup and an output of
something else may name any.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import STACK_REFERENCE, UNKNOWN, Invoke, Options
from review.graph.given import may_be_any
from review.reach import Kind, Reach, trace
from review.tests.front_parts import private_stack
from review.tests.graph_builder import Builder, Made
from review.tests.parts import ANYWHERE, group, ingress, machine, network, profile
from review.tests.reach.test_unknown_is_not_absent import OFFICE, acl, answer, public, ways
from review.tests.reach.test_unknown_references import CASES, FOUND, OTHER, from_inside, without

EVERYTHING = {"protocol": "-1"}


def of_another_stack(build: Builder, made: Made, key: str) -> None:
    """Makes an input an output of another stack."""
    other = build(STACK_REFERENCE, "net").urn
    resource = build.resources[made.urn]
    inputs, edges = {**resource.inputs, key: UNKNOWN}, {**resource.property_dependencies, key: (other,)}
    build.resources[made.urn] = replace(resource, inputs=inputs, property_dependencies=edges)


@pytest.mark.parametrize(
    ("reference", "apart", "options", "invokes", "expected"),
    [
        (OTHER, False, Options(), (), False),
        (OTHER, False, Options(), (FOUND,), True),
        (UNKNOWN, False, Options(), (), True),
        (UNKNOWN, True, Options(), (), False),
        (UNKNOWN, True, Options(ignore_changes=("securityGroupId",)), (), True),
        (OTHER, False, Options(ignore_changes=("*",)), (), True),
    ],
    ids=["literal", "looked up", "output", "another stack's", "ignored, of another stack", "ignored"],
)
def test_a_rule_of_a_group(
    reference: Any, apart: bool, options: Options, invokes: tuple[Invoke, ...], expected: bool
) -> None:
    build, made = Builder.of(public)
    kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    line: dict[str, Any] = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": ANYWHERE}
    rule = build(kind, "rule", options=options, securityGroupId=reference, **line)
    if apart:
        of_another_stack(build, rule, "securityGroupId")
    assert answer(build, *invokes) == ("cannot tell" if expected else "no"), ways(build, *invokes)
    graph = build.graph()
    graph.invokes = invokes
    kinds = (build.resources[made.group.urn].type,)
    assert may_be_any(graph, build.resources[rule.urn], "securityGroupId", types=kinds) is expected


# What an association adds to groups that are not set


def unset(build: Builder, made: Made, key: str) -> None:
    resource = build.resources[made.urn]
    inputs = {name: value for name, value in resource.inputs.items() if name != key}
    build.resources[made.urn] = replace(resource, inputs=inputs)


def open_default(build: Builder, vpc: Made, cidr: str) -> None:
    """The VPC's default group, which everything has that names none."""
    without(build, "default")
    rules = [{**EVERYTHING, "cidrBlocks": [cidr]}]
    build("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", vpcId=vpc.id, ingress=rules, egress=[])


@pytest.mark.parametrize(
    ("replaced", "expected"),
    [
        (None, "open"),
        (False, "open"),
    ],
)
def test_a_group_of_an_endpoint_beside_the_default_one(replaced: Any, expected: str) -> None:
    build, made = Builder.of(private_stack)
    unset(build, made.door.endpoint, "securityGroupIds")
    without(build, "execute-api-in")
    open_default(build, made.net.vpc, "10.0.0.0/16")
    assert from_inside(build) == "open"
    closed = group(build, made.net.vpc, "closed")
    link: dict[str, Any] = {"vpcEndpointId": made.door.endpoint.id, "replaceDefaultAssociation": replaced}
    kind = "ec2/securityGroupAssociation:SecurityGroupAssociation"
    build(kind, "more", securityGroupId=closed.id, **link)
    assert from_inside(build) == expected


def test_the_default_group_of_a_vpc_that_is_not_known() -> None:
    build, made = Builder.of(private_stack)
    unset(build, made.door.endpoint, "securityGroupIds")
    without(build, "execute-api-in")
    assert from_inside(build) == "no"
    door = build.resources[made.door.endpoint.urn]
    build.resources[door.urn] = replace(door, inputs={**door.inputs, "vpcId": OTHER})
    lines = [str(path) for path in trace(AwsModel(build.graph())).inbound]
    assert any("cannot tell" in line and "not all security groups of" in line for line in lines), lines


ATTACHED = "ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment"


@pytest.mark.parametrize("known", [True, False])
def test_a_group_of_an_interface_beside_the_default_one(known: bool) -> None:
    build = Builder(known=known)
    net = network(build, egress="none")
    card = build("ec2/networkInterface:NetworkInterface", "card", subnetId=net.public.id)
    place: Any = {"primaryNetworkInterface": {"networkInterfaceId": card.id}}
    build("ec2/instance:Instance", "server", ami="ami-1", instanceType="t4g.micro", **place)
    build("ec2/eip:Eip", "address", networkInterface=card.id)
    open_default(build, net.vpc, ANYWHERE)
    assert answer(build) == "open"
    build(ATTACHED, "more", networkInterfaceId=card.id, securityGroupId=group(build, net.vpc, "closed").id)
    assert answer(build) == "open"


# What belongs to a VPC


@pytest.mark.parametrize(
    ("reference", "service", "invokes", "expected"),
    [
        (OTHER, "ssm", (), "no"),
        (OTHER, "ssm", (FOUND,), "cannot tell"),
        (UNKNOWN, "ssm", (), "cannot tell"),
        (UNKNOWN, "s3", (), "no"),
        (UNKNOWN, UNKNOWN, (), "cannot tell"),
        ("own", UNKNOWN, (), "cannot tell"),
    ],
)
def test_an_endpoint_that_the_agent_of_a_machine_may_call(
    reference: Any, service: Any, invokes: tuple[Invoke, ...], expected: str
) -> None:
    build, net = Builder.of(network, egress="none")
    machine(build, "server", subnetId=net.private[0].id, iamInstanceProfile=profile(build).name)
    name = service if service is UNKNOWN else f"com.amazonaws.eu-west-1.{service}"
    home = net.vpc.id if reference == "own" else reference
    build("ec2/vpcEndpoint:VpcEndpoint", "endpoint", vpcId=home, serviceName=name, vpcEndpointType="Interface")
    (way,) = [path for path in traced(build, *invokes).paths if path.kind is Kind.PEOPLE]
    assert ("no" if not way.open else "cannot tell" if way.uncertainty else "open") == expected


@pytest.mark.parametrize(
    ("kind", "more", "expected"),
    [("Interface", [], "open"), ("Interface", [UNKNOWN], "open"), ("Gateway", [], "no"), (UNKNOWN, [], "open")],
)
def test_an_endpoint_of_an_unknown_kind(kind: Any, more: list[Any], expected: str) -> None:
    """Session Manager has interface endpoints only, so that an unknown kind can be no other."""
    build, net = Builder.of(network, egress="nat" if more else "none")
    every = {**EVERYTHING, "cidrBlocks": ["10.0.0.0/16"]}
    members = group(build, net.vpc, "members", ingress=[every], egress=[every, *more])
    inside: dict[str, Any] = {"vpcSecurityGroupIds": [members.id], "iamInstanceProfile": profile(build).name}
    machine(build, "server", subnetId=net.private[0].id, **inside)
    for service in ("ssm", "ssmmessages"):
        place: dict[str, Any] = {"vpcId": net.vpc.id, "subnetIds": [net.private[0].id], "privateDnsEnabled": True}
        named = f"com.amazonaws.eu-west-1.{service}"
        groups = [members.id]
        kinds = {"serviceName": named, "vpcEndpointType": kind, "securityGroupIds": groups}
        build("ec2/vpcEndpoint:VpcEndpoint", service, **place, **kinds)
    (way,) = [path for path in traced(build).paths if path.kind is Kind.PEOPLE]
    assert ("no" if not way.open else "cannot tell" if way.uncertainty else "open") == expected


def traced(build: Builder, *invokes: Invoke) -> Reach:
    graph = build.graph()
    graph.invokes = invokes
    return trace(AwsModel(graph))


# What may close something is a doubt of what is open


@CASES
def test_a_more_specific_route_of_a_table(reference: Any, invokes: tuple[Invoke, ...], expected: str) -> None:
    """It takes the answers to a narrow source elsewhere, and of a wide one only a part."""
    for source, closed in ((OFFICE, "cannot tell"), (ANYWHERE, "open")):
        build, made = Builder.of(public)
        ingress(build, "rule", made.group, 443, cidrIpv4=source)
        to: dict[str, Any] = {"destinationCidrBlock": OFFICE, "vpcPeeringConnectionId": "pcx-1"}
        build("ec2/route:Route", "away", routeTableId=reference, **to)
        assert answer(build, *invokes) == ("open" if expected == "no" else closed), ways(build, *invokes)


@pytest.mark.parametrize(
    ("source", "destination", "expected"),
    [
        (OFFICE, "198.51.100.0/24", "open"),
        (OFFICE, OFFICE, "no"),
        (OFFICE, UNKNOWN, "cannot tell"),
        (ANYWHERE, UNKNOWN, "open"),
    ],
)
def test_a_route_whose_destination_is_not_known(source: str, destination: Any, expected: str) -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=source)
    to: dict[str, Any] = {"destinationCidrBlock": destination, "vpcPeeringConnectionId": "pcx-1"}
    build("ec2/route:Route", "away", routeTableId=made.net.outside.id, **to)
    assert answer(build) == expected


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(("ignored", "expected"), [("gatewayId", "cannot tell"), ("timeouts", "open")])
def test_a_route_whose_gateway_aws_may_have_changed(known: bool, ignored: str, expected: str) -> None:
    build = Builder(known=known)
    made = public(build)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    route = next(resource for resource in build.resources.values() if resource.name == "public-out")
    build.resources[route.urn] = replace(route, options=Options(ignore_changes=(ignored,)))
    assert answer(build) == expected


CLOSING: dict[str, Callable[[Builder, Any], object]] = {
    "an ACL's rule": lambda build, made: acl(
        build, made.net.public, [{**EVERYTHING, "ruleNo": UNKNOWN, "action": "deny"}, EVERYTHING]
    ),
    "an ACL of unknown subnets": lambda build, _: build("ec2/networkAcl:NetworkAcl", "acl", subnetIds=[UNKNOWN]),
}


@pytest.mark.parametrize("closing", CLOSING)
def test_an_acl_that_may_refuse(closing: str) -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    assert answer(build) == "open"
    CLOSING[closing](build, made)
    assert answer(build) == "cannot tell"
