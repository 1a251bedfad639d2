"""Who can open a connection to a node by network alone: strangers, neighbours, and the members of groups it admits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..addresses import ANYWHERE, covers, is_private, network
from ..graph import Resource
from . import types
from .groups import ALL, Permit
from .landscape import Landscape
from .network import Family
from .nodes import Node
from .path import Hop
from .trail import Trail

INTERNET = "internet"


@dataclass(frozen=True)
class Entry:
    """A way in: the trail up to the node, and the permit that opens it (None where nothing filters)."""

    trail: Trail
    permit: Permit | None


class Exposure:
    """Answers for any node of a landscape."""

    def __init__(self, landscape: Landscape) -> None:
        self._land = landscape

    def from_internet(self, node: Node) -> list[Entry]:
        """What strangers find open, or would if the node had a public address and a route."""
        entries: dict[tuple[str, str], Entry] = {}
        for permit in self._permits(node):
            for source, family in self._strangers(permit):
                stop, doubt = self._no_way_in(node, family, permit)
                hop = self._hop(permit)
                entry = Entry(Trail(source).then(hop, stopped_by=stop, doubt=doubt), permit)
                known = entries.get((source, hop.label))
                if known is None or known.trail.stopped_by:
                    entries[source, hop.label] = entry
        return list(entries.values())

    def from_inside(self, node: Node) -> list[Entry]:
        """Neighbours in the VPC, and in networks joined to it, that a rule admits by address."""
        entries: dict[tuple[str, str], Entry] = {}
        for permit in self._permits(node):
            for cidr in self._ranges(permit):
                if cidr in ANYWHERE or is_private(cidr):
                    hop = self._hop(permit)
                    source = self._inside(node, cidr)
                    entries.setdefault((source, hop.label), Entry(Trail(source).then(hop), permit))
        return list(entries.values())

    def from_members(self, node: Node, known: set[tuple[str, str]]) -> Iterator[Entry]:
        """Machines and functions whose group a rule admits, except pairs that are `known` to belong together."""
        for permit in self._permits(node):
            if not permit.group:
                continue
            if self._land.groups.resource(permit.group) is None:
                yield Entry(Trail(f"members of {permit.group}").then(self._hop(permit)), permit)
                continue
            for member in self._land.nodes.in_group(permit.group):
                pair = (member.resource.urn, node.resource.urn)
                if member.resource is node.resource or pair in known or member.resource.type not in types.COMPUTE:
                    continue
                port = permit.first if permit.protocol != ALL else None
                protocol = permit.protocol if permit.protocol != ALL else "tcp"
                if not self._land.connections.leaves(member, node, port, protocol).stopped_by:
                    source = Trail(self._land.names.of(member.resource), origin=member.resource)
                    yield Entry(source.then(self._hop(permit)), permit)

    def public_obstacle(self, node: Node) -> str:
        """Why no stranger reaches the node, in words."""
        name = self._land.names.of(node.resource)
        public = [family for family in Family if node.has_public_address(family) is not False]
        if not public:
            return f"{name} has no public address"
        if node.subnets and not any(
            self._land.network.is_public(subnet, family) for subnet in node.subnets for family in public
        ):
            return f"no internet gateway is routed to the subnets of {name}"
        return f"the security groups of {name} admit nobody from outside"

    def _permits(self, node: Node) -> Iterator[Permit]:
        if any(not interface.filtered for interface in node.interfaces):
            yield from (Permit(node.resource, True, ALL, 0, 65535, cidr=cidr) for cidr in ANYWHERE[:1])
        yield from self._land.connections.admitted(node)

    def _ranges(self, permit: Permit) -> list[str]:
        if permit.cidr:
            return [permit.cidr]
        return self._land.groups.prefix_list_cidrs(permit.prefix_list) if permit.prefix_list else []

    def _strangers(self, permit: Permit) -> Iterator[tuple[str, Family]]:
        """Sources outside that a rule admits, each with its family."""
        if "cloudfront" in self._land.groups.prefix_list_service(permit.prefix_list):
            yield "CloudFront", Family.IPV4
        for cidr in self._ranges(permit):
            found = network(cidr)
            if found is not None and not is_private(cidr):
                source = INTERNET if cidr in ANYWHERE else f"{cidr} ({INTERNET})"
                yield source, Family.IPV4 if found.version == 4 else Family.IPV6

    def _no_way_in(self, node: Node, family: Family, permit: Permit) -> tuple[str, str]:
        """What stops a stranger of this family, and what is in doubt."""
        name = self._land.names.of(node.resource)
        public = node.has_public_address(family)
        if public is False:
            return f"{name} has no public {family.value} address", ""
        if node.subnets:
            if not any(self._land.network.is_public(subnet, family) for subnet in node.subnets):
                return f"no internet gateway is routed to the subnets of {name}", ""
            port = None if permit.protocol == ALL else permit.first
            admits = self._land.connections.acl_admits_internet
            if not any(admits(subnet, family, port, permit.protocol) for subnet in node.subnets):
                acls = {acl.name for subnet in node.subnets if (acl := self._land.acls.of(subnet)) is not None}
                return f"network ACL {' and '.join(sorted(acls))}", ""
        return "", "" if public else f"whether {name} has a public address"

    def _inside(self, node: Node, cidr: str) -> str:
        """A private range in words."""
        vpc = next(iter(self._land.nodes.vpcs(node)), None)
        if vpc is None:
            return "anything in the VPC" if cidr in ANYWHERE else cidr
        if cidr in ANYWHERE or any(covers(cidr, own) for own in self._land.network.cidrs(vpc)):
            return self.whole(vpc)
        subnets = [hit for hit in self._subnets(vpc) if cidr in self._land.network.cidrs(hit)]
        return f"anything in {subnets[0].name}" if subnets else cidr

    def whole(self, vpc: Resource) -> str:
        """Everything in a VPC, and in the networks joined to it."""
        alone = len(self._land.graph.of_type(*types.VPC)) == 1
        joined = " and peered networks" if self._land.network.is_joined(vpc) else ""
        return f"anything in {'the VPC' if alone else vpc.name}{joined}"

    def _subnets(self, vpc: Resource) -> list[Resource]:
        found = {subnet.urn: subnet for node in self._land.nodes.in_vpc(vpc) for subnet in node.subnets}
        return list(found.values())

    def _hop(self, permit: Permit) -> Hop:
        if permit.resource.type in types.LOAD_BALANCER:
            return Hop(permit.resource, "its listeners", f"no security group on {permit.resource.name}")
        return Hop(permit.resource, permit.traffic, f"{permit.resource.name} ({self._land.groups.name_of(permit)})")
