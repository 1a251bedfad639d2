"""Peers whose connections to a node only the network decides: outside sources, neighbours, group members."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..aws.network.nodes import Node
from ..aws.network.prefix_lists import LATTICE
from ..aws.network.route import Family
from ..aws.network.security_groups import AllowRule
from ..aws.network.traffic import ALL
from ..graph.addresses import ANYWHERE, covers, is_internet_wide, parse_network
from ..graph.answers import No, Truth, any_of, combine_answers, make_doubt, rank
from ..graph.reading import describe_range
from .connections import Client, Connections, make_question
from .internet_access import InternetAccess
from .path import INTERNET as INTERNET
from .path import Hop, Kind, PartialPath, Path

UNKNOWN_RULES: Final = "unknown rules"  # the label of a hop through a group with rules that the graph does not hold


@dataclass(frozen=True)
class Entry:
    """A way in: the partial up to the node, and the permit that opens it (None if nothing filters)."""

    partial: PartialPath
    permit: AllowRule | None
    client: Client | None = None
    """The sender's addresses, which targets of a network load balancer may see."""

    def carries(self, protocol: str, port: int | None) -> bool:
        return self.permit is None or self.permit.carries(protocol, port)

    def restrict_to_listener(self, protocol: str, port: int | None) -> PartialPath:
        """The partial, with the traffic of a listener, if its port is known, in place of that of the whole rule."""
        hop, start = self.partial.hops[-1], PartialPath(source=self.partial.source, origin=self.partial.origin)
        if port is not None:
            hop = replace(hop, label=f"{protocol} {port}")
        return start.add_hop(replace(hop, name=""), self.partial.answer)


class Exposure:
    def __init__(self, model: AwsModel, connections: Connections) -> None:
        self._model, self._connections = model, connections
        self.internet = InternetAccess(model)

    def from_internet(self, node: Node) -> list[Entry]:
        """Entries open to the internet, including those that lack only a public address or route."""
        entries: dict[tuple[str, str], Entry] = {}
        # Each interface has groups, subnets and addresses of its own.
        for part in (Node(node.resource, (interface,)) for interface in node.interfaces):
            for entry in (*self._list_rule_entries(part), *self._list_unknown_entries(part)):
                key = (entry.partial.source, entry.partial.hops[-1].label)
                # Open entries come before uncertain ones, and those before blocked ones.
                both = entries.get(key, entry), entry
                entries[key] = min(both, key=lambda entry: rank(entry.partial.answer))
        return list(entries.values())

    def _list_rule_entries(self, node: Node) -> Iterator[Entry]:
        """Outside sources that the rules of the groups admit."""
        sources = (
            (permit, *source) for permit in self._list_permits(node) for source in self._list_outside_sources(permit)
        )
        for whole, source, cidr in sources:
            for permit in [whole] if source == LATTICE else self._restrict_by_acls(node, whole, cidr):
                # https://docs.aws.amazon.com/vpc-lattice/latest/ug/security-groups.html
                name = self._model.names.find(node.resource)
                behind = make_doubt(f"whether a service of {LATTICE} has {name} as a target")
                answer = behind if source == LATTICE else self.internet.from_range(node, cidr, permit)
                yield Entry(PartialPath(source=source).add_hop(self._make_hop(permit), answer), permit, Client((cidr,)))

    def _restrict_by_acls(self, node: Node, permit: AllowRule, cidr: str) -> list[AllowRule]:
        """A rule as the ports of it that the network ACLs of a subnet admit; the rule itself if they admit all."""
        parts: set[tuple[str, int, int]] = set()
        for subnet in node.subnets:
            admitted = self._model.acls.list_passing_ports(subnet, make_question(cidr, permit))
            if admitted is None:
                return [permit]
            parts |= admitted
        return [
            replace(permit, protocol=protocol, first=first, last=last) for protocol, first, last in sorted(parts)
        ] or [permit]

    def _list_unknown_entries(self, node: Node) -> Iterator[Entry]:
        """The internet, if a group of the node has rules that the graph does not hold and nothing else blocks it."""
        unknown = self.list_unknown_groups(node)
        names = " and ".join(map(self._model.groups.keys.name, unknown))
        for family in Family if unknown else ():
            doubt = make_doubt(self._model.groups.describe_uncertainty(unknown))
            answer = combine_answers(doubt, self.internet.from_range(node, family.anywhere, None))
            if not isinstance(answer, No):
                partial = PartialPath(source=INTERNET).add_hop(Hop(None, UNKNOWN_RULES, names), answer)
                yield Entry(partial, None, Client((family.anywhere,)))
                return

    def list_unknown_groups(self, node: Node) -> list[str]:
        """Its groups with ingress rules that the graph does not hold."""
        return [group for group in node.groups if not self._model.groups.can_tell(group, inward=True)]

    def trace_others(self) -> Iterator[Path]:
        """Strangers that a rule admits to the members of a group outside the program, which it does not show."""
        for group, permit in self._model.groups.list_foreign_rules():
            if not self._model.nodes.list_in_group(group):
                name, kind = self._model.groups.keys.name(group), Kind.PEOPLE if permit.is_shell else Kind.INBOUND
                for source, _ in self._list_outside_sources(permit):
                    start = PartialPath(source=source, kind=kind).add_hop(self._make_hop(permit))
                    yield start.add_doubts(f"which machines are in {name}").end(f"members of {name}")

    def from_inside(self, node: Node) -> list[Entry]:
        """Neighbours in the VPC, and in networks joined to it, that a rule admits by address."""
        entries: dict[tuple[str, str], Entry] = {}
        for permit in self._list_permits(node):
            cidr = permit.cidr
            if not cidr or not (cidr in ANYWHERE or self._model.network.is_inside(cidr)):
                continue
            joined = self._is_joined(node, cidr)
            if joined is False:
                continue  # no packet of its answers leaves for this range
            uncertainty = f"whether {cidr} is in a network that is joined" if joined is None else ""
            partial = PartialPath(source=self._describe_private_range(node, cidr)).add_hop(
                self._make_hop(permit), make_doubt(uncertainty)
            )
            key = partial.source, partial.hops[-1].label
            entries.setdefault(key, Entry(partial, permit, self._find_neighbours(node, cidr)))
        return [*entries.values(), *self._list_unknown_neighbours(node)]

    def _is_joined(self, node: Node, cidr: str) -> Truth:
        """Whether a range is in the VPC of one of the node's subnets, or a route leads there."""
        if cidr in ANYWHERE or not (node.subnets or node.may_be_in_unread_subnet):
            return True
        leads = self._model.network.leads_to
        return any_of([None] * node.may_be_in_unread_subnet + [leads(subnet, cidr) for subnet in node.subnets])

    def _list_unknown_neighbours(self, node: Node) -> Iterator[Entry]:
        """Neighbours, if a group of the node has rules that the graph does not hold and the internet is kept out."""
        placed = node.subnets or node.may_be_in_unread_subnet or node.resource.type in types.ENDPOINT
        unknown = self.list_unknown_groups(node) if placed else []
        if unknown and next(self._list_unknown_entries(node), None) is None:
            names = " and ".join(map(self._model.groups.keys.name, unknown))
            start = PartialPath(source=self._describe_private_range(node, ANYWHERE[0])).add_doubts(
                self._model.groups.describe_uncertainty(unknown)
            )
            yield Entry(start.add_hop(Hop(None, UNKNOWN_RULES, names)), None, self._find_neighbours(node, ANYWHERE[0]))

    def from_members(self, node: Node, known: set[tuple[str, str]]) -> Iterator[Entry]:
        """Machines and functions whose group a rule admits, except pairs that are `known` to belong together."""
        for permit in self._list_permits(node):
            if not permit.group:
                continue
            if self._model.groups.keys.find_resource(permit.group) is None:
                yield Entry(PartialPath(source=f"members of {permit.group}").add_hop(self._make_hop(permit)), permit)
                continue
            for member in self._model.nodes.list_in_group(permit.group):
                pair = (member.resource.urn, node.resource.urn)
                # A group has two names while its running machines differ from new ones.
                same = len({urn.partition("#")[0] for urn in pair}) == 1
                if same or pair in known or member.resource.type not in types.COMPUTE:
                    continue
                port = permit.first if permit.protocol != ALL else None
                protocol = permit.protocol if permit.protocol != ALL else "tcp"
                edge = self._connections.connect(member, node, port, protocol)
                if edge.open:
                    source = PartialPath(source=self._model.names.find(member.resource), origin=member.resource)
                    source = source.add_answer(edge.answer)
                    client = Client(tuple(self._connections.list_addresses(member)), member)
                    yield Entry(source.add_hop(self._make_hop(permit)), permit, client)

    def _find_neighbours(self, node: Node, cidr: str) -> Client:
        """Clients in the VPC: of a rule for any address, those in the VPC's own ranges."""
        own = [
            own_range for vpc in self._model.nodes.list_vpcs(node) for own_range in self._model.network.list_cidrs(vpc)
        ]
        return Client(tuple(own) if cidr in ANYWHERE and own else (cidr,))

    def _list_permits(self, node: Node) -> Iterator[AllowRule]:
        if not node.filtered:
            yield AllowRule(resource=node.resource, inward=True, protocol=ALL, first=0, last=65535, cidr=ANYWHERE[0])
        yield from self._model.groups.list_ingress(*node.groups)

    def _list_outside_sources(self, permit: AllowRule) -> Iterator[tuple[str, str]]:
        """Sources outside that a rule admits, each with its range."""
        if service := self._model.groups.prefix_lists.find_caller(permit.prefix_list):
            yield service, Family.IPV4.anywhere
        if parse_network(permit.cidr) is not None and not self._model.network.is_inside(permit.cidr):
            named = f"{describe_range(self._model.graph, permit.cidr)} ({INTERNET})"
            yield INTERNET if is_internet_wide([permit.cidr]) else named, permit.cidr

    def _describe_private_range(self, node: Node, cidr: str) -> str:
        """A private range in words."""
        vpc = next(iter(self._model.nodes.list_vpcs(node)), None)
        if vpc is None:
            return "anything in the VPC" if cidr in ANYWHERE else cidr
        if cidr in ANYWHERE or any(covers(cidr, own) for own in self._model.network.list_cidrs(vpc)):
            alone = len(self._model.graph.list_by_type(*types.VPC)) == 1
            return f"anything in {'the VPC' if alone else vpc.name}"
        subnets = (subnet for other in self._model.nodes.list_in_vpc(vpc) for subnet in other.subnets)
        resource = next((subnet for subnet in subnets if cidr in self._model.network.list_cidrs(subnet)), None)
        return f"anything in {resource.name}" if resource is not None else describe_range(self._model.graph, cidr)

    def _make_hop(self, permit: AllowRule) -> Hop:
        if permit.resource.type in types.LOAD_BALANCER:
            return Hop(permit.resource, "its listeners", f"no security group on {permit.resource.name}")
        return Hop(permit.resource, permit.traffic, self._connections.name_rule(permit))
