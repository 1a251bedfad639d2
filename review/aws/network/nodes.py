"""Nodes with an address in a network: machines, tasks, functions, balancers, links and endpoints."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import Truth, add_up
from ...graph.evidence import Evidence, get_deployed_input
from ...graph.graph import group_pairs
from ...graph.reading import as_list, as_text
from ..catalog import types
from ..compute.machines import Machines
from .group_keys import is_unknown
from .interfaces import Interface, Interfaces
from .route import Family
from .routes import Routing
from .security_groups import SecurityGroups


@dataclass(frozen=True)
class Node:
    """A resource with its interfaces; none if it is not in a network, or the graph does not show how."""

    resource: Resource
    interfaces: tuple[Interface, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(group for interface in self.interfaces for group in interface.groups))

    @property
    def subnets(self) -> tuple[Resource, ...]:
        return tuple({subnet.urn: subnet for interface in self.interfaces for subnet in interface.subnets}.values())

    @property
    def may_be_in_unread_subnet(self) -> bool:
        """Whether it may be in a subnet that the graph does not hold."""
        return UNKNOWN in self.subnet_evidence

    @property
    def group_evidence(self) -> tuple[Evidence, ...]:
        """Evidence that it has no other groups."""
        unknown = [UNKNOWN] * any(map(is_unknown, self.groups))
        return (*(item for interface in self.interfaces for item in interface.group_evidence), *unknown)

    @property
    def subnet_evidence(self) -> tuple[Evidence, ...]:
        """Evidence that it is in no other subnets."""
        return tuple(item for interface in self.interfaces for item in interface.subnet_evidence)

    def list_private_evidence(self, *families: Family) -> tuple[Evidence, ...]:
        """Evidence that it has no public address in these families."""
        answers = (interface.private[family] for interface in self.interfaces for family in families)
        return tuple(subnet for why in answers for subnet in why or ())

    @property
    def filtered(self) -> bool:
        """Whether security groups decide on all of its traffic."""
        return all(interface.filtered for interface in self.interfaces)

    @property
    def forwards(self) -> bool:
        return any(interface.forwards for interface in self.interfaces)

    @property
    def zones(self) -> int | None:
        """Subnets that it names, in the graph or not; None if that is not known."""
        return add_up(interface.zones for interface in self.interfaces)

    @property
    def public_ipv4(self) -> int | None:
        """Public IPv4 addresses that AWS gives it and bills, for each machine; None if that is not known."""
        return add_up(interface.public_ipv4 for interface in self.interfaces)

    def has_public_address(self, family: Family) -> Truth:
        if any(interface.private[family] is None for interface in self.interfaces):
            return True
        return None if UNKNOWN in self.list_private_evidence(family) else False


class Nodes:
    """Every node of a graph, by resource, by group and by VPC."""

    def __init__(self, graph: Graph, groups: SecurityGroups, network: Routing, machines: Machines) -> None:
        self._graph, self._groups, self._network = graph, groups, network
        interfaces = Interfaces(graph, groups, network, machines)
        self.attachments = interfaces.attachments
        pairs = (
            (resource, reader) for kinds, reader in interfaces.list_readers() for resource in graph.list_by_type(*kinds)
        )
        self.by_urn = {resource.urn: Node(resource, tuple(reader(resource))) for resource, reader in pairs}

    def __iter__(self) -> Iterator[Node]:
        return iter(self.by_urn.values())

    def find(self, resource: Resource) -> Node:
        return self.by_urn.get(resource.urn) or Node(resource, ())

    def find_by_address(self, address: str) -> Resource | None:
        """The machine with this private or public address."""
        return self._by_address.get(address)

    def list_rule_evidence(self, node: Node, *, inward: bool) -> tuple[Evidence, ...]:
        """Evidence that it has no other groups, and these no other rules in a direction."""
        return (*node.group_evidence, *self._groups.list_evidence(*node.groups, inward=inward))

    def list_compute(self) -> list[Node]:
        """Machines, tasks and functions."""
        return [self.by_urn[resource.urn] for resource in self._graph.list_by_type(*types.COMPUTE)]

    def list_in_group(self, group: str) -> list[Node]:
        return self._by_group.get(group, [])

    def list_in_vpc(self, vpc: Resource) -> list[Node]:
        return self._by_vpc.get(vpc.urn, [])

    def list_vpcs(self, node: Node) -> list[Resource]:
        vpcs = {vpc.urn: vpc for subnet in node.subnets if (vpc := self._network.find_vpc(subnet)) is not None}
        return list(vpcs.values())

    def list_networks(self, node: Node) -> set[str]:
        """The VPCs that it is in: by URN in the graph, by id outside it."""
        groups = filter(None, map(self._groups.keys.find_resource, node.groups))
        holders = (*node.subnets, node.resource, *groups)
        networks = (
            (self._network.find_vpc(holder), as_text(get_deployed_input(holder, "vpcId"))) for holder in holders
        )
        return {vpc.urn if vpc is not None else vpc_id for vpc, vpc_id in networks if vpc is not None or vpc_id}

    @functools.cached_property
    def _by_address(self) -> dict[str, Resource]:
        resources: dict[str, Resource] = {}
        for card in self._graph.list_by_type(*types.INTERFACE):
            resources.update(
                (address, self.attachments.find_instance(card) or card) for address in _list_addresses(card)
            )
        for machine in self._graph.list_by_type(*types.INSTANCE):
            resources.update((address, machine) for address in _list_addresses(machine))
        return resources

    @functools.cached_property
    def _by_group(self) -> dict[str, list[Node]]:
        return group_pairs((group, node) for node in self for group in node.groups)

    @functools.cached_property
    def _by_vpc(self) -> dict[str, list[Node]]:
        return group_pairs((vpc.urn, node) for node in self for vpc in self.list_vpcs(node))


def _list_addresses(resource: Resource) -> Iterator[str]:
    keys = ("privateIp", "privateIps", "publicIp", "ipv6Addresses")
    return (as_text(value) for key in keys for value in as_list(resource.state.get(key)) if as_text(value))
