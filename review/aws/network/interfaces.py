"""Network interfaces: where security groups, subnets and public addresses meet, for each kind of resource.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...graph import UNKNOWN, Graph, Resource, Unknown
from ...graph.answers import add_up
from ...graph.evidence import (
    Evidence,
    Words,
    get_deployed_input,
    list_references,
    list_unreferenced_evidence,
    make_input_evidence,
    make_reference_evidence,
    make_type_evidence,
    may_reference_any,
)
from ...graph.reading import as_list, as_number, as_text, find_referenced, find_values, get_value
from ..catalog import types
from ..compute.machines import Machines
from .endpoints import is_interface
from .group_keys import make_unknown_key
from .load_balancer_kind import Kind, read_kind
from .public_addresses import (
    Place,
    Private,
    list_evidence_unless,
    list_evidence_without_ipv4,
    list_evidence_without_ipv6,
)
from .route import Family
from .routes import Routing
from .security_groups import SecurityGroups

_CARDS: Final = ("primaryNetworkInterface", "networkInterfaces")
_HOLDERS: Final = (*types.INSTANCE, *types.INTERFACE)
_ID: Final = "networkInterfaceId"


class Attachments:
    """Interfaces and Elastic IPs that are attached to instances and interfaces by other resources."""

    def __init__(self, graph: Graph, network: Routing) -> None:
        self._graph, self._network = graph, network

    @functools.cached_property
    def interfaces(self) -> dict[str, list[Resource]]:
        """By instance, the interfaces attached to it, in whichever of the three ways it is declared."""
        interfaces: dict[str, list[Resource]] = defaultdict(list)
        for instance in self._graph.list_by_type(*types.INSTANCE):
            for key in _CARDS:
                interfaces[instance.urn] += find_referenced(self._graph, instance, key, _ID, types=types.INTERFACE)
        for card in self._graph.list_by_type(*types.INTERFACE):
            for instance in find_referenced(self._graph, card, "attachments", "instance", types=types.INSTANCE):
                interfaces[instance.urn].append(card)
        return interfaces

    @functools.cached_property
    def with_unknown_interfaces(self) -> set[str]:
        """Instances to which an interface is, or may be, attached that the graph does not hold."""
        return {
            instance.urn
            for instance in self._graph.list_by_type(*types.INSTANCE)
            for key in _CARDS
            if not list_references(self._graph, instance, key, _ID, types=types.INTERFACE).is_complete
        }

    @functools.cached_property
    def holders(self) -> dict[str, Resource]:
        """By interface, the instance that it is attached to."""
        cards = self.interfaces.items()
        return {card.urn: self._graph.resources[instance] for instance, instances in cards for card in instances}

    def find_instance(self, card: Resource) -> Resource | None:
        """The instance that an interface is attached to: itself, where a route names the one it was made with."""
        return card if card.type in types.INSTANCE else self.holders.get(card.urn)

    def list_unattached_evidence(self, card: Resource) -> Iterator[Evidence]:
        """Evidence that no instance holds an interface."""
        yield make_input_evidence(card, "attachments")
        by_instance = ((types.INSTANCE, (key, _ID)) for key in _CARDS)
        yield from list_unreferenced_evidence(self._graph, card, by_instance)

    @functools.cached_property
    def with_elastic_ip(self) -> set[str]:
        """Instances and interfaces that hold an Elastic IP."""
        return {card.urn for address, key in self._address_holders for card in self._find_cards(address, key)}

    @functools.cached_property
    def addresses_of_unknown_owner(self) -> tuple[Unknown, ...]:
        """Elastic IPs that any instance or interface may hold."""
        unresolved = (
            holder for holder in self._address_holders if may_reference_any(self._graph, *holder, types=_HOLDERS)
        )
        return tuple(UNKNOWN for _ in unresolved)

    @functools.cached_property
    def _address_holders(self) -> list[tuple[Resource, str]]:
        """Elastic IPs and their associations, each with an input that names the holder."""
        keys = ("instance", "instanceId", "networkInterface", "networkInterfaceId")
        addresses = self._graph.list_by_type(*types.ADDRESS, *types.ADDRESS_ASSOCIATION)
        return [(address, key) for address in addresses for key in keys]

    def _find_cards(self, link: Resource, key: str) -> list[Resource]:
        """Interfaces and instances that an input names, an instance also by its first interface, and that interface."""
        resources = find_referenced(self._graph, link, key, types=_HOLDERS)
        primary = self._network.instance_by_interface_id.get(as_text(get_deployed_input(link, key)))
        named_ones = resources if primary is None else [*resources, primary]
        return [*named_ones, *(card for resource in named_ones for card in self._find_first_cards(resource))]

    def _find_first_cards(self, instance: Resource) -> list[Resource]:
        """The first interface of an instance, if it is declared apart; all, if it is not known which one that is."""
        cards = [
            card for key in _CARDS for card in find_referenced(self._graph, instance, key, _ID, types=types.INTERFACE)
        ]
        entries = as_list(get_deployed_input(instance, "networkInterfaces"))
        entries_at_0 = [entry for entry in entries if as_number(get_value(entry, "deviceIndex")) == 0]
        first = [*filter(None, (self._graph.find(get_value(entry, _ID), *types.INTERFACE) for entry in entries_at_0))]
        return first or cards


@dataclass(frozen=True, kw_only=True)
class Interface:
    """One address, or one for each of several subnets."""

    groups: tuple[str, ...]
    """Keys of its security groups."""
    group_evidence: tuple[Evidence, ...]
    """Evidence that it has no other groups."""
    subnets: tuple[Resource, ...]
    """Those that the graph holds."""
    subnet_evidence: tuple[Evidence, ...]
    """Evidence that it is in no other subnets."""
    private: Mapping[Family, Private]
    filtered: bool = True
    """False if no security group filters it: a network load balancer that names none."""
    forwards: bool = False
    """Whether it forwards packets for other addresses: source/destination check off, as on a NAT instance."""
    addresses: tuple[str, ...] = ()
    """Private addresses that the program gives it."""
    address_evidence: tuple[Evidence, ...] = ()
    """The inputs that give them."""
    zones: int | None = 0
    """Subnets that it names, in the graph or not; None if that is not known."""
    public_ipv4: int | None = 0
    """Public IPv4 addresses that AWS gives it by itself and bills: Elastic IPs are not among them. None if that is
    not known. Of a scaling group or a service it is the number for each machine or task."""


class Interfaces:
    def __init__(self, graph: Graph, groups: SecurityGroups, network: Routing, machines: Machines) -> None:
        self._graph, self._machines, self._groups, self._network = graph, machines, groups, network
        self.attachments = Attachments(graph, network)

    def list_readers(self) -> list[tuple[tuple[str, ...], Callable[[Resource], Iterable[Interface]]]]:
        """Functions that read a resource's interfaces, by types."""
        return [
            (types.INSTANCE, self._read_instance),
            (types.SCALING_GROUP, lambda group: [self._read_machine(group, "vpcZoneIdentifiers")]),
            (types.SERVICE, self._read_tasks),
            (types.FUNCTION, self._read_private),
            (types.LOAD_BALANCER, self._read_balancer),
            (types.ENDPOINT, self._read_endpoint),
            (types.HTTP_LINK, self._read_private),
            (types.CONNECT_ENDPOINT, self._read_private),
            (types.INTERFACE, lambda card: [self._read_card(card)] * (card.urn not in self.attachments.holders)),
        ]

    def _read_instance(self, instance: Resource) -> Iterator[Interface]:
        cards = self.attachments.interfaces.get(instance.urn, [])
        yield from map(self._read_card, cards)
        if instance.urn in self.attachments.with_unknown_interfaces:
            yield _make_unknown_interface(instance)
        primary = get_deployed_input(instance, "primaryNetworkInterface", "networkInterfaceId")
        first = 0 in map(as_number, find_values(instance.inputs, "networkInterfaces", "deviceIndex"))
        if (primary is None and not first) or (primary is UNKNOWN and not cards):
            yield self._read_machine(instance, "subnetId", ("vpcSecurityGroupIds",), ("securityGroups",))

    def _read_machine(self, resource: Resource, subnet_key: str, *groups: Words) -> Interface:
        """The interface that AWS makes for an instance, by itself or from its launch template."""
        template, by_template = self._machines.find_template(resource), self._machines.list_template_evidence(resource)
        place, holder = self._find_subnets(resource, subnet_key), resource
        addressed = resource.urn in self.attachments.with_elastic_ip
        own_four = None if addressed else list_evidence_without_ipv4(resource, template, by_template, place)
        four = own_four and (*own_four, *self.attachments.addresses_of_unknown_owner)
        private = {Family.IPV4: four, Family.IPV6: list_evidence_without_ipv6(resource, template, place)}
        own = any(self._groups.keys.list_keys(resource, *path) for path in groups)
        if not own and template is not None:
            holder, groups = template, _TEMPLATE_GROUPS
        interface = self._build_interface(holder, [place], private, *groups)
        keys, grouped = interface.groups, interface.group_evidence if own else (*by_template, *interface.group_evidence)
        if not own and by_template and template is None:
            keys, grouped = (make_unknown_key(resource),), by_template
        return replace(
            interface,
            groups=keys,
            group_evidence=grouped,
            forwards=get_deployed_input(resource, "sourceDestCheck") is False,
            addresses=tuple(filter(None, [as_text(get_deployed_input(resource, "privateIp"))])),
            address_evidence=(make_input_evidence(resource, "privateIp"),),
            zones=_count(resource, subnet_key),
            public_ipv4=0 if addressed else _count_public_addresses(own_four),
        )

    def _read_tasks(self, service: Resource) -> Iterator[Interface]:
        """The interface of a service's tasks."""
        if get_deployed_input(service, "networkConfiguration") is None:
            return
        public = list_evidence_unless(True, service, "networkConfiguration", "assignPublicIp")
        place = self._find_subnets(service, "networkConfiguration", "subnets")
        private = {Family.IPV4: public, Family.IPV6: list_evidence_without_ipv6(service, None, place)}
        groups, subnets = ("networkConfiguration", "securityGroups"), ("networkConfiguration", "subnets")
        yield self._read_named(service, groups, subnets, private)

    def _read_private(self, resource: Resource) -> Iterator[Interface]:
        """An interface without public IPv4 addresses. A function without a VPC has no interface.

        https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6
        """
        holder = ("vpcConfig",) * (resource.type in types.FUNCTION)
        if not holder or get_deployed_input(resource, *holder) is not None:
            subnets = "subnetId" if resource.type in types.CONNECT_ENDPOINT else "subnetIds"
            private: dict[Family, Private] = dict.fromkeys(Family, (make_type_evidence(resource),))
            if holder:
                private[Family.IPV6] = list_evidence_unless(True, resource, *holder, "ipv6AllowedForDualStack")
            yield self._read_named(resource, (*holder, "securityGroupIds"), (*holder, subnets), private)

    def _read_named(
        self, resource: Resource, groups: Words, subnets: Words, private: Mapping[Family, Private]
    ) -> Interface:
        """The interface of a resource whose inputs name its groups and subnets."""
        interface = self._build_interface(resource, [self._find_subnets(resource, *subnets)], private, groups)
        return replace(
            interface, zones=_count(resource, *subnets), public_ipv4=_count_public_addresses(private[Family.IPV4])
        )

    def _build_interface(
        self, holder: Resource, places: Sequence[Place], private: Mapping[Family, Private], *groups: Words
    ) -> Interface:
        """The interface in subnets that several inputs name together. `groups` are inputs of the holder."""
        subnets = tuple(subnet for place in places for subnet in place.known)
        placed = tuple(place.as_evidence() for place in places)
        keys, grouped = self._find_groups(holder, subnets, placed, *groups)
        return Interface(groups=keys, group_evidence=grouped, subnets=subnets, subnet_evidence=placed, private=private)

    def _read_balancer(self, balancer: Resource) -> Iterator[Interface]:
        places = self._find_subnets(balancer, "subnets"), self._find_subnets(balancer, "subnetMappings", "subnetId")
        four = six = list_evidence_unless(False, balancer, "internal")
        stack, by_stack = get_deployed_input(balancer, "ipAddressType"), make_input_evidence(balancer, "ipAddressType")
        if four is None and not as_text(stack).startswith("dualstack"):
            six = (by_stack,)
        if stack == "dualstack-without-public-ipv4":
            four = (by_stack,) if four is None else four
        interface = self._build_interface(balancer, places, {Family.IPV4: four, Family.IPV6: six}, ("securityGroups",))
        if not self._groups.keys.list_keys(balancer, "securityGroups"):
            kind = read_kind(balancer)
            if kind is Kind.UNKNOWN:
                unknown = UNKNOWN
                interface = replace(interface, groups=(make_unknown_key(balancer),), group_evidence=(unknown,))
            elif kind is Kind.NETWORK:
                interface = replace(interface, groups=(), filtered=False)
        zones = add_up([_count(balancer, "subnets"), _count(balancer, "subnetMappings")]) or None
        # One in each zone of an internet-facing load balancer, except if it was given an Elastic IP.
        elastic = [
            value for value in find_values(balancer.inputs, "subnetMappings", "allocationId") if value is not None
        ]
        facing = None if zones is None else zones - len(elastic)
        yield replace(interface, zones=zones, public_ipv4=facing if four is None else _count_public_addresses(four))

    def _read_endpoint(self, endpoint: Resource) -> Iterator[Interface]:
        if not is_interface(endpoint):
            return
        private: dict[Family, Private] = dict.fromkeys(Family, (make_type_evidence(endpoint),))
        subnets, groups = self._find_subnets(endpoint, "subnetIds"), ("securityGroupIds",)
        interface = self._build_interface(endpoint, [subnets], private, groups)
        keys, grouped = self._find_groups(endpoint, (endpoint,), (), groups)
        yield replace(interface, groups=keys, group_evidence=grouped, zones=_count(endpoint, "subnetIds"))

    def _read_card(self, card: Resource) -> Interface:
        private = UNKNOWN if card.existing else make_type_evidence(card)
        four = (
            None
            if card.urn in self.attachments.with_elastic_ip
            else (private, *self.attachments.addresses_of_unknown_owner)
        )
        six = list_evidence_without_ipv6(card, None, self._find_subnets(card, "subnetId"))
        interface = self._read_named(card, ("securityGroups",), ("subnetId",), {Family.IPV4: four, Family.IPV6: six})
        return replace(
            interface,
            zones=1,
            public_ipv4=0,
            forwards=get_deployed_input(card, "sourceDestCheck") is False,
            addresses=tuple(
                filter(
                    None,
                    map(
                        as_text,
                        [get_deployed_input(card, "privateIp"), *as_list(get_deployed_input(card, "privateIps"))],
                    ),
                )
            ),
            address_evidence=(make_input_evidence(card, "privateIp"), make_input_evidence(card, "privateIps")),
        )

    def _find_groups(
        self, owner: Resource, homes: Iterable[Resource], placed: Sequence[Evidence], *inputs: Words
    ) -> tuple[tuple[str, ...], tuple[Evidence, ...]]:
        """The groups of the first input that is set, else the VPC's default group, with the evidence.

        `homes` name the VPC, and `placed` are the evidence that there are no others.
        """
        for path in inputs:
            if keys := self._groups.keys.list_keys(owner, *path):
                return keys, (make_reference_evidence(self._graph, owner, *path, types=types.SECURITY_GROUP),)
        because = (*(make_input_evidence(owner, *path) for path in inputs), *placed)
        for home in homes:
            if (vpc := self._network.find_vpc(home)) is not None:
                named_by = list_references(self._graph, home, "vpcId", types=types.VPC).as_evidence()
                return self._groups.keys.find_default(vpc), (*because, named_by)
        return (make_unknown_key(owner),), (*because, UNKNOWN)

    def _find_subnets(self, resource: Resource, *path: str) -> Place:
        return list_references(self._graph, resource, *path, types=types.SUBNET)


_TEMPLATE_GROUPS: Final = (("networkInterfaces", "securityGroups"), ("vpcSecurityGroupIds",), ("securityGroups",))


def _make_unknown_interface(instance: Resource) -> Interface:
    """An interface outside the graph, of which nothing is known."""
    unknown, groups = (UNKNOWN,), (make_unknown_key(instance),)
    private: dict[Family, Private] = dict.fromkeys(Family, unknown)
    return Interface(
        groups=groups, group_evidence=unknown, subnets=(), subnet_evidence=unknown, private=private, zones=1
    )


def _count_public_addresses(private: Private) -> int | None:
    """Public IPv4 addresses of one machine; None if that is not known."""
    if private is None:
        return 1
    return None if UNKNOWN in private else 0


def _count(resource: Resource, *path: str) -> int | None:
    """How many subnets an input names; None if the list is not known."""
    value = get_deployed_input(resource, *path)
    return None if value is UNKNOWN else len(as_list(value))
