"""Routing of packets: subnets, their route tables, and the gateways that are targets of routes.

https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
"""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource, reveal
from ...graph.addresses import admits_internet, count_public_addresses, covers, is_private
from ...graph.answers import Truth
from ...graph.evidence import (
    Evidence,
    get_deployed_input,
    get_deployed_inputs,
    get_list,
    is_declared,
    list_references,
    list_with_unknown_owner,
    make_reference_evidence,
    make_type_evidence,
    resolve_references,
)
from ...graph.reading import as_list, as_text, find_first_referenced, find_referring, get_output, list_dependencies
from ..catalog import types
from .route import Family, Gateway, Route, leaves_by_gateway

TARGETS: Final[Mapping[str, tuple[Gateway, tuple[str, ...]]]] = {
    "natGatewayId": (Gateway.NAT, types.NAT_GATEWAY),
    "networkInterfaceId": (Gateway.INTERFACE, (*types.INTERFACE, *types.INSTANCE)),
    "egressOnlyGatewayId": (Gateway.EGRESS_ONLY, types.EGRESS_ONLY_GATEWAY),
    "vpcPeeringConnectionId": (Gateway.PEERING, ()),
    "transitGatewayId": (Gateway.PEERING, ()),
    "coreNetworkArn": (Gateway.PEERING, ()),
    "vpcEndpointId": (Gateway.ENDPOINT, types.ENDPOINT),
    "gatewayId": (Gateway.INTERNET, (*types.INTERNET_GATEWAY, *types.NAT_GATEWAY)),
    "carrierGatewayId": (Gateway.OTHER, ()),
    "localGatewayId": (Gateway.OTHER, ()),
}
"""Target inputs of a route, which has exactly one, each with the kind of gateway and the types of the target."""


class Routing:
    """Subnets and routes of a graph.

    A table's key is its URN, the VPC's with `#main` for a main one that the program does not declare, or the id of a
    table that the graph does not hold.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._routes: dict[str, list[Route]] = defaultdict(list)
        links = (link for link in graph.list_by_type(*types.ROUTE_TABLE_ASSOCIATION) if not link.existing)
        subnets = (list_references(graph, link, "subnetId", types=types.SUBNET) for link in links)
        self._has_unresolved_link = not all(subnet.is_complete for subnet in subnets)
        """Whether a route or an association is of a table or subnet that does not resolve: it may be the main table of
        any VPC, or any subnet that has it."""
        unresolved = list_with_unknown_owner(graph, types.ROUTE, "routeTableId", types=types.ROUTE_TABLE)
        for table in graph.list_by_type(*types.ROUTE_TABLE):
            for entry in as_list(get_deployed_input(table, "routes")):
                if isinstance(entry, Mapping):
                    self._add(table.urn, table, entry, ("cidrBlock", "ipv6CidrBlock"))
        for route in graph.list_by_type(*types.ROUTE):
            for table_key in self.list_tables(route):
                held_table = graph.resources.get(table_key.partition("#")[0])
                self._has_unresolved_link |= held_table is None or held_table.existing
                self._add(
                    table_key, route, get_deployed_inputs(route), ("destinationCidrBlock", "destinationIpv6CidrBlock")
                )
        self._routes_of_any_table = [line for route in unresolved for line in self.list_declared(route)]
        """Routes that may be of any table."""

    def find_vpc(self, subnet: Resource) -> Resource | None:
        """The VPC of a subnet, or of anything with a `vpcId`, where the graph holds it."""
        return find_first_referenced(self.graph, subnet, "vpcId", types=types.VPC)

    def list_cidrs(self, resource: Resource) -> list[str]:
        """The known ranges of a subnet or VPC, of both families."""
        return [
            *filter(None, (as_text(get_deployed_input(resource, key) or get_output(resource, key)) for key in _RANGES))
        ]

    def is_inside(self, cidr: str) -> bool:
        """Whether only machines inside have the addresses of a range: it is private, or in a VPC's own range.

        https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
        """
        own = (cidr for vpc in self.graph.list_by_type(*types.VPC) for cidr in self.list_cidrs(vpc))
        return is_private(cidr) or any("." in wide and covers(wide, cidr) for wide in own)

    def find_table(self, subnet: Resource) -> str:
        """Key of the subnet's route table: the one it names, else the VPC's main one, else nothing."""
        if subnet.urn in self.links:
            return self.links[subnet.urn][1]
        vpc = self.find_vpc(subnet)
        return f"{vpc.urn}#main" if vpc is not None else ""

    def list_routes(self, table: str) -> list[Route]:
        """The routes of a table besides the local one."""
        return self._routes.get(table, [])

    def list_declared(self, resource: Resource) -> list[Route]:
        """The routes that a Route declares, or a table inline."""
        return [route for routes in self._routes.values() for route in routes if route.resource is resource]

    def find_default_route(self, subnet: Resource, family: Family) -> Route | None:
        """The route of a subnet to the internet: the default route, or the widest of several that cover it together."""
        routes, version = self.list_routes(self.find_table(subnet)), family.version
        together = count_public_addresses([route.destination for route in routes], version)
        if not admits_internet({version: together}):
            return None
        return max(routes, key=lambda route: count_public_addresses([route.destination], version))

    def is_public(self, subnet: Resource, family: Family = Family.IPV4, peer: str = "", whole: str = "") -> Truth:
        """Whether packets to a range of the internet leave by an internet gateway. None if that is not known.

        By default the range is the whole internet. A part of it is enough. The longest matching route decides. `whole`
        is the range that the question is about if the peer is an address of it.
        """
        routes, destination = self.list_routes(self.find_table(subnet)), peer or family.anywhere
        if answer := leaves_by_gateway(routes, destination, whole):
            certain = self._has_table(subnet) and leaves_by_gateway(
                [*routes, *self._routes_of_any_table], destination, whole
            )
            return True if certain else None
        return answer if self.has_all_routes(subnet) else None

    def leads_to(self, subnet: Resource, cidr: str) -> Truth:
        """Whether packets from a subnet go to any of a private range: in its VPC, or by a route. None if not known."""
        vpc = self.find_vpc(subnet)
        ranges = [
            *(self.list_cidrs(vpc) if vpc else ()),
            *(route.destination for route in self.list_routes(self.find_table(subnet))),
        ]
        if any(covers(destination, cidr) is not False for destination in ranges if destination):
            return True
        own = vpc is not None and as_text(get_deployed_input(vpc, "cidrBlock"))
        known = own and all(ranges) and self.has_all_routes(subnet) and not self._has_propagated_routes
        return False if known else None

    @functools.cached_property
    def _has_propagated_routes(self) -> bool:
        """Whether a virtual private gateway adds routes that the graph does not show."""
        return any(
            get_deployed_input(table, "propagatingVgws") for table in self.graph.list_by_type(*types.ROUTE_TABLE)
        )

    def has_internet_gateway(self, vpc: Resource) -> Truth:
        """Whether an internet gateway is attached to the VPC. None for a VPC that this graph does not make."""
        if find_referring(self.graph, vpc, types.INTERNET_GATEWAY, "vpcId"):
            return True
        gateways = list_with_unknown_owner(self.graph, types.INTERNET_GATEWAY, "vpcId", types=types.VPC)
        return None if gateways or vpc.existing else False

    def has_all_routes(self, subnet: Resource) -> bool:
        """Whether the graph has all routes of the subnet, which it lacks if the table is only read or unnamed."""
        key = self.find_table(subnet)
        table = self.graph.resources.get(key.partition("#")[0])
        if table is None or (table.existing and "routes" not in table.read):
            return False
        if self._routes_of_any_table:
            return False
        return self._has_table(subnet) and ("#" in key or get_list(table, "routes").is_complete)

    def may_lead_to_subnet(self, here: Resource, there: Resource) -> bool:
        """Whether a route of a subnet may carry packets to a subnet of another VPC. Peerings are not read."""
        ranges = self.list_cidrs(there)
        if not ranges or not self.has_all_routes(here):
            return True
        outward = (Gateway.PEERING, Gateway.UNKNOWN)
        destinations = [
            route.destination for route in self.list_routes(self.find_table(here)) if route.gateway in outward
        ]
        return "" in destinations or any(covers(wide, cidr) is not False for wide in destinations for cidr in ranges)

    def list_table_evidence(self, subnet: Resource) -> Iterator[Evidence]:
        """Evidence that the subnet has this table, and the table no other routes."""
        if not self.has_all_routes(subnet):
            yield UNKNOWN
            return
        table = self.graph.resources.get(self.find_table(subnet))
        if subnet.urn in self.links:
            link, _ = self.links[subnet.urn]
            yield list_references(self.graph, link, "subnetId", types=types.SUBNET).as_evidence()
            yield list_references(self.graph, link, "routeTableId", types=types.ROUTE_TABLE).as_evidence()
        else:
            yield list_references(self.graph, subnet, "vpcId", types=types.VPC).as_evidence()
            yield from map(make_type_evidence, filter(None, [self.find_vpc(subnet)]))
        yield make_type_evidence(subnet) if table is None else get_list(table, "routes").as_evidence()

    def list_evidence_without_gateway(self, subnet: Resource, family: Family, peer: str = "") -> Iterator[Evidence]:
        """Evidence that `is_public` is not true."""
        yield from self.list_table_evidence(subnet)
        routes, destination = self.list_routes(self.find_table(subnet)), peer or family.anywhere
        for route in (route for route in routes if route.resource.type not in types.ROUTE_TABLE):
            others = [other for other in routes if other is not route]
            partly_known = replace(route, destination=""), replace(route, gateway=Gateway.UNKNOWN)
            for key, unknown in zip(route.inputs, partly_known, strict=True):
                if leaves_by_gateway([*others, unknown], destination) is not False:
                    _, kinds = TARGETS.get(key, (None, ()))
                    yield make_reference_evidence(self.graph, route.resource, key, types=kinds)

    def list_evidence_without_default_route(self, subnet: Resource) -> Iterator[Evidence]:
        """Evidence that `find_default_route` finds no route."""
        yield from self.list_table_evidence(subnet)
        for route in self.list_routes(self.find_table(subnet)):
            if not route.destination:
                yield UNKNOWN
            elif route.resource.type not in types.ROUTE_TABLE:
                yield make_reference_evidence(self.graph, route.resource, route.inputs[0], types=())

    def _has_table(self, subnet: Resource) -> bool:
        """Whether no association that the graph does not show gives the subnet another table."""
        return subnet.urn in self.links or not (subnet.existing or self._has_unresolved_link)

    def list_tables(self, resource: Resource, key: str = "routeTableId") -> list[str]:
        """Keys of the tables that a resource names; ids, or a key for unknown ones, if the graph holds none."""
        resources, unknown_ids, known = resolve_references(self.graph, resource, (key,), types.ROUTE_TABLE)
        mains = ((table_id, self._main_ids.get(table_id)) for table_id in filter(None, unknown_ids))
        keys = [*(table.urn for table in resources), *(f"{main.urn}#main" if main else table for table, main in mains)]
        return keys or [f"an unknown table of {resource.name}"] * (not known)

    def _add(self, table: str, resource: Resource, entry: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        destination = next((written for key in keys if (written := as_text(entry.get(key)))), "")
        for key, (gateway, kinds) in TARGETS.items():
            value = reveal(entry.get(key))
            if value is None or value in ("", "local"):
                continue
            known = is_declared(resource, "routes" if resource.type in types.ROUTE_TABLE else key)
            target = self._find_target(resource, key, value, kinds) if known else None
            kind = _resolve_gateway(gateway, value, target) if known else Gateway.UNKNOWN
            inline = resource.type in types.ROUTE_TABLE
            chosen = next((name for name in keys if entry.get(name) is not None), "destinationPrefixListId")
            inputs = ("routes", "routes") if inline else (chosen, key)
            self._routes[table].append(Route(resource, destination, kind, target, inputs))
            return

    def _find_target(self, resource: Resource, key: str, value: Any, kinds: tuple[str, ...]) -> Resource | None:
        if value is not UNKNOWN:
            return self.graph.find(value, *kinds) or self.instance_by_interface_id.get(as_text(value))
        resources = list_dependencies(self.graph, resource, key) or list_dependencies(self.graph, resource, "routes")
        # An interface depends on the instance that holds it, so the first kind wins.
        by_kind = {other.type: other for other in reversed(resources)}
        return next((by_kind[kind] for kind in kinds if kind in by_kind), None)

    @functools.cached_property
    def instance_by_interface_id(self) -> dict[str, Resource]:
        """By the id of an interface that AWS made with an instance, the instance."""
        machines = self.graph.list_by_type(*types.INSTANCE)
        return {
            own: machine for machine in machines if (own := as_text(get_output(machine, "primaryNetworkInterfaceId")))
        }

    @functools.cached_property
    def links(self) -> dict[str, tuple[Resource, str]]:
        """By subnet, the association that gives it a table, and the table's key."""
        links: dict[str, tuple[Resource, str]] = {}
        for link in self.graph.list_by_type(*types.ROUTE_TABLE_ASSOCIATION):
            subnets = list_references(self.graph, link, "subnetId", types=types.SUBNET).known
            for table in self.list_tables(link):
                links |= {subnet.urn: (link, table) for subnet in subnets}
        return links

    @functools.cached_property
    def _main_ids(self) -> dict[str, Resource]:
        """By the id that a VPC gives of its main table, the VPC."""
        keys = ("defaultRouteTableId", "mainRouteTableId")
        vpcs = self.graph.list_by_type(*types.VPC)
        return {written: vpc for vpc in vpcs for key in keys if (written := as_text(get_output(vpc, key)))}


_RANGES: Final = ("cidrBlock", "ipv6CidrBlock")


def _resolve_gateway(gateway: Gateway, value: Any, target: Resource | None) -> Gateway:
    """`gatewayId` takes several kinds: a NAT gateway works there too, and a VPN gateway is another network."""
    if gateway is not Gateway.INTERNET:
        return gateway
    if target is not None:
        return Gateway.NAT if target.type in types.NAT_GATEWAY else Gateway.INTERNET
    if value is UNKNOWN:
        return Gateway.UNKNOWN
    return {"igw-": Gateway.INTERNET, "vgw-": Gateway.PEERING}.get(str(value)[:4], Gateway.OTHER)
