"""Peerings: whether packets of one VPC get to another."""

from typing import Final

from ...graph import Resource
from ...graph.addresses import covers
from ...graph.answers import any_of
from ...graph.given import given, named, of_any
from ...graph.reading import naming
from ..catalog import types
from .route import Gateway, Route
from .routes import Routing

_PEERS: Final = ("vpcId", "peerVpcId")
_ACCEPTER: Final = "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter"
_VPC_PEERING: Final = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection"


def is_joined(routing: Routing, vpc: Resource) -> bool | None:
    """Whether the VPC is peered with, or attached to, other networks. None if that is not known."""
    if any(naming(routing.graph, vpc, types.PEERING, key) for key in _PEERS):
        return True
    strays = any(of_any(routing.graph, types.PEERING, key, types=types.VPC) for key in _PEERS)
    return None if strays or routing.graph.may_lack(*types.PEERING) else False


def joins(routing: Routing, here: Resource, there: Resource) -> bool | None:
    """Whether packets of a subnet get to a subnet of another VPC, by a route to it. None if that is not known."""
    owner, other = routing.vpc(here), routing.vpc(there)
    ranges = routing.cidrs(there)
    if owner is None or other is None or not ranges:
        return None
    answers = [
        _crosses(routing, route, owner, other)
        for route in routing.routes(routing.table(here))
        if route.gateway in (Gateway.PEERING, Gateway.UNKNOWN)
        and (not route.destination or any(covers(route.destination, cidr) is not False for cidr in ranges))
    ]
    return any_of(answers) if answers or routing.knows_routes(here) else None


def _crosses(routing: Routing, route: Route, owner: Resource, other: Resource) -> bool | None:
    """Whether a route leads from one VPC to another: by an accepted peering of the two. None if not known."""
    by = route.target
    if by is None or not route.destination or by.type != _VPC_PEERING:
        return None
    ends = [named(routing.graph, by, key, types=types.VPC) for key in _PEERS]
    if any(not end.some() for end in ends):
        return None
    if {resource.urn for end in ends for resource in end.some()} != {owner.urn, other.urn}:
        return False
    accepters = naming(routing.graph, by, (_ACCEPTER,), "vpcPeeringConnectionId")
    return True if any(given(resource, "autoAccept").flag(absent=False) for resource in (by, *accepters)) else None
