"""Whether packets of one VPC get to another: by a route, whose peering or gateway the review does not read."""

from ...graph import Resource
from ...graph.addresses import covers
from .route import Gateway, Route
from .routes import Routing


def joins(routing: Routing, here: Resource, there: Resource) -> bool | None:
    """False if no route of a subnet leads to a subnet of another VPC. None if one may."""
    ranges = routing.cidrs(there)
    if not ranges or not routing.knows_routes(here):
        return None
    return None if any(_may_lead(route, ranges) for route in routing.routes(routing.table(here))) else False


def _may_lead(route: Route, ranges: list[str]) -> bool:
    is_other = route.gateway in (Gateway.PEERING, Gateway.UNKNOWN)
    return is_other and (not route.destination or any(covers(route.destination, cidr) is not False for cidr in ranges))
