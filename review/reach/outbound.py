"""What machines and functions can call themselves: the internet through which gateway, and AWS through endpoints."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ..aws import types
from ..aws.endpoints import is_gateway, service_of
from ..aws.iam import statements
from ..aws.model import AwsModel
from ..aws.nodes import Node
from ..aws.routes import Family, Gateway, Route
from ..aws.security_groups import AllowRule
from ..graph import Resource
from ..graph.addresses import covers
from ..graph.reading import CannotTell, MalformedDocument, items, peek, pointed, text
from .connections import Connections
from .partial_path import PartialPath
from .path import Hop, Kind, Path

_HTTPS = 443


@dataclass(frozen=True)
class WayOut:
    """How a node leaves its VPC in one family: the hops, or what stops it."""

    family: Family
    hops: tuple[Hop, ...] = ()
    blocked_by: str = ""
    uncertainty: str = ""

    @property
    def is_open(self) -> bool:
        return not self.blocked_by


class Outbound:
    """Answers for the nodes of a model."""

    def __init__(self, model: AwsModel, connections: Connections) -> None:
        self._model = model
        self._connections = connections

    def paths(self, node: Node) -> Iterator[Path]:
        """To the internet in each family, and to AWS through endpoints; one closed path where there is no way out."""
        start = PartialPath(source=self._model.names.of(node.resource), origin=node.resource, kind=Kind.OUTBOUND)
        if not node.interfaces:
            if node.resource.type in types.FUNCTION:
                yield start.then(Hop(None, "Lambda's own network", "outside any VPC")).end("internet (IPv4)")
            return
        ways = [self.way_out(node, family) for family in Family]
        for way in ways:
            if way.is_open:
                yield self._walked(start, way).end(f"internet ({way.family.value})", node.resource)
        yield from self._to_endpoints(start, node)
        if not any(way.is_open for way in ways):
            yield start.blocked(ways[0].blocked_by).end("internet", node.resource)

    def way_out(self, node: Node, family: Family, port: int = _HTTPS) -> WayOut:
        """The default route of its subnets, and whether its security groups let `port` out to anywhere."""
        permit, stop, uncertainty = self._let_out(node, family, port)
        if stop:
            return WayOut(family, blocked_by=stop)
        if not node.subnets:
            return WayOut(family, uncertainty="the routes of its subnets are not in this stack")
        results = [self._by_route(node, family, self._model.network.way_out(subnet, family)) for subnet in node.subnets]
        best = next((way for way in results if way.is_open), results[0])
        narrow = permit is not None and not permit.is_everything
        hops = (
            (Hop(permit.resource, permit.traffic, permit.resource.name), *best.hops) if permit and narrow else best.hops
        )
        return WayOut(family, hops, best.blocked_by, uncertainty)

    def endpoints(self, node: Node) -> dict[str, Resource]:
        """Interface endpoints that the node can call, by short service name (`ecr.api`), with private DNS or not."""
        found: dict[str, Resource] = {}
        for vpc in self._model.nodes.vpcs(node):
            for peer in self._interface_endpoints.get(vpc.urn, []):
                service = service_of(peer.resource)
                if service not in found and self._connections.between(node, peer, _HTTPS).is_open:
                    found[service] = peer.resource
        return found

    def gateway_endpoints(self, node: Node) -> dict[str, tuple[Resource, str]]:
        """Gateway endpoints on the node's routes by service (`s3`), each with what stops the node from using it."""
        tables = {self._model.network.table(subnet) for subnet in node.subnets}
        found: dict[str, tuple[Resource, str]] = {}
        for endpoint, on in self._gateways:
            if tables & on:
                found[service_of(endpoint)] = endpoint, self._to_prefix_list(node, endpoint)
        return found

    def services_on(self, table: str) -> set[str]:
        """Services (`s3`) that gateway endpoints on a route table lead to."""
        return {service_of(endpoint) for endpoint, on in self._gateways if table in on}

    def obstacle(self, route: Route, family: Family) -> str:
        """Why what follows a default route gets nowhere, whoever sends it; empty where it gets out."""
        if route.gateway is Gateway.NAT:
            return self._through_nat(family, route).blocked_by
        return self._through_interface(family, route).blocked_by if route.gateway is Gateway.INTERFACE else ""

    def _walked(self, partial: PartialPath, way: WayOut) -> PartialPath:
        for hop in way.hops:
            partial = partial.then(hop)
        return (
            partial.then(Hop(None, "", ""), uncertainty=way.uncertainty)
            if way.uncertainty and not way.hops
            else partial
        )

    def _let_out(self, node: Node, family: Family, port: int) -> tuple[AllowRule | None, str, str]:
        if any(not interface.filtered for interface in node.interfaces):
            return None, "", ""
        groups = node.groups
        permits = [permit for group in groups for permit in self._model.groups.egress(group)]
        wide = [permit for permit in permits if permit.carries("tcp", port) and _is_anywhere(permit, family)]
        if wide:
            return max(wide, key=lambda permit: permit.is_everything), "", ""
        if not groups or not all(map(self._model.groups.can_tell, groups)):
            return None, "", "its security groups are not in this stack"
        names = " and ".join(map(self._model.groups.name, groups))
        return None, f"{names} lets nothing out to the internet", ""

    def _by_route(self, node: Node, family: Family, route: Route | None) -> WayOut:
        name = self._model.names.of(node.resource)
        if route is None:
            return WayOut(family, blocked_by=f"no {family.value} route leads out of the subnets of {name}")
        if route.gateway in (Gateway.INTERNET, Gateway.EGRESS_ONLY):
            public = node.has_public_address(family)
            if public is False:
                return WayOut(family, blocked_by=f"{name} has no public {family.value} address for the gateway")
            target = route.target
            outer = route.gateway is Gateway.EGRESS_ONLY and target is not None
            hops = (Hop(target, "", route.resource.name, self._model.names.of(target)),) if outer and target else ()
            return WayOut(family, hops)
        if route.gateway is Gateway.NAT:
            return self._through_nat(family, route)
        if route.gateway is Gateway.INTERFACE:
            return self._through_interface(family, route)
        return WayOut(family, (Hop(route.target, route.gateway.value, route.resource.name),))

    def _through_nat(self, family: Family, route: Route) -> WayOut:
        if route.target is None:
            return WayOut(family, (Hop(None, "", route.resource.name, "a NAT gateway outside this stack"),))
        name = self._model.names.of(route.target)
        subnets = pointed(self._model.graph, route.target, "subnetId", types=types.SUBNET)
        private = text(peek(route.target, "connectivityType")) == "private"
        if private or (subnets and not any(self._model.network.is_public(subnet, family) for subnet in subnets)):
            return WayOut(family, blocked_by=f"{name} itself has no way to the internet")
        return WayOut(family, (Hop(route.target, "", route.resource.name, name),))

    def _through_interface(self, family: Family, route: Route) -> WayOut:
        """A NAT instance: attached, passing on what is not its own, with a public address in a public subnet."""
        card = route.target
        if card is None:
            return WayOut(family, (Hop(None, "", route.resource.name, "a network interface outside this stack"),))
        name = self._model.names.of(card)
        machine = self._model.nodes.interfaces.instance_of(card)
        if machine is None and not self._attached_by_group(card):
            return WayOut(family, blocked_by=f"the route ends at {card.name}, which no instance holds: a black hole")
        if peek(card, "sourceDestCheck") is not False:
            return WayOut(family, blocked_by=f"{card.name} drops what is not its own: source/destination check is on")
        node = self._model.nodes.of(machine or card)
        if node.has_public_address(family) is False:
            return WayOut(family, blocked_by=f"{name} has no public {family.value} address")
        if node.subnets and not any(self._model.network.is_public(subnet, family) for subnet in node.subnets):
            return WayOut(family, blocked_by=f"{name} itself has no way to the internet")
        return WayOut(family, (Hop(card, "", route.resource.name, name),))

    def _attached_by_group(self, card: Resource) -> bool:
        """Whether a machine may attach the interface itself: a launch template or group whose user data names it."""
        for holder in self._model.graph.of_type(*types.LAUNCH_TEMPLATE, *types.SCALING_GROUP):
            if any(card.urn in urns for urns in holder.property_dependencies.values()):
                return True
        return False

    def _to_endpoints(self, start: PartialPath, node: Node) -> Iterator[Path]:
        for service, (endpoint, stop) in self.gateway_endpoints(node).items():
            label = _admitted(endpoint, service, self._model.graph.account)
            hop = Hop(endpoint, label, endpoint.name, self._model.names.of(endpoint))
            yield start.then(hop, blocked_by=stop).end(service.upper() if service == "s3" else service, node.resource)
        if services := self.endpoints(node):
            first = next(iter(services.values()))
            hop = Hop(first, "tcp 443", first.name, "endpoints")
            yield start.then(hop).end(", ".join(sorted(services)), node.resource)

    def _to_prefix_list(self, node: Node, endpoint: Resource) -> str:
        """Why the node's groups do not let it call the addresses behind a gateway endpoint, if they do not."""
        permits = [permit for group in node.groups for permit in self._model.groups.egress(group)]
        own = text(endpoint.state.get("prefixListId"))
        service = service_of(endpoint).upper()
        for permit in permits:
            named = permit.prefix_list
            same = bool(named) and (named == own or self._model.groups.prefix_list_name(named) == service)
            unknown = bool(named) and not own
            if permit.carries("tcp", _HTTPS) and (same or unknown or _is_anywhere(permit, Family.IPV4)):
                return ""
        if not node.groups or not all(map(self._model.groups.can_tell, node.groups)):
            return ""
        return f"{' and '.join(map(self._model.groups.name, node.groups))} lets out no tcp 443 to {service}"

    @functools.cached_property
    def _interface_endpoints(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for endpoint in self._model.graph.of_type(*types.ENDPOINT):
            node = self._model.nodes.of(endpoint)
            for vpc in self._model.nodes.vpcs(node) if node.interfaces else ():
                found.setdefault(vpc.urn, []).append(node)
        return found

    @functools.cached_property
    def _gateways(self) -> list[tuple[Resource, set[str]]]:
        """Gateway endpoints, each with the route tables that lead to it."""
        found: dict[str, tuple[Resource, set[str]]] = {}
        for endpoint in self._model.graph.of_type(*types.ENDPOINT):
            if is_gateway(endpoint):
                tables = pointed(self._model.graph, endpoint, "routeTableIds", types=types.ROUTE_TABLE)
                found[endpoint.urn] = endpoint, {table.urn for table in tables}
        for link in self._model.graph.of_type(*types.ENDPOINT_ROUTE_TABLE):
            for endpoint in pointed(self._model.graph, link, "vpcEndpointId", types=types.ENDPOINT):
                tables = pointed(self._model.graph, link, "routeTableId", types=types.ROUTE_TABLE)
                found.get(endpoint.urn, (endpoint, set()))[1].update(table.urn for table in tables)
        return list(found.values())


def _is_anywhere(permit: AllowRule, family: Family) -> bool:
    """Whether it admits, if not every address, at least half of them: some write 0.0.0.0/1 and 128.0.0.0/1."""
    half = "0.0.0.0/1" if family is Family.IPV4 else "2000::/3"
    return bool(permit.cidr) and covers(permit.cidr, half) is True


def _admitted(endpoint: Resource, service: str, account: str) -> str:
    """What the policy of an endpoint lets through, in words."""
    everything = {"s3": "any bucket", "dynamodb": "any table"}.get(service, "everything")
    policy = peek(endpoint, "policy")
    if policy is None:
        return everything
    try:
        parsed = list(statements(policy))
    except (CannotTell, MalformedDocument):
        return ""
    allowed = [text(item) for one in parsed if one.get("Effect") == "Allow" for item in items(one.get("Resource"))]
    if "*" in allowed:
        return everything
    if service == "s3":
        buckets = dict.fromkeys(arn.rpartition(":::")[2].partition("/")[0] for arn in allowed)
        return ", ".join(buckets) if len(buckets) <= 2 else f"{len(buckets)} buckets"
    return "this account's only" if allowed and all(f":{account}:" in arn for arn in allowed) else ""
