"""Do packets arrive? Routes that end nowhere, and settings that fight each other."""

from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.network.route import Family
from ..graph import Resource
from ..graph.addresses import ANYWHERE
from ..graph.reading import peek, pointed, text
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
            if route.destination == family.anywhere and (reason := reach.outbound.ways.obstacle(route, family)):
                yield route.resource, reason


@rule("ROUTE-02", Severity.HIGH, on=types.SECURITY_GROUP)
def group_rules_do_not_fight(reach: Reach, resource: Resource) -> Iterator[str]:
    """A security group's rules are all inline, or all apart.

    Why: With both, every update takes the other kind's rules away again: traffic stops at every second deployment.
    Remedy: Take ingress and egress out of the group and declare SecurityGroupIngressRule and SecurityGroupEgressRule.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """
    inline = [permit for _, permit in reach.model.groups.declared_by(resource)]
    ways = [permit for inward in (True, False) for permit in reach.model.groups.of(resource.urn, inward=inward)]
    apart = {permit.resource.name for permit in ways if permit.resource is not resource}
    if inline and apart:
        yield f"{resource.name} has rules inline, and {sorted(apart)[0]} beside them"


@rule("ROUTE-03", Severity.HIGH, on=types.ROUTE_TABLE)
def table_routes_do_not_fight(reach: Reach, resource: Resource) -> Iterator[str]:
    """A route table's routes are all inline, or all apart.

    Why: With both, every update takes the other kind's routes away again.
    Remedy: Take routes out of the table and declare aws.ec2.Route for each.
    https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
    """
    routes = reach.model.network.routes(resource.urn)
    apart = sorted(route.resource.name for route in routes if route.resource is not resource)
    if apart and len(apart) < len(routes):
        yield f"{resource.name} has routes inline, and {apart[0]} beside them"


@rule("ROUTE-05", Severity.MEDIUM, on=types.MACHINES)
def ipv6_is_let_out(reach: Reach, resource: Resource) -> Iterator[str]:
    """A machine with IPv6 egress may use it by its security group.

    Why: A rule for 0.0.0.0/0 does not cover IPv6, which is tried first where a name has both.
    Remedy: Give the group the same egress rule for ::/0.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """
    node = reach.model.nodes.of(resource)
    routed = any(reach.model.network.way_out(subnet, Family.IPV6) for subnet in node.subnets)
    if not routed or not reach.model.groups.can_tell(*node.groups, inward=False):
        return
    permits = reach.model.groups.egress(*node.groups)
    families = {permit.cidr for permit in permits if permit.cidr in ANYWHERE}
    if Family.IPV4.anywhere in families and Family.IPV6.anywhere not in families:
        yield f"{resource.name} has a route out over IPv6, and its groups let nothing out there"


@rule("ROUTE-06", Severity.MEDIUM, on=types.FUNCTION)
def function_is_in_private_subnets(reach: Reach, resource: Resource) -> Iterator[tuple[Resource, str]]:
    """A function in a VPC is in private subnets.

    Why: A function gets no public address, so a public subnet gives it no way to the internet, only the look of one.
    Remedy: Put it into private subnets, with a NAT or endpoints for what it calls.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    for subnet in reach.model.nodes.of(resource).subnets:
        if reach.model.network.is_public(subnet):
            yield subnet, f"{resource.name} is in {subnet.name}, whose internet gateway is of no use to a function"


@rule("ROUTE-07", Severity.HIGH, on=types.NAT_GATEWAY)
def nat_gateway_is_public(reach: Reach, resource: Resource) -> Iterator[str]:
    """A NAT gateway that is to reach the internet is in a public subnet, or regional in a VPC with an internet gateway.

    Why: In a private subnet it has no way out itself, and everything behind it neither.
    Remedy: Put it into a subnet with a default route to an internet gateway, or attach one to a regional one's VPC.
    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html
    """
    if text(peek(resource, "connectivityType")) == "private":
        return
    for subnet in pointed(reach.model.graph, resource, "subnetId", types=types.SUBNET):
        if reach.model.network.is_public(subnet) is False:
            yield f"{resource.name} is in {subnet.name}, which no internet gateway is routed to"
    vpc = reach.model.network.vpc(resource) if text(peek(resource, "availabilityMode")) == "regional" else None
    if vpc is not None and reach.model.network.has_internet_gateway(vpc) is False:
        yield f"{resource.name} is in {vpc.name}, which has no internet gateway"
