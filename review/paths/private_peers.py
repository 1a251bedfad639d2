"""Outbound connections to private servers that the graph does not hold: members of a group, or addresses of a range."""

from collections.abc import Iterator

from ..aws.model.model import AwsModel
from ..aws.network.nodes import Node
from ..aws.network.security_groups import AllowRule
from ..graph import Resource
from ..graph.addresses import ANYWHERE, covers
from ..graph.answers import YES, Answer, Truth, combine_answers, make_doubt, refuse
from ..graph.reading import describe_range
from .connections import Connections
from .path import Hop, PartialPath, Path

_PRIVATE = "10.0.0.0/8"


class PrivatePeers:
    """Follows the egress rules of a node to groups and ranges of servers that no resource of the graph is."""

    def __init__(self, model: AwsModel, connections: Connections) -> None:
        self._model, self._connections = model, connections

    def list_paths(self, start: PartialPath, node: Node) -> Iterator[Path]:
        """One for each rule. Members of a group that the graph holds have paths of their own."""
        for rule in self._model.groups.list_egress(*node.groups):
            if rule.group and not self._model.nodes.list_in_group(rule.group):
                hop, answer = self._to_group(node, rule)
                target = self._model.groups.keys.name(rule.group)
                outside = self._model.groups.keys.find_resource(rule.group) is None
                target += " (outside this stack)" if outside else ""
            elif rule.cidr and self._model.network.is_inside(rule.cidr):
                hop, answer = self._to_range(node, rule)
                target = describe_range(self._model.graph, rule.cidr)
            else:
                continue
            yield start.add_hop(hop, answer).end(target, node.resource)

    def _to_group(self, node: Node, rule: AllowRule) -> tuple[Hop, Answer]:
        """Whether the group admits the node. Both are in one VPC, or AWS refuses the rule."""
        groups = self._model.groups
        name, own = groups.keys.name(rule.group), " and ".join(map(groups.keys.name, node.groups))
        admitting = [
            permit
            for permit in groups.list_ingress(rule.group)
            if permit.overlaps(rule) and (permit.group in node.groups or not permit.group)
        ]
        into: Answer = YES
        if not admitting:
            unclear = "" if groups.can_tell(rule.group, inward=True) else f"whether {name} admits {own}"
            because = (*node.group_evidence, *groups.list_evidence(rule.group, inward=True))
            into = refuse(f"{name} admits no {rule.traffic} from {own}", because, unclear)
        elif all(permit.group not in node.groups for permit in admitting):
            into = make_doubt(f"whether {admitting[0].resource.name} admits {own}")
        ranges = [cidr for vpc in self._model.nodes.list_vpcs(node) for cidr in self._model.network.list_cidrs(vpc)]
        return self._make_hop(rule), combine_answers(into, self._check_acls(node, rule, (ranges or [_PRIVATE])[0]))

    def _to_range(self, node: Node, rule: AllowRule) -> tuple[Hop, Answer]:
        """Whether a route leads to the range. The servers there decide whether they admit the node."""
        network, name = self._model.network, describe_range(self._model.graph, rule.cidr)
        led = {self._leads_to(subnet, rule.cidr) for subnet in node.subnets} or {None}
        routed: Answer = YES
        if led == {False}:
            because = [item for subnet in node.subnets for item in network.list_table_evidence(subnet)]
            unclear = f"whether a route leads to {name}" if node.may_be_in_unread_subnet else ""
            reason = f"no route leads to {name} out of the subnets of {self._model.names.find(node.resource)}"
            routed = refuse(reason, (*node.subnet_evidence, *because), unclear)
        elif True not in led:
            routed = make_doubt(f"whether a route leads to {name}")
        there = make_doubt(f"whether the servers in {name} admit it")
        return self._make_hop(rule), combine_answers(routed, self._check_acls(node, rule, rule.cidr), there)

    def _leads_to(self, subnet: Resource, cidr: str) -> Truth:
        """As `leads_to` of the network. None as well for a default route: what lies behind it is not known."""
        network = self._model.network
        leads = network.leads_to(subnet, cidr)
        vpc, routes = network.find_vpc(subnet), network.list_routes(network.find_table(subnet))
        ranges = [*(network.list_cidrs(vpc) if vpc else ()), *(route.destination for route in routes)]
        is_named = any(covers(wide, cidr) for wide in ranges if wide not in ("", *ANYWHERE))
        return leads if is_named or not leads else None

    def _check_acls(self, node: Node, rule: AllowRule, cidr: str) -> Answer:
        return self._connections.leaves_subnets(node.subnets, cidr, rule.first if rule.first == rule.last else None)

    def _make_hop(self, rule: AllowRule) -> Hop:
        return Hop(rule.resource, rule.traffic, self._connections.name_rule(rule))
