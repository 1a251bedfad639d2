"""Cheaper alternatives: a NAT in place of interface endpoints.

Interface endpoints are paid by the hour and by the zone, so a few cost more than a way out to everything.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.network.endpoints import is_interface, parse_service
from ..facts import defaults
from ..graph import Graph, Resource
from ..graph.graph import group_pairs
from ..graph.prose import join_names
from ..graph.reading import as_text, find_referenced, get_declared_input
from .charge import charge_hourly, charge_monthly
from .prices import Prices

_ONLY_INSIDE: Final = ("execute-api",)
"""Services that are called through an endpoint for its own sake: a private API is reached in no other way."""


def describe_dearer_endpoints(amounts: Iterable[tuple[Resource, float]], graph: Graph, prices: Prices) -> Iterator[str]:
    """A sentence for each region whose interface endpoints cost more than a NAT there, by the table's prices.

    `amounts` are dollars a month, each with the resource that they are for. If the VPC has a NAT, the sentence names
    that one.
    """
    by_region = group_pairs(
        (resource.region, (resource, dollars))
        for resource, dollars in amounts
        if resource.type in types.ENDPOINT and is_interface(resource) and parse_service(resource) not in _ONLY_INSIDE
    )
    with_nat = set(_list_vpcs_with_nat(graph))
    for region, endpoints in by_region.items():
        endpoint_sum = sum(dollars for _, dollars in endpoints)
        services = sorted({parse_service(resource) for resource, _ in endpoints})
        bill = f"interface endpoints ({', '.join(services)}): ${endpoint_sum:,.2f} a month"
        if {as_text(get_declared_input(resource, "vpcId")) for resource, _ in endpoints} <= with_nat:
            yield f"{bill}; the VPC's NAT reaches the same without them"
            continue
        cheaper = [f"{name} for ${usd:,.2f}" for name, usd in _price_nats(region, prices).items() if usd < endpoint_sum]
        if cheaper:
            through = join_names(cheaper)
            yield f"{bill}; through {through} the same is reachable, but so is every other host of the internet"


def _list_vpcs_with_nat(graph: Graph) -> Iterator[str]:
    """IDs of VPCs with a route to a NAT gateway, or to the interface of an instance."""
    for route in graph.list_by_type(*types.ROUTE):
        if (
            get_declared_input(route, "natGatewayId") is not None
            or get_declared_input(route, "networkInterfaceId") is not None
        ):
            for table in find_referenced(graph, route, "routeTableId", types=types.ROUTE_TABLE):
                yield as_text(get_declared_input(table, "vpcId"))


def _price_nats(region: str, prices: Prices) -> dict[str, float]:
    """A month of each kind of NAT with its public address, where the table has all of its prices."""
    address = charge_hourly("public-ipv4")
    parts = {
        f"a NAT instance ({defaults.NAT_INSTANCE_TYPE})": [
            charge_hourly(f"ec2-{defaults.NAT_INSTANCE_TYPE}"),
            charge_monthly("ebs-gp3", defaults.NAT_INSTANCE_DISK_GIB),
            address,
            charge_monthly("alarm", defaults.NAT_INSTANCE_ALARMS),
            charge_monthly("custom-metric"),
        ],
        "a NAT gateway": [charge_hourly("nat-gateway"), address],
    }
    sums: dict[str, float] = {}
    for name, charges in parts.items():
        prices_of_charges = [(prices.find_price(charge.item, region), charge.quantity) for charge in charges]
        known = [
            price.compute_amount(quantity)
            for price, quantity in prices_of_charges
            if price is not None and quantity is not None
        ]
        if len(known) == len(prices_of_charges):
            sums[name] = sum(known)
    return sums
