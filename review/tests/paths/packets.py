"""An independent judge of networks: one packet, from source to destination, against drawn groups, ACLs and routes.

It knows nothing of the review: networks are plain data here, and each question is about a single packet.
https://docs.aws.amazon.com/vpc/latest/userguide/infrastructure-security.html
"""

import random
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.stack_parts import machine

_RANGES = (
    "0.0.0.0/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "203.0.113.0/24",
    "203.0.113.128/25",
    "198.51.100.7/32",
    "10.0.0.0/16",
)
_PORTS = ((0, 65535), (1, 65535), (22, 22), (80, 80), (443, 443), (400, 500), (1024, 65535))
_PROTOCOLS = ("tcp", "udp", "-1")
_NUMBERS = {"tcp": "6", "udp": "17", "-1": "-1"}


@dataclass(frozen=True)
class Line:
    """A rule of a group, or a numbered line of an ACL."""

    inward: bool
    protocol: str
    first: int
    last: int
    cidr: str
    allow: bool = True
    number: int = 0

    def matches(self, address: str, protocol: str, port: int) -> bool:
        if self.protocol not in ("-1", protocol) or IPv4Address(address) not in IPv4Network(self.cidr):
            return False
        return self.protocol == "-1" or self.first <= port <= self.last


@dataclass(frozen=True)
class Drawn:
    """A machine in a subnet, with everything that decides on its packets."""

    rules: tuple[Line, ...]
    acl: tuple[Line, ...] | None
    routes: tuple[tuple[str, str], ...]
    """Destinations, each with `internet` or `peering`."""
    public: bool

    def answers(self, source: str, protocol: str, port: int, caller_port: int = 50000) -> bool:
        """Whether a host of the internet gets an answer from the port."""
        asked = any(rule.matches(source, protocol, port) for rule in self.rules)
        inward = self._passes(True, source, protocol, port)
        outward = self._passes(False, source, protocol, caller_port)
        return self.public and asked and inward and outward and self._gateway(source) == "internet"

    def _passes(self, inward: bool, peer: str, protocol: str, port: int) -> bool:
        if self.acl is None:
            return True
        lines = sorted((line for line in self.acl if line.inward is inward), key=lambda line: line.number)
        return next((line.allow for line in lines if line.matches(peer, protocol, port)), False)

    def _gateway(self, peer: str) -> str:
        matching = [(IPv4Network(to).prefixlen, by) for to, by in self.routes if IPv4Address(peer) in IPv4Network(to)]
        return max(matching)[1] if matching else ""


def drawn(draw: random.Random) -> Drawn:
    """A network out of neighbouring ranges and ports, so that parts overlap."""

    def line(inward: bool, number: int, allow: bool) -> Line:
        protocol = draw.choice(_PROTOCOLS)
        first, last = (0, 65535) if protocol == "-1" else draw.choice(_PORTS)
        return Line(inward, protocol, first, last, draw.choice(_RANGES), allow, number)

    numbers = draw.sample(range(1, 100), 6)
    acl = [line(draw.random() < 0.6, number, draw.random() < 0.6) for number in numbers[: draw.randint(0, 6)]]
    if draw.random() < 0.5:
        acl.append(Line(False, "-1", 0, 65535, "0.0.0.0/0", True, 200))
    destinations = draw.sample(_RANGES[:6], draw.randint(0, 3))
    return Drawn(
        rules=tuple(line(True, 0, True) for _ in range(draw.randint(0, 2))),
        acl=tuple(acl) if draw.random() < 0.7 else None,
        routes=tuple((to, draw.choice(("internet", "internet", "peering"))) for to in destinations),
        public=draw.random() < 0.9,
    )


def declared(network: Drawn) -> Builder:
    """The same network, as a program declares it."""
    build = Builder()
    vpc = build("ec2/vpc:Vpc", "vpc", cidrBlock="10.0.0.0/16")
    gateway = build("ec2/internetGateway:InternetGateway", "gateway", vpcId=vpc.id)
    peering = build("ec2/vpcPeeringConnection:VpcPeeringConnection", "peering", vpcId=vpc.id, peerVpcId="vpc-2")
    subnet = build("ec2/subnet:Subnet", "subnet", vpcId=vpc.id, cidrBlock="10.0.0.0/24")
    table = build("ec2/routeTable:RouteTable", "table", vpcId=vpc.id)
    build("ec2/routeTableAssociation:RouteTableAssociation", "of", subnetId=subnet.id, routeTableId=table.id)
    for number, (to, by) in enumerate(network.routes):
        way: dict[str, Any] = {"gatewayId": gateway.id} if by == "internet" else {"vpcPeeringConnectionId": peering.id}
        build("ec2/route:Route", f"route-{number}", routeTableId=table.id, destinationCidrBlock=to, **way)
    if network.acl is not None:
        lines: dict[str, list[Any]] = {"ingress": [], "egress": []}
        for line in network.acl:
            entry = {"ruleNo": line.number, "action": "allow" if line.allow else "deny", "cidrBlock": line.cidr}
            ports = {"protocol": _NUMBERS[line.protocol], "fromPort": line.first, "toPort": line.last}
            lines["ingress" if line.inward else "egress"].append({**entry, **ports})
        inputs: dict[str, Any] = {"vpcId": vpc.id, "subnetIds": [subnet.id], **lines}
        build("ec2/networkAcl:NetworkAcl", "acl", **inputs)
    group = build("ec2/securityGroup:SecurityGroup", "group", vpcId=vpc.id)
    for number, rule in enumerate(network.rules):
        ports = {} if rule.protocol == "-1" else {"fromPort": rule.first, "toPort": rule.last}
        kind = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
        admitted: dict[str, Any] = {"ipProtocol": rule.protocol, "cidrIpv4": rule.cidr, **ports}
        build(kind, f"rule-{number}", securityGroupId=group.id, **admitted)
    machine(
        build, "server", subnetId=subnet.id, vpcSecurityGroupIds=[group.id], associatePublicIpAddress=network.public
    )
    return build


def probes(network: Drawn) -> list[tuple[str, str, int, int]]:
    """Packets at every edge of the network's ranges and ports: source, protocol, port, port of the caller."""
    lines = [*network.rules, *(network.acl or ())]
    edges = {IPv4Network(cidr)[0] for cidr in _RANGES} | {IPv4Network(cidr)[-1] + 1 for cidr in _RANGES[3:6]}
    sources = [str(address) for address in sorted(edges | {IPv4Address("1.1.1.1")}) if _is_public(address)]
    ports = sorted({port for line in lines for port in (line.first, line.last) if port <= 65535} | {0, 80})
    callers = sorted({max(1024, port) for line in lines for port in (line.first, line.last)} | {1024, 50000, 65535})
    return [
        (source, protocol, port, caller)
        for source in sources
        for protocol in ("tcp", "udp", "icmp")
        for port in (ports if protocol != "icmp" else [0])
        for caller in (callers if protocol != "icmp" else [0])
    ]


def _is_public(address: IPv4Address) -> bool:
    return address.packed[0] not in (0, 10, 127) and address.packed[0] < 224
