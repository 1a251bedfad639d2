"""Do packets arrive? Routes that end nowhere, and settings that fight each other."""

from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.network.route import Family
from ..graph import Resource
from ..graph.addresses import ANYWHERE
from ..reach import Reach
from .registry import Severity, rule


@rule("ROUTE-01", Severity.HIGH, on=types.ROUTE_TABLE)
def default_route_leads_out(reach: Reach, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """The target of a default route forwards packets.

    Why: Packets into a black hole are dropped without a word: boot scripts hang, and updates with them.
    Remedy: Attach the NAT instance's interface, turn its source/destination check off, and put the NAT where the
    internet gateway is routed to.
    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
    """
    for route in reach.model.network.routes(resource.urn):
        for family in Family:
            if route.destination == family.anywhere and (reason := reach.outbound.routes.obstacle(route, family)):
                yield route.resource, reason


@rule("ROUTE-05", Severity.MEDIUM, on=types.MACHINES)
def ipv6_is_let_out(reach: Reach, resource: Resource) -> Iterator[str]:
    """A machine with IPv6 egress may use it by its security group.

    Why: A rule for 0.0.0.0/0 does not cover IPv6, which is tried first where a name has both.
    Remedy: Give the group the same egress rule for ::/0.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """
    node = reach.model.nodes.of(resource)
    routed = any(reach.model.network.default_route(subnet, Family.IPV6) for subnet in node.subnets)
    if not routed or not reach.model.groups.can_tell(*node.groups, inward=False):
        return
    permits = reach.model.groups.egress(*node.groups)
    families = {permit.cidr for permit in permits if permit.cidr in ANYWHERE}
    if Family.IPV4.anywhere in families and Family.IPV6.anywhere not in families:
        yield f"{resource.name} has a route out over IPv6, and its groups let nothing out there"
