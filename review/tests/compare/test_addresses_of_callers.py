"""Addresses that AWS chooses: a replacement changes them, unless callers use a name or an address that stays."""

from collections.abc import Callable
from typing import Any

import pytest

from review.graph import Options
from review.tests.compare.test_pairs import OUT, SAME, first_screen
from review.tests.front_parts import link_stack
from review.tests.graph_builder import Builder, Made, part
from review.tests.parts import ANYWHERE, balancer, group, machine, network, public_front, trust

HTTP = {"protocol": "tcp", "fromPort": 80, "toPort": 80, "cidrBlocks": [ANYWHERE]}
EVERYTHING = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [ANYWHERE]}
RECORD: dict[str, Any] = {"zoneId": "Z1", "name": "a.example.com", "type": "A"}


@part
def front(
    build: Builder,
    /,
    name: str = "a",
    also: Callable[[Builder, Made], object] = lambda *_: None,
    port: int = 80,
    **inputs: Any,
) -> None:
    """A public balancer of this name in front of a machine."""
    net = network(build)
    own = group(build, net.vpc, "front-group", ingress=[{**EVERYTHING}], egress=[EVERYTHING])
    behind = group(build, net.vpc, "web-group", ingress=[{**HTTP, "cidrBlocks": ["10.0.0.0/16"]}])
    server = machine(build, "web", subnetId=net.private[0].id, vpcSecurityGroupIds=[behind.id])
    made = public_front(
        build, net, server, listener={"port": port}, **{"name": name, "securityGroups": [own.id]} | inputs
    )
    also(build, made.balancer)


def alias(build: Builder, made: Made) -> None:
    to = {"name": made.dnsName, "zoneId": made.zoneId, "evaluateTargetHealth": False}
    build("route53/record:Record", "record", **RECORD, aliases=[to])


def cname(build: Builder, made: Made) -> None:
    build("route53/record:Record", "record", **{**RECORD, "type": "CNAME"}, records=[made.dnsName], ttl=60)


@part
def public(
    build: Builder,
    /,
    image: str = "a",
    also: Callable[[Builder, Made], object] = lambda *_: None,
    sources: tuple[str, ...] = (ANYWHERE,),
    **inputs: Any,
) -> None:
    """A machine with a public address of this image."""
    net = network(build)
    members = group(build, net.vpc, "web-group", ingress=[{**HTTP, "cidrBlocks": list(sources)}])
    place: dict[str, Any] = {"subnetId": net.public.id, "vpcSecurityGroupIds": [members.id]}
    also(build, machine(build, "web", **{**place, "associatePublicIpAddress": True, "ami": image, **inputs}))


def elastic(build: Builder, made: Made, **inputs: Any) -> Made:
    return build("ec2/eip:Eip", "eip", domain="vpc", instance=made.id, **inputs)


def other_pool(build: Builder, made: Made) -> None:
    elastic(build, made, publicIpv4Pool="ipv4pool-ec2-012345")


def associated(build: Builder, made: Made) -> None:
    address = build("ec2/eip:Eip", "eip", domain="vpc")
    build("ec2/eipAssociation:EipAssociation", "association", instanceId=made.id, allocationId=address.id)


def by_id(build: Builder, made: Made) -> None:
    build("ec2/eipAssociation:EipAssociation", "eip", instanceId=made.id, allocationId="eipalloc-0123456789abcdef0")


def recorded(build: Builder, made: Made) -> None:
    build("route53/record:Record", "record", **RECORD, records=[made.publicIp], ttl=60)


@part
def by_url(build: Builder, name: str = "a", kind: str = "AWS_IAM") -> None:
    """A function of this name with a URL of its own."""
    role = build("iam/role:Role", "role", assumeRolePolicy=trust("lambda.amazonaws.com"))
    function = build("lambda/function:Function", "greeter", role=role.arn, name=name)
    build("lambda/functionUrl:FunctionUrl", "url", functionName=function.name, authorizationType=kind)


@part
def linked(build: Builder, name: str) -> None:
    """An HTTP API with a VPC link to an internal balancer, of which only the API has callers."""
    link_stack(build)
    url = "urn:pulumi:dev::small::aws:lb/loadBalancer:LoadBalancer::balancer"
    build.resources[url].inputs["name"] = name  # type: ignore[index] # a builder has dicts


@part
def network_balancer(build: Builder, *mappings: dict[str, Any]) -> None:
    """A public network balancer with these addresses, or with those that AWS gives it."""
    net = network(build)
    behind = group(build, net.vpc, "web-group", ingress=[HTTP])
    places = {"subnetMappings": [{"subnetId": net.public.id, **mapping} for mapping in mappings]} if mappings else {}
    server = machine(build, "web", subnetId=net.private[0].id, vpcSecurityGroupIds=[behind.id])
    public_front(build, net, server, target={"protocol": "TCP"}, loadBalancerType="network", name="front", **places)


@part
def called(build: Builder, name: str, *aliases: str) -> None:
    """A public instance of this logical name."""
    net = network(build)
    members = group(build, net.vpc, "web-group", ingress=[HTTP])
    kind = "ec2/instance:Instance"
    options = Options(aliases=tuple(f"urn:pulumi:dev::small::aws:{kind}::{one}" for one in aliases))
    place: dict[str, Any] = {"subnetId": net.public.id, "vpcSecurityGroupIds": [members.id]}
    build(kind, name, options=options, associatePublicIpAddress=True, instanceType="t4g.micro", ami="a", **place)


@part
def inside(build: Builder, name: str) -> None:
    """An internal balancer that everybody in the VPC may call."""
    net = network(build)
    made = balancer(build, net, name=name)
    build(
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "from-vpc",
        securityGroupId=made.group.id,
        ipProtocol="tcp",
        fromPort=80,
        toPort=80,
        cidrIpv4="10.0.0.0/16",
    )
    build(
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "out",
        securityGroupId=made.group.id,
        ipProtocol="-1",
        cidrIpv4=ANYWHERE,
    )
    behind = group(build, net.vpc, "web-group", ingress=[{**HTTP, "fromPort": 8080, "toPort": 8080}])
    server = machine(build, "web", subnetId=net.private[0].id, vpcSecurityGroupIds=[behind.id])
    kind = "lb/targetGroupAttachment:TargetGroupAttachment"
    build(kind, "one", targetGroupArn=made.targets.arn, targetId=server.id, port=8080)


CHANGES = {
    "a balancer's name": (front("a"), front("b"), "front (DNS name)", "front′ (DNS name)"),
    "a balancer that became internal": (front(internal=False), front(internal=True), "front (DNS name)", ""),
    "an internal balancer's name": (inside("a"), inside("b"), "balancer (DNS name)", "balancer′ (DNS name)"),
    "another Elastic IP of a network balancer": (
        network_balancer({"allocationId": "eipalloc-1"}),
        network_balancer({"allocationId": "eipalloc-2"}),
        "front (DNS name)",
        "front′ (DNS name)",
    ),
    "an Elastic IP for a network balancer": (
        network_balancer(),
        network_balancer({"allocationId": "eipalloc-2"}),
        "front (DNS name)",
        "front′ (DNS name)",
    ),
    "another record": (front("a", alias), front("a"), "a.example.com", "front (DNS name)"),
    "an instance's image": (public("a"), public("b"), "web (public address)", "web′ (public address)"),
    "an instance's image, for a partner": (
        public("a", sources=("203.0.113.0/24",)),
        public("b", sources=("203.0.113.0/24",)),
        "web (public address)",
        "web′ (public address)",
    ),
    "an instance that is stopped": (
        public(),
        public(instanceType="t4g.large"),
        "web (public address)",
        "web′ (public address)",
    ),
    "an Elastic IP taken away": (public("a", elastic), public("a"), "eip (public address)", "web (public address)"),
    "another Elastic IP": (public("a", elastic), public("a", other_pool), "eip (public address)", "eip′ (public"),
    "another machine that has another Elastic IP": (
        public("a", elastic),
        public("b", other_pool),
        "eip (public address)",
        "eip′ (public",
    ),
    "the function of a URL": (by_url("a"), by_url("b"), "url (function URL)", "url′ (function URL)"),
}
STAYS = {
    "a balancer behind an alias": (front("a", alias), front("b", alias)),
    "a balancer behind a CNAME": (front("a", cname), front("b", cname)),
    "a balancer that changes in place": (front(idleTimeout=60), front(idleTimeout=90)),
    "a balancer behind a link": (linked("a"), linked("b")),
    "an instance with an Elastic IP": (public("a", elastic), public("b", elastic)),
    "an instance with an associated Elastic IP": (public("a", associated), public("b", associated)),
    "an instance with an Elastic IP of another stack": (public("a", by_id), public("b", by_id)),
    "an instance with a record": (public("a", recorded), public("b", recorded)),
    "an instance that is stopped, with an Elastic IP": (
        public("a", elastic),
        public("a", elastic, instanceType="t4g.large"),
    ),
    "an instance that only its VPC calls": (
        public("a", sources=("10.0.0.0/16",)),
        public("b", sources=("10.0.0.0/16",)),
    ),
    "an instance that an alias renames": (called("web"), called("other", "web")),
    "a network balancer with one subnet more": (
        network_balancer({"allocationId": "eipalloc-1"}),
        network_balancer({"allocationId": "eipalloc-1"}, {"subnetId": "subnet-2"}),
    ),
    "tags": (public(tags={"a": "a"}), public(tags={"a": "b"})),
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_address_that_moves_ends_calls_and_shuts_out_nobody(name: str) -> None:
    before, after, lost, got = CHANGES[name]
    screen = first_screen(before, after)
    if "\N{PRIME}" in got:
        assert f"{lost} becomes another one: callers must use the new one" in screen["calls"], screen
        assert OUT not in screen["callers"], screen
    else:
        assert OUT in screen["callers"], screen
        assert f"address {lost}" in screen["callers"].partition(OUT)[2] or not got, screen


@pytest.mark.parametrize("name", STAYS)
def test_an_address_that_stays_is_not_named(name: str) -> None:
    assert first_screen(*STAYS[name])["callers"] == SAME


def test_calls_by_a_name_that_goes_end() -> None:
    assert "→ web: ends as front and listener are replaced" in first_screen(front("a"), front("b"))["calls"]
    assert ": ends as web is replaced" in first_screen(public("a"), public("b"))["calls"]


def test_calls_by_a_name_that_stays_are_cut_until_it_leads_to_the_new_one() -> None:
    found = first_screen(front("a", alias), front("b", alias))["calls"]
    assert "may fail from “delete, to replace front” until " in found
    found = first_screen(public("a", elastic), public("b", elastic))["calls"]
    assert "internet → tcp 80 → web: may fail from “update eip” until web has booted" in found


def test_callers_of_a_port_do_not_take_the_way_of_another() -> None:
    screen = first_screen(front(), front(port=8080))
    assert "internet → tcp 80 → front → tcp 80 → web: ends as listener changes" in screen["calls"]
