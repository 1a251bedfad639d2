"""Egress of machines and functions: to the internet through which gateway, to AWS through endpoints."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from ..aws.catalog import types
from ..aws.identity.iam import list_allow_statements
from ..aws.model.model import AwsModel
from ..aws.network.endpoints import format_service, is_gateway, parse_service
from ..aws.network.nodes import Node
from ..aws.network.route import Family
from ..aws.network.security_groups import AllowRule
from ..aws.network.traffic import ALL
from ..facts import endpoint_ports
from ..graph import UNKNOWN, Resource, Unknown
from ..graph.addresses import admits_internet, count_public_addresses
from ..graph.answers import YES, Answer, No, combine_answers, make_doubt, refuse
from ..graph.evidence import get_deployed_input, list_with_unknown_owner, may_reference_any
from ..graph.graph import group_pairs
from ..graph.reading import Doubt, MalformedDocument, as_list, as_text, describe_range
from .connections import Connections
from .egress_routes import Egress, EgressRoutes, sends_ipv6
from .exposure import INTERNET
from .path import Hop, Kind, PartialPath, Path
from .private_peers import PrivatePeers

_HTTPS = 443
ANY_IPV4: Final = f"internet ({Family.IPV4.value})"
OWN_NETWORK: Final = "Lambda's own network"
"""The label of the hop of a function outside any VPC."""


class Outbound:
    """Follows outbound connections of machines and functions."""

    def __init__(self, model: AwsModel, connections: Connections) -> None:
        self._model, self._connections = model, connections
        self.routes = EgressRoutes(model, connections)
        self._private_peers = PrivatePeers(model, connections)

    def list_paths(self, node: Node) -> Iterator[Path]:
        """To the internet in each family, to AWS through endpoints, and to private servers outside the graph.

        One closed path if there is no way to the internet.
        """
        start = PartialPath(source=self._model.names.find(node.resource), origin=node.resource, kind=Kind.OUTBOUND)
        if not node.interfaces:
            if node.resource.type in types.FUNCTION:
                yield start.add_hop(Hop(None, OWN_NETWORK, "outside any VPC")).end(ANY_IPV4)
            return
        by_family = {family: self.find_internet_egress(node, family, None) for family in Family}
        for family, egress in by_family.items():
            if egress.open:
                yield self._walk(start, egress).end(f"internet ({family.value})", node.resource)
        yield from self._to_named_ranges(start, node)
        yield from self._to_endpoints(start, node)
        yield from self._private_peers.list_paths(start, node)
        if not any(egress.open for egress in by_family.values()):
            yield start.add_answer(by_family[Family.IPV4].answer).end("internet", node.resource)

    def _to_named_ranges(self, start: PartialPath, node: Node) -> Iterator[Path]:
        """Public ranges that the groups let out to, if they do not let out to the whole internet."""
        for rule in self._model.groups.list_egress(*node.groups):
            family = Family.from_cidr(rule.cidr)
            if not count_public_addresses([rule.cidr], family.version) or self._is_anywhere(node, rule, family):
                continue
            port = rule.first if rule.first == rule.last else None
            by_subnet = (self.routes.from_subnet(node, subnet, family, port, rule.cidr) for subnet in node.subnets)
            egress = next((egress for egress in by_subnet if egress.open), None)
            if egress is not None:
                hop = Hop(rule.resource, rule.traffic, rule.resource.name)
                to = f"{describe_range(self._model.graph, rule.cidr)} ({INTERNET})"
                yield self._walk(start.add_hop(hop), egress).end(to, node.resource)

    def find_internet_egress(self, node: Node, family: Family, port: int | None = _HTTPS) -> Egress:
        """The default route of its subnets, and whether its groups let `port` (any, if None) out to the internet."""
        if family is Family.IPV6 and isinstance(answer := sends_ipv6(self._model, node.resource), No):
            return Egress(answer=answer)
        allowed, answer = self._list_rules_out(node, family, port)
        if isinstance(answer, No):
            return Egress(answer=answer)
        results = [self.routes.from_subnet(node, subnet, family, port) for subnet in node.subnets]
        best = next((egress for egress in results if egress.open), None)
        if best is None:
            unclear = "not all routes of its subnets are known"
            because = [*node.subnet_evidence, *(item for egress in results for item in egress.because)]
            routed = refuse(results[0].blocked_by, because, unclear) if results else make_doubt(unclear)
            return Egress(answer=combine_answers(answer, routed))
        traffic = _describe_traffic(allowed)
        hops = (Hop(allowed[0].resource, traffic, allowed[0].resource.name), *best.hops) if traffic else best.hops
        return Egress(hops=hops, answer=combine_answers(answer, best.answer))

    def map_endpoints(self, node: Node) -> dict[str, Resource]:
        """Interface endpoints that the node can call, by short service name (`ecr.api`), with private DNS or not."""
        endpoints: dict[str, Resource] = {}
        for network in sorted(self._model.nodes.list_networks(node)):
            for peer in self._interface_endpoints.get(network, []):
                service = parse_service(peer.resource)
                if service not in endpoints and self._open_ports(node, peer):
                    endpoints[service] = peer.resource
        return endpoints

    def _open_ports(self, node: Node, endpoint: Node) -> list[endpoint_ports.PortRange]:
        """The ports of an endpoint's service that the node can call."""
        ports = endpoint_ports.list_service_ports(parse_service(endpoint.resource))
        return [port for port in ports if self._connections.connect(node, endpoint, port[0]).open]

    def list_unplaced_endpoints(self, services: Iterable[str]) -> Iterator[Unknown]:
        """Endpoints that may be for these services, in any VPC or of any type."""
        unresolved = list_with_unknown_owner(self._model.graph, types.ENDPOINT, "vpcId", types=types.VPC)
        for endpoint in self._model.graph.list_by_type(*types.ENDPOINT):
            service = parse_service(endpoint)
            undecided = endpoint in unresolved or get_deployed_input(endpoint, "vpcEndpointType") is UNKNOWN
            if not service or (service in services and undecided):
                yield UNKNOWN

    def map_gateway_endpoints(self, node: Node) -> dict[str, tuple[Resource, Answer]]:
        """Gateway endpoints on the node's routes by service (`s3`), each with whether the node can use it."""
        tables = {self._model.network.find_table(subnet) for subnet in node.subnets}
        lost = node.may_be_in_unread_subnet or not all(
            table.partition("#")[0] in self._model.graph.resources for table in tables
        )
        gateway_endpoints: dict[str, tuple[Resource, Answer]] = {}
        for endpoint, on, unclear in self._gateways:
            answer, service = self._to_prefix_list(node, endpoint), parse_service(endpoint)
            vpc = self._model.network.find_vpc(endpoint)
            if tables & on and get_deployed_input(endpoint, "vpcEndpointType") is not UNKNOWN:
                gateway_endpoints[service] = endpoint, answer
            elif service and (lost or unclear) and (vpc is None or vpc in (self._model.nodes.list_vpcs(node) or [vpc])):
                doubt = make_doubt(
                    f"whether {endpoint.name} is on the routes of {self._model.names.find(node.resource)}"
                )
                gateway_endpoints.setdefault(service, (endpoint, combine_answers(answer, doubt)))
        return gateway_endpoints

    def _walk(self, partial: PartialPath, egress: Egress) -> PartialPath:
        for hop in egress.hops:
            partial = partial.add_hop(hop)
        return partial.add_answer(egress.answer)

    def _list_rules_out(self, node: Node, family: Family, port: int | None) -> tuple[list[AllowRule], Answer]:
        """The rules that let traffic out to the internet, and whether any does."""
        if not node.filtered:
            return [], YES
        groups = node.groups
        rules = [rule for rule in self._model.groups.list_egress(*groups) if port is None or rule.carries("tcp", port)]
        public = {id(rule): count_public_addresses([rule.cidr], family.version) for rule in rules}
        # The widest first: it is named as the rule that lets the traffic pass.
        rules.sort(key=lambda rule: -public[id(rule)])
        if wide := [rule for rule in rules if public[id(rule)] and self._is_anywhere(node, rule, family)]:
            return wide, YES
        names = " and ".join(map(self._model.groups.keys.name, groups))
        reason = f"{names} lets {'nothing' if port is None else f'no tcp {port}'} out to the internet"
        because = self._model.nodes.list_rule_evidence(node, inward=False)
        return [], refuse(reason, because, "not all rules of its security groups are known")

    def _is_anywhere(self, node: Node, rule: AllowRule, family: Family) -> bool:
        """Whether a rule admits the internet in this family, together with the others of its group."""
        for group in node.groups:
            if rule in self._model.groups.list_egress(group):
                together = self._model.groups.list_combined_ranges(group, rule)
                return admits_internet({family.version: count_public_addresses(together, family.version)})
        return False

    def _to_endpoints(self, start: PartialPath, node: Node) -> Iterator[Path]:
        for service, (endpoint, answer) in self.map_gateway_endpoints(node).items():
            label = _describe_admitted(endpoint, service, self._model.graph.account)
            hop = Hop(endpoint, label, endpoint.name, self._model.names.find(endpoint))
            yield start.add_hop(hop, answer).end(format_service(service), node.resource)
        by_traffic: dict[str, dict[str, Resource]] = {}
        for service, endpoint in self.map_endpoints(node).items():
            open_ports = self._open_ports(node, self._model.nodes.find(endpoint))
            traffic = endpoint_ports.format_ports(open_ports)
            if endpoint_ports.is_assumed(service):
                traffic += ", which is assumed"
            by_traffic.setdefault(traffic, {})[service] = endpoint
        for traffic, services in by_traffic.items():
            first = next(iter(services.values()))
            hop = Hop(first, traffic, first.name, "endpoints")
            yield start.add_hop(hop).end(", ".join(sorted(services)), node.resource)

    def _to_prefix_list(self, node: Node, endpoint: Resource) -> Answer:
        """Whether the node's groups let it call the addresses behind a gateway endpoint."""
        own = as_text(endpoint.state.get("prefixListId"))
        service = parse_service(endpoint)
        for permit in self._model.groups.list_egress(*node.groups):
            named = permit.prefix_list
            same = bool(named) and (named == own or self._model.groups.prefix_lists.name(named) == service.upper())
            unknown = bool(named) and not own
            if permit.carries("tcp", _HTTPS) and (same or unknown or self._is_anywhere(node, permit, Family.IPV4)):
                return YES
        groups = self._model.groups
        unclear = "" if groups.can_tell(*node.groups, inward=False) else groups.describe_uncertainty(node.groups)
        names = " and ".join(map(groups.keys.name, node.groups))
        because = self._model.nodes.list_rule_evidence(node, inward=False)
        return refuse(f"{names} lets out no tcp 443 to {format_service(service)}", because, unclear)

    @functools.cached_property
    def _interface_endpoints(self) -> dict[str, list[Node]]:
        nodes = map(self._model.nodes.find, self._model.graph.list_by_type(*types.ENDPOINT))
        placed = (node for node in nodes if node.interfaces)
        return group_pairs((network, node) for node in placed for network in self._model.nodes.list_networks(node))

    @functools.cached_property
    def _gateways(self) -> list[tuple[Resource, set[str], bool]]:
        """Gateway endpoints, each with the keys of the route tables that it is on, and whether it may be on others."""
        graph, gateways = self._model.graph, []
        for endpoint in filter(is_gateway, graph.list_by_type(*types.ENDPOINT)):
            tables = {*self._model.network.list_tables(endpoint, "routeTableIds")}
            unclear = may_reference_any(graph, endpoint, "routeTableIds", types=types.ROUTE_TABLE)
            kind_is_unknown = get_deployed_input(endpoint, "vpcEndpointType") is UNKNOWN
            gateways.append((endpoint, tables, unclear or kind_is_unknown))
        return gateways


def _describe_traffic(rules: Sequence[AllowRule]) -> str:
    """Egress that the rules allow, unless that is everything."""
    named = () if any(rule.protocol == ALL for rule in rules) else sorted(rules, key=lambda rule: rule.first)
    return ", ".join(dict.fromkeys(rule.traffic for rule in named))


def _describe_admitted(endpoint: Resource, service: str, account: str) -> str:
    """Traffic that the policy of an endpoint lets through, in words."""
    everything = {"s3": "any bucket", "dynamodb": "any table"}.get(service, "everything")
    policy = get_deployed_input(endpoint, "policy")
    if policy is None:
        return everything
    try:
        allowed = [
            as_text(item) for statement in list_allow_statements(policy) for item in as_list(statement.get("Resource"))
        ]
    except (Doubt, MalformedDocument):
        return ""
    if "*" in allowed:
        return everything
    if service == "s3":
        buckets = dict.fromkeys(arn.rpartition(":::")[2].partition("/")[0] for arn in allowed)
        return ", ".join(buckets) if len(buckets) <= 2 else f"{len(buckets)} buckets"
    return "this account's only" if allowed and all(f":{account}:" in arn for arn in allowed) else ""
