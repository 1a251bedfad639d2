"""Grounds for the statement that packets of a subnet have no way out."""

from collections.abc import Iterator
from dataclasses import replace

from ...graph import Resource
from ...graph.given import Gap, Ground, by_type, cited, entries, named
from ..catalog import types
from .route import Family, Gateway, leaves_by_gateway
from .routes import TARGETS, Routing


def without_gateway(routing: Routing, subnet: Resource, family: Family, peer: str = "") -> Iterator[Ground]:
    """Grounds for the statement that `Routing.is_public` is not true."""
    yield from table_grounds(routing, subnet)
    routes, destination = routing.routes(routing.table(subnet)), peer or family.anywhere
    for route in (route for route in routes if route.resource.type not in types.ROUTE_TABLE):
        others = [other for other in routes if other is not route]
        blurred = replace(route, destination=""), replace(route, gateway=Gateway.UNKNOWN)
        for key, unknown in zip(route.inputs, blurred, strict=True):
            if leaves_by_gateway([*others, unknown], destination) is not False:
                _, kinds = TARGETS.get(key, (None, ()))
                yield cited(routing.graph, route.resource, key, types=kinds)


def without_way_out(routing: Routing, subnet: Resource) -> Iterator[Ground]:
    """Grounds for the statement that `Routing.way_out` finds no route."""
    yield from table_grounds(routing, subnet)
    for route in routing.routes(routing.table(subnet)):
        if not route.destination:
            yield Gap(f"{route.resource.name}.{route.inputs[0]}")
        elif route.resource.type not in types.ROUTE_TABLE:
            yield cited(routing.graph, route.resource, route.inputs[0], types=())


def table_grounds(routing: Routing, subnet: Resource) -> Iterator[Ground]:
    """Grounds for the statement that the subnet has this table, and the table no other routes."""
    if not routing.knows_routes(subnet):
        yield Gap(f"the routes of {subnet.name}")
        return
    table = routing.graph.resources.get(routing.table(subnet))
    if subnet.urn in routing.links:
        link, _ = routing.links[subnet.urn]
        yield named(routing.graph, link, "subnetId", types=types.SUBNET).ground()
        yield named(routing.graph, link, "routeTableId", types=types.ROUTE_TABLE).ground()
    else:
        yield named(routing.graph, subnet, "vpcId", types=types.VPC).ground()
        yield from map(by_type, filter(None, [routing.vpc(subnet)]))
    yield by_type(subnet) if table is None else entries(table, "routes").ground()
