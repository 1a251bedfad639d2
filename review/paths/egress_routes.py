"""The egress of packets out of a subnet: by its default route, through the gateway that the route names."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Final

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..aws.network.nodes import Node
from ..aws.network.route import Family, Gateway, Route
from ..graph import Resource
from ..graph.answers import YES, Answer, Answered, No, combine_answers, make_doubt, rank, refuse
from ..graph.evidence import Evidence, get_deployed_input, list_references, make_input_evidence, read_flag
from ..graph.reading import as_text
from .connections import Connections
from .path import Hop

_CUT_OFF: Final = " itself has no way to the internet"


def sends_ipv6(model: AwsModel, caller: Resource) -> Answer:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6"""
    path = ("vpcConfig", "ipv6AllowedForDualStack")
    if caller.type not in types.FUNCTION or read_flag(caller, *path, absent=False):
        return YES
    because = [make_input_evidence(caller, *path)]
    return refuse(f"{model.names.find(caller)} sends no IPv6 without ipv6AllowedForDualStack", because)


@dataclass(frozen=True, kw_only=True)
class Egress(Answered):
    """How a node leaves its VPC in one family of addresses."""

    hops: tuple[Hop, ...] = ()


class EgressRoutes:
    """Follows the default routes of subnets."""

    def __init__(self, model: AwsModel, connections: Connections) -> None:
        self._model, self._connections = model, connections

    def find_obstacle(self, route: Route, family: Family) -> str:
        """Why packets on a default route do not leave, for every sender; empty if they do."""
        if route.gateway is Gateway.NAT:
            return self._check_nat(family, route).blocked_by
        return self._check_interface(family, route).blocked_by if route.gateway is Gateway.INTERFACE else ""

    def from_subnet(
        self, node: Node, subnet: Resource, family: Family, port: int | None = None, cidr: str = ""
    ) -> Egress:
        """How a node leaves by the default route of one of its subnets, and past the subnet's network ACL."""
        egress = self._check_default_route(node, subnet, family)
        acl = self._connections.leaves_subnets([subnet], cidr or family.anywhere, port) if egress.open else YES
        return replace(
            egress, answer=combine_answers(egress.answer, acl), hops=() if isinstance(acl, No) else egress.hops
        )

    def to_public_address(self, node: Node, address: str, port: int) -> Answer:
        """Whether a route of one of the node's subnets leads to a public address."""
        answers = [self._to_address(node, subnet, address, port) for subnet in node.subnets]
        best = min(answers, key=rank, default=None)
        if best is None or (isinstance(best, No) and node.may_be_in_unread_subnet):
            return make_doubt(f"whether a route leads to {address}")
        return best

    def _to_address(self, node: Node, subnet: Resource, address: str, port: int) -> Answer:
        family, network = Family.from_cidr(address), self._model.network
        cidr = f"{address}/{ip_address(address).max_prefixlen}"
        answer = self.from_subnet(node, subnet, family, port, cidr).answer
        # A narrower route may lead there, such as one to the network of a company.
        narrower = network.find_default_route(subnet, family) is None and network.leads_to(subnet, cidr) is not False
        return make_doubt(f"whether a route leads to {address}") if isinstance(answer, No) and narrower else answer

    def _check_default_route(self, node: Node, subnet: Resource, family: Family) -> Egress:
        route = self._model.network.find_default_route(subnet, family)
        if route is None and not self._model.network.has_all_routes(subnet):
            return Egress(answer=make_doubt(f"not all routes of {subnet.name} are known"))
        if route is None:
            reason = f"no {family.value} route leads out of the subnets of {self._model.names.find(node.resource)}"
            return Egress(answer=refuse(reason, self._model.network.list_evidence_without_default_route(subnet)))
        return self._check_route(node, family, route)

    def _check_route(self, node: Node, family: Family, route: Route) -> Egress:
        if route.gateway in (Gateway.INTERNET, Gateway.EGRESS_ONLY):
            if node.has_public_address(family) is False:
                reason = f"{self._model.names.find(node.resource)} has no public {family.value} address for the gateway"
                return Egress(answer=refuse(reason, node.list_private_evidence(family)))
            outer = route.target if route.gateway is Gateway.EGRESS_ONLY else None
            return Egress(hops=(Hop(outer, "", route.resource.name, self._model.names.find(outer)),) if outer else ())
        if route.gateway is Gateway.NAT:
            return self._check_nat(family, route)
        if route.gateway is Gateway.INTERFACE:
            return self._check_interface(family, route)
        # The network behind a peering or a transit gateway decides whether packets go on to the internet.
        answer = make_doubt(f"where {route.resource.name} leads")
        return Egress(hops=(Hop(route.target, route.gateway.value, route.resource.name),), answer=answer)

    def _check_nat(self, family: Family, route: Route) -> Egress:
        gateway = route.target
        if gateway is None:
            return Egress(hops=(Hop(None, "", route.resource.name, "a NAT gateway outside this stack"),))
        name = self._model.names.find(gateway)
        subnets = list_references(self._model.graph, gateway, "subnetId", types=types.SUBNET)
        vpc = (
            self._model.network.find_vpc(gateway)
            if as_text(get_deployed_input(gateway, "availabilityMode")) == "regional"
            else None
        )
        if as_text(get_deployed_input(gateway, "connectivityType")) == "private":
            lacking = make_input_evidence(gateway, "connectivityType")
        elif vpc is not None and self._model.network.has_internet_gateway(vpc) is False:
            lacking = make_input_evidence(gateway, "availabilityMode")
        else:
            past = self._connections.leaves_subnets(subnets.known, family.anywhere, None)
            past = combine_answers(self._to_internet(name, subnets.known, family, subnets.as_evidence()), past)
            return Egress(hops=(Hop(gateway, "", route.resource.name, name),), answer=past)
        return Egress(answer=refuse(f"{name}{_CUT_OFF}", (lacking,)))

    def _to_internet(self, name: str, subnets: Sequence[Resource], family: Family, *placed: Evidence) -> Answer:
        """Whether an internet gateway may be routed to any of the subnets; none are known is a maybe."""
        if not subnets or any(self._model.network.is_public(subnet, family) is not False for subnet in subnets):
            return YES
        evidence = [*placed]
        for subnet in subnets:
            evidence += self._model.network.list_evidence_without_gateway(subnet, family)
        return refuse(f"{name}{_CUT_OFF}", evidence)

    def _check_interface(self, family: Family, route: Route) -> Egress:
        """A NAT instance: attached, forwarding, with a public address in a public subnet."""
        card = route.target
        if card is None:
            return Egress(hops=(Hop(None, "", route.resource.name, "a network interface outside this stack"),))
        name, attachments = self._model.names.find(card), self._model.nodes.attachments
        machine = attachments.find_instance(card)
        # A scaling group's machine may attach the interface at boot.
        groups = self._model.graph.list_by_type(*types.LAUNCH_TEMPLATE, *types.SCALING_GROUP)
        by_group = machine is None and bool(groups)
        if machine is None and not by_group:
            reason = f"the route ends at {card.name}, which no instance holds: a black hole"
            return Egress(answer=refuse(reason, attachments.list_unattached_evidence(card)))
        if read_flag(card, "sourceDestCheck", absent=True) is not False:
            reason = f"{card.name} drops what is not its own: source/destination check is on"
            return Egress(answer=refuse(reason, [make_input_evidence(card, "sourceDestCheck")]))
        node = self._model.nodes.find(machine or card)
        answer = self._to_internet(name, node.subnets, family, *node.subnet_evidence)
        # A machine that attaches the interface may associate an Elastic IP with it as well.
        if node.has_public_address(family) is False and not by_group:
            answer = combine_answers(
                answer, refuse(f"{name} has no public {family.value} address", node.list_private_evidence(family))
            )
        past = self._connections.leaves_subnets(node.subnets, family.anywhere, None)
        answer = combine_answers(
            answer, past, make_doubt(f"whether a machine attaches {card.name} at boot" if by_group else "")
        )
        return Egress(hops=(Hop(card, "", route.resource.name, name),), answer=answer)
