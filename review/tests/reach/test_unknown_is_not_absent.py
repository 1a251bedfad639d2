"""Networks of which a part is not in the program: the answer is open or "cannot tell", and never a wrong no.

Each case has the fault, the quiet neighbour that is really closed, and the unknown one.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from review.graph import UNKNOWN, Invoke, Options
from review.reach import Kind
from review.tests.graph_builder import Builder, Made
from review.tests.parts import ANYWHERE, group, ingress, machine, network, paths

OFFICE = "203.0.113.0/24"


def public(build: Builder, **inputs: Any) -> SimpleNamespace:
    """A network with a machine in the public subnet that has a public address, and its group, which admits nobody."""
    net = network(build, egress="none")
    members = group(build, net.vpc, "members")
    given = {"subnetId": net.public.id, "vpcSecurityGroupIds": [members.id], "associatePublicIpAddress": True}
    server = machine(build, "server", **{**given, **inputs})
    return SimpleNamespace(net=net, group=members, server=server)


def ways(build: Builder, *invokes: Invoke) -> list[str]:
    """The ways from the internet to the machine, and what stops them."""
    graph = build.graph()
    graph.invokes = invokes
    kinds = (Kind.INBOUND, Kind.PEOPLE)
    ours = (path for path in paths(graph) if not path.target.startswith("members of "))
    return [str(path) for path in ours if path.kind in kinds and "internet" in path.source]


def answer(build: Builder, *invokes: Invoke) -> str:
    """`open`, `no` or `cannot tell`, of all ways together."""
    found = ways(build, *invokes)
    if any(": no, " not in line and "cannot tell" not in line for line in found):
        return "open"
    return "cannot tell" if any("cannot tell" in line for line in found) else "no"


def read_only(build: Builder, made: Made) -> None:
    """Makes a resource one that the program reads by its id."""
    kept = {key: value for key, value in build.resources[made.urn].state.items() if key in ("id", "arn")}
    build.resources[made.urn] = replace(build.resources[made.urn], existing=True, inputs={}, state=kept)


def acl(build: Builder, subnet: Made, ingress: list[Any], egress: list[Any] | None = None) -> Made:
    lines = [{"ruleNo": 100 + at, "action": "allow", "cidrBlock": ANYWHERE, **line} for at, line in enumerate(ingress)]
    out = [{"ruleNo": 100, "action": "allow", "cidrBlock": ANYWHERE, "protocol": "-1"}] if egress is None else egress
    return build("ec2/networkAcl:NetworkAcl", "acl", subnetIds=[subnet.id], ingress=lines, egress=out)


HTTPS = {"protocol": "tcp", "fromPort": 443, "toPort": 443}
SSH = {"protocol": "tcp", "fromPort": 22, "toPort": 22}


@pytest.mark.parametrize(
    ("rule", "lines", "egress", "expected"),
    [
        # C1: the group admits more than the ACL, and a part is admitted by both
        ({"ipProtocol": "-1", "cidrIpv4": ANYWHERE}, [HTTPS, SSH], None, "open"),
        ({"ipProtocol": "tcp", "fromPort": 1, "toPort": 65535, "cidrIpv4": ANYWHERE}, [HTTPS], None, "open"),
        ({**SSH, "ipProtocol": "tcp", "cidrIpv4": OFFICE}, [{**SSH, "cidrBlock": OFFICE}], None, "open"),
        ({**HTTPS, "ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/1"}, [{**HTTPS, "cidrBlock": "64.0.0.0/2"}], None, "open"),
        # really closed
        ({"ipProtocol": "udp", "fromPort": 53, "toPort": 53, "cidrIpv4": ANYWHERE}, [HTTPS, SSH], None, "no"),
        ({**SSH, "ipProtocol": "tcp", "cidrIpv4": ANYWHERE}, [HTTPS], None, "no"),
        ({**SSH, "ipProtocol": "tcp", "cidrIpv4": "198.51.100.0/24"}, [{**SSH, "cidrBlock": OFFICE}], None, "no"),
        ({**HTTPS, "ipProtocol": "tcp", "cidrIpv4": ANYWHERE}, [HTTPS], [], "no"),
        # not known
        ({**HTTPS, "ipProtocol": "tcp", "cidrIpv4": ANYWHERE}, [{**HTTPS, "cidrBlock": UNKNOWN}], None, "cannot tell"),
        ({**HTTPS, "ipProtocol": "tcp", "cidrIpv4": ANYWHERE}, [{**HTTPS, "action": UNKNOWN}], None, "cannot tell"),
        ({**HTTPS, "ipProtocol": "tcp", "cidrIpv4": ANYWHERE}, [HTTPS], [UNKNOWN], "cannot tell"),
    ],
)
def test_network_acls(rule: dict[str, Any], lines: list[Any], egress: list[Any] | None, expected: str) -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, **{key: value for key, value in rule.items() if key != "protocol"})
    acl(build, made.net.public, lines, egress)
    assert answer(build) == expected, ways(build)


def test_a_security_group_that_is_only_read() -> None:
    build, made = Builder.of(public)
    assert answer(build) == "no"
    read_only(build, made.group)
    assert answer(build) == "cannot tell"
    ingress(build, "known", made.group, 443, cidrIpv4="10.0.0.0/8")
    assert answer(build) == "cannot tell"


@pytest.mark.parametrize(
    ("members", "ignored", "expected"),
    [
        ("sg-0123456789abcdef0", (), "no"),
        ("sg-0123456789abcdef0", ("securityGroupId",), "cannot tell"),
        (UNKNOWN, (), "cannot tell"),
        ("another stack's", (), "no"),
        ("another stack's", ("securityGroupId",), "cannot tell"),
    ],
)
def test_a_rule_whose_group_is_not_known(members: Any, ignored: tuple[str, ...], expected: str) -> None:
    build = Builder()
    public(build)
    edges: dict[str, tuple[str, ...]] = {}
    if members == "another stack's":
        members, edges = UNKNOWN, {"securityGroupId": (build("pulumi:pulumi:StackReference", "net").urn,)}
    rule = ingress(build, "rule", SimpleNamespace(id=members), 443, cidrIpv4=ANYWHERE)  # type: ignore[arg-type] # only its id is read
    options = Options(ignore_changes=ignored)
    build.resources[rule.urn] = replace(build.resources[rule.urn], options=options, property_dependencies=edges)
    assert answer(build) == expected


@pytest.mark.parametrize("ignored", ["ingress", "ingress[0].cidrBlocks", "*", '["ingress"]', '["ingress"][0]', "[*]"])
def test_rules_that_the_program_ignores(ignored: str) -> None:
    build, made = Builder.of(public)
    build.resources[made.group.urn] = replace(
        build.resources[made.group.urn], options=Options(ignore_changes=(ignored,), import_id="sg-1")
    )
    assert answer(build) == "cannot tell"
    build.resources[made.group.urn] = replace(
        build.resources[made.group.urn], options=Options(ignore_changes=("tags", "egress"))
    )
    assert answer(build) == "no"


def lookup(name: str) -> Invoke:
    arguments = {"name": name}
    return Invoke("aws:ec2/getManagedPrefixList:getManagedPrefixList", arguments, {"id": "pl-0123", "name": name})


def test_prefix_lists() -> None:
    build, made = Builder.of(public)
    ingress(build, "list", made.group, 22, prefixListId="pl-0123")
    assert answer(build) == "cannot tell"
    assert answer(build, lookup("partners-and-public")) == "cannot tell"
    assert answer(build, lookup("com.amazonaws.eu-west-1.s3")) == "no"


def test_prefix_lists_of_the_program() -> None:
    build, made = Builder.of(public)
    kind = "ec2/managedPrefixList:ManagedPrefixList"
    declared = build(kind, "list", entries=[UNKNOWN], maxEntries=5, addressFamily="IPv4")
    ingress(build, "by-list", made.group, 443, prefixListId=declared.id)
    assert answer(build) == "cannot tell"
    read_only(build, declared)
    assert answer(build) == "cannot tell"


@pytest.mark.parametrize("table", ["rtb-0123456789abcdef0", UNKNOWN])
def test_a_route_table_that_the_graph_does_not_hold(table: Any) -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    assert answer(build) == "open"
    association = next(resource for resource in build.resources.values() if resource.name == "public-routes-of")
    inputs = {**association.inputs, "routeTableId": table}
    build.resources[association.urn] = replace(association, inputs=inputs, property_dependencies={})
    assert answer(build) == "cannot tell"


def test_a_main_table_to_which_a_route_may_have_been_added() -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    (association,) = [urn for urn, resource in build.resources.items() if resource.name == "public-routes-of"]
    del build.resources[association]
    assert answer(build) == "no"
    gateway: dict[str, Any] = {"destinationCidrBlock": ANYWHERE, "gatewayId": made.net.gateway.id}
    build("ec2/route:Route", "looked-up", routeTableId="rtb-0123456789abcdef0", **gateway)
    assert answer(build) == "cannot tell"


@pytest.mark.parametrize(
    ("destinations", "source", "expected"),
    [
        (["0.0.0.0/1", "128.0.0.0/1"], ANYWHERE, "open"),
        ([OFFICE], OFFICE, "open"),
        ([OFFICE], ANYWHERE, "open"),
        ([OFFICE], "198.51.100.0/24", "no"),
        ([], ANYWHERE, "no"),
    ],
)
def test_routes_for_a_part_of_the_internet(destinations: list[str], source: str, expected: str) -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=source)
    del build.resources[next(urn for urn, resource in build.resources.items() if resource.name == "public-out")]
    for number, destination in enumerate(destinations):
        route: dict[str, Any] = {"destinationCidrBlock": destination, "gatewayId": made.net.gateway.id}
        build("ec2/route:Route", f"part-{number}", routeTableId=made.net.outside.id, **route)
    assert answer(build) == expected


def test_the_longest_route_decides() -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=OFFICE)
    assert answer(build) == "open"
    peering = build(
        "ec2/vpcPeeringConnection:VpcPeeringConnection", "peering", vpcId=made.net.vpc.id, peerVpcId="vpc-2"
    )
    route: dict[str, Any] = {"destinationCidrBlock": OFFICE, "vpcPeeringConnectionId": peering.id}
    build("ec2/route:Route", "elsewhere", routeTableId=made.net.outside.id, **route)
    assert answer(build) == "no"


def test_a_firewall_in_front_of_the_gateway() -> None:
    build, made = Builder.of(public)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    out = next(resource for resource in build.resources.values() if resource.name == "public-out")
    inputs = {**out.inputs, "gatewayId": None, "vpcEndpointId": "vpce-0123456789abcdef0"}
    build.resources[out.urn] = replace(out, inputs=inputs)
    assert answer(build) == "cannot tell"


@pytest.mark.parametrize("known", [True, False])
def test_an_elastic_ip_by_the_primary_interface(known: bool) -> None:
    build = Builder(known=known)
    made = public(build, associatePublicIpAddress=False)
    ingress(build, "rule", made.group, 22, cidrIpv4=ANYWHERE)
    assert answer(build) == "no"
    kind = "ec2/eipAssociation:EipAssociation"
    build(kind, "by-card", networkInterfaceId=made.server.primaryNetworkInterfaceId, allocationId="eipalloc-1")
    assert answer(build) == "open"


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ({"ipv6AddressCount": 1}, "open"),
        ({"ipv6Addresses": ["2001:db8::1"]}, "open"),
        ({"ipv6AddressCount": 0}, "no"),
        ({}, "no"),
        ({"ipv6AddressCount": UNKNOWN}, "cannot tell"),
    ],
)
def test_ipv6_in_a_launch_template(card: dict[str, Any], expected: str) -> None:
    build, net = Builder.of(network, egress="none")
    members = group(build, net.vpc, "members")
    ingress(build, "rule", members, 443, cidrIpv6="::/0")
    six: dict[str, Any] = {"destinationIpv6CidrBlock": "::/0", "gatewayId": net.gateway.id}
    build("ec2/route:Route", "six", routeTableId=net.outside.id, **six)
    cards = [{"securityGroups": [members.id], **card}]
    template = build("ec2/launchTemplate:LaunchTemplate", "template", networkInterfaces=cards)
    build(
        "autoscaling/group:Group",
        "fleet",
        vpcZoneIdentifiers=[net.public.id],
        launchTemplate={"id": template.id},
        minSize=1,
        maxSize=1,
    )
    assert answer(build) == expected, ways(build)


def test_rules_on_a_default_group_that_the_program_does_not_manage() -> None:
    build, net = Builder.of(network, egress="none")
    del build.resources[next(urn for urn, resource in build.resources.items() if resource.name == "default")]
    machine(build, "server", subnetId=net.public.id, associatePublicIpAddress=True)
    assert answer(build) == "no"
    members = SimpleNamespace(id=net.vpc.defaultSecurityGroupId)
    ingress(build, "open", members, 22, cidrIpv4=ANYWHERE)  # type: ignore[arg-type] # only its id is read
    assert answer(build) == "open"


def test_a_subnet_that_is_only_read() -> None:
    build, made = Builder.of(public, associatePublicIpAddress=None)
    ingress(build, "rule", made.group, 443, cidrIpv4=ANYWHERE)
    assert answer(build) == "no"
    read_only(build, made.net.public)
    assert answer(build) == "cannot tell"


@pytest.mark.parametrize(("open_card", "expected"), [("private", "no"), ("public", "open")])
def test_each_interface_has_its_own_groups_and_address(open_card: str, expected: str) -> None:
    """An open group on the private card and an address on the public one are no way in."""
    build, net = Builder.of(network, egress="none")
    shut, wide = group(build, net.vpc, "shut"), group(build, net.vpc, "wide")
    ingress(build, "rule", wide, 443, cidrIpv4=ANYWHERE)
    cards = {}
    for name, place in (("public", net.public), ("private", net.private[0])):
        groups = [(wide if name == open_card else shut).id]
        cards[name] = build("ec2/networkInterface:NetworkInterface", name, subnetId=place.id, securityGroups=groups)
    build("ec2/eip:Eip", "address", domain="vpc", networkInterface=cards["public"].id)
    first, second = ({"networkInterfaceId": card.id} for card in cards.values())
    machine(build, "server", networkInterfaces=[{**second, "deviceIndex": 1}], primaryNetworkInterface=first)
    assert answer(build) == expected, ways(build)
