"""Network interfaces: where security groups, subnets and public addresses meet, for each kind of resource.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..graph import UNKNOWN, Graph, Resource
from ..graph.given import given, held, named
from ..graph.reading import items, pointed, spread, text, within
from . import data_stores, types
from .endpoints import is_interface
from .load_balancer_kind import Kind, kind_of
from .machines import Machines
from .routes import Family, Routing
from .security_groups import SecurityGroups


@dataclass(frozen=True, kw_only=True)
class Interface:
    """One address, or one for each of several subnets."""

    groups: tuple[str, ...]
    """Keys of its security groups."""
    subnets: tuple[Resource, ...]
    """Those that the graph holds."""
    public: frozenset[Family] = frozenset()
    """Families in which it has an address that the internet knows."""
    doubtful: frozenset[Family] = frozenset()
    """Families of which that is not known."""
    filtered: bool = True
    """False if no security group filters it: a network load balancer that names none."""
    forwards: bool = False
    """Whether it passes on what is not meant for it: source/destination check off, as on a NAT instance."""
    addresses: tuple[str, ...] = ()
    """Private addresses that the program gives it."""
    zones: int | None = 0
    """Subnets that it names, in the graph or not; None if that is not known."""
    elsewhere: bool = False
    """Whether it may be in a subnet that the graph does not hold."""
    public_ipv4: int | None = 0
    """Public IPv4 addresses that AWS gives it by itself and bills: Elastic IPs are not among them. None if that is
    not known. Of a scaling group or a service it is the number for each machine or task."""


class Interfaces:
    """The interfaces of every resource that has one."""

    def __init__(self, graph: Graph, groups: SecurityGroups, network: Routing, machines: Machines) -> None:
        self._graph = graph
        self._machines = machines
        self._groups = groups
        self._network = network

    def readers(self) -> list[tuple[tuple[str, ...], Callable[[Resource], Iterator[Interface]]]]:
        """By types, what reads a resource's interfaces."""
        return [
            (types.INSTANCE, self._of_instance),
            (types.SCALING_GROUP, self._of_scaling_group),
            (types.SERVICE, self._of_service),
            (types.FUNCTION, self._of_function),
            (types.LOAD_BALANCER, self._of_balancer),
            (types.ENDPOINT, self._of_endpoint),
            (types.HTTP_LINK, self._of_link),
            (types.CONNECT_ENDPOINT, self._of_connect_endpoint),
            (types.INTERFACE, self._of_loose_interface),
            (types.DATA_STORE, self._of_store),
        ]

    def attached(self, instance: Resource) -> list[Resource]:
        """The interfaces declared apart that are attached to an instance."""
        return self._attached.get(instance.urn, [])

    def instance_of(self, card: Resource) -> Resource | None:
        """The instance that an interface is attached to: itself, where a route names the one it was made with."""
        return card if card.type in types.INSTANCE else self._holders.get(card.urn)

    def _of_instance(self, instance: Resource) -> Iterator[Interface]:
        cards = self.attached(instance)
        yield from map(self._interface, cards)
        if (
            given(instance, "primaryNetworkInterface", "networkInterfaceId").value(absent=True, unknown=not cards)
            is True
        ):
            groups = self._groups.keys(instance, "vpcSecurityGroupIds") or self._groups.keys(instance, "securityGroups")
            yield self._machine(instance, groups, "subnetId")

    def _of_scaling_group(self, group: Resource) -> Iterator[Interface]:
        yield self._machine(group, (), "vpcZoneIdentifiers")

    def _machine(self, resource: Resource, groups: tuple[str, ...], subnet_key: str) -> Interface:
        """The interface that AWS makes for an instance, by itself or from its launch template."""
        template = self._machines.template(resource)
        subnets, elsewhere = self._placed(resource, subnet_key)
        zones = _count(resource, subnet_key)
        wanted = held(resource, "associatePublicIpAddress")
        if template is not None:
            groups = groups or self._template_groups(template)
            if wanted is None:
                settings = spread(held(template, "networkInterfaces"), "associatePublicIpAddress")
                wanted = next(iter(settings), held(template, "associatePublicIpAddress"))
        elif self._machines.names_template(resource):
            groups = groups or (f"an unknown group of {resource.name}",)
            wanted = UNKNOWN if wanted is None else wanted
        public, doubtful = self._families(resource, template, (subnets, elsewhere), wanted, placed=zones != 0)
        return Interface(
            groups=(*(groups or self._default(subnets)), *self._card_groups.get(resource.urn, ())),
            subnets=subnets,
            elsewhere=elsewhere,
            public=public,
            doubtful=doubtful,
            forwards=held(resource, "sourceDestCheck") is False,
            addresses=tuple(filter(None, [text(held(resource, "privateIp"))])),
            zones=zones,
            public_ipv4=0 if resource.urn in self.addressed else _billed(public, doubtful),
        )

    def _template_groups(self, template: Resource) -> tuple[str, ...]:
        paths = (("networkInterfaces", "securityGroups"), ("vpcSecurityGroupIds",), ("securityGroups",))
        return next((found for path in paths if (found := self._groups.keys(template, *path))), ())

    def _of_service(self, service: Resource) -> Iterator[Interface]:
        if held(service, "networkConfiguration") is None:
            return
        subnets, elsewhere = self._placed(service, "networkConfiguration", "subnets")
        public, doubtful = _answer(held(service, "networkConfiguration", "assignPublicIp"))
        six, doubtful_six = self._ipv6((service,), subnets, elsewhere)
        groups = self._groups.keys(service, "networkConfiguration", "securityGroups") or self._default(subnets)
        yield Interface(
            groups=groups,
            subnets=subnets,
            elsewhere=elsewhere,
            public=public | six,
            doubtful=doubtful | doubtful_six,
            zones=_count(service, "networkConfiguration", "subnets"),
            public_ipv4=_billed(public, doubtful),
        )

    def _of_function(self, function: Resource) -> Iterator[Interface]:
        if held(function, "vpcConfig") is not None:
            yield self._private(function, ("vpcConfig", "securityGroupIds"), ("vpcConfig", "subnetIds"))

    def _private(self, resource: Resource, groups: tuple[str, ...], subnets: tuple[str, ...]) -> Interface:
        """One without a public address, whose inputs name its groups and subnets."""
        placed, elsewhere = self._placed(resource, *subnets)
        keys = self._groups.keys(resource, *groups) or self._default(placed)
        return Interface(groups=keys, subnets=placed, elsewhere=elsewhere, zones=_count(resource, *subnets))

    def _of_balancer(self, balancer: Resource) -> Iterator[Interface]:
        one, two = self._placed(balancer, "subnets"), self._placed(balancer, "subnetMappings", "subnetId")
        subnets = (*one[0], *two[0])
        groups = self._groups.keys(balancer, "securityGroups")
        internal, doubtful = _answer(held(balancer, "internal"))
        facing = _IPV4 - internal - doubtful
        stack = given(balancer, "ipAddressType").value(absent="ipv4", unknown=None)
        if facing and (stack is None or str(stack).startswith("dualstack")):
            facing, doubtful = (facing, doubtful | _IPV6) if stack is None else (facing | _IPV6, doubtful)
        kind = kind_of(balancer)
        filtered = bool(groups) or kind is not Kind.NETWORK
        if not groups and kind is Kind.UNKNOWN:
            groups = (f"an unknown group of {balancer.name}",)
        elif not groups and filtered:
            groups = self._default(subnets)
        yield Interface(
            groups=groups,
            subnets=subnets,
            elsewhere=one[1] or two[1],
            public=facing,
            doubtful=doubtful,
            filtered=filtered,
            zones=_balancer_zones(balancer),
            public_ipv4=self._balancer_addresses(balancer, facing, doubtful),
        )

    @staticmethod
    def _balancer_addresses(balancer: Resource, facing: frozenset[Family], doubtful: frozenset[Family]) -> int | None:
        """One in each zone of an internet-facing load balancer, except if it was given an Elastic IP."""
        if not facing:
            return None if doubtful else 0
        zones = _balancer_zones(balancer)
        given = [value for value in spread(balancer.inputs, "subnetMappings", "allocationId") if value is not None]
        return None if zones is None else zones - len(given)

    def _of_endpoint(self, endpoint: Resource) -> Iterator[Interface]:
        if not is_interface(endpoint):
            return
        associated = self._endpoint_subnets.get(endpoint.urn, [])
        subnets, elsewhere = self._placed(endpoint, "subnetIds")
        groups = (*self._groups.keys(endpoint, "securityGroupIds"), *self._endpoint_groups.get(endpoint.urn, ()))
        vpc = self._network.vpc(endpoint)
        count = _count(endpoint, "subnetIds")
        zones = None if count is None else count + len(associated)
        groups = groups or self._groups.default_of(vpc)
        yield Interface(groups=groups, subnets=(*subnets, *associated), elsewhere=elsewhere, zones=zones)

    def _of_link(self, link: Resource) -> Iterator[Interface]:
        yield self._private(link, ("securityGroupIds",), ("subnetIds",))

    def _of_connect_endpoint(self, endpoint: Resource) -> Iterator[Interface]:
        yield self._private(endpoint, ("securityGroupIds",), ("subnetId",))

    def _of_store(self, resource: Resource) -> Iterator[Interface]:
        inputs, holder = data_stores.store(resource), data_stores.settings_of(self._graph, resource)
        path = [inputs.subnet_group] if inputs.subnet_group else list(inputs.subnets)
        source = resource if held(resource, *path) is not None else holder
        if inputs.subnet_group:
            parts = named(self._graph, source, *path, types=types.STORE_SUBNET_GROUP)
            placed = [self._placed(part, "subnetIds") for part in parts.some()]
            elsewhere = parts.every(unknown=None) is None or any(more for _, more in placed)
            subnets = tuple(hit for found, _ in placed for hit in found)
        else:
            subnets, elsewhere = self._placed(source, *path)
        public = data_stores.is_public(resource)
        yield Interface(
            groups=self._groups.keys(holder, *inputs.groups) or self._default(subnets),
            subnets=subnets,
            elsewhere=elsewhere,
            public=_IPV4 if public else frozenset(),
            doubtful=_IPV4 if public is None else frozenset(),
            zones=None if elsewhere else len(subnets),
        )

    def _of_loose_interface(self, card: Resource) -> Iterator[Interface]:
        if card.urn not in self._holders:
            yield self._interface(card)

    def _interface(self, card: Resource) -> Interface:
        subnets, elsewhere = self._placed(card, "subnetId")
        groups = (*self._groups.keys(card, "securityGroups"), *self._card_groups.get(card.urn, ()))
        public, doubtful = self._ipv6((card,), subnets, elsewhere)
        public |= _IPV4 if card.urn in self.addressed else frozenset()
        return Interface(
            groups=groups or self._default(subnets),
            subnets=subnets,
            elsewhere=elsewhere,
            public=public,
            doubtful=doubtful | (_IPV4 - public if card.existing else frozenset()),
            zones=1,
            forwards=held(card, "sourceDestCheck") is False,
            addresses=tuple(filter(None, map(text, [held(card, "privateIp"), *items(held(card, "privateIps"))]))),
        )

    def _families(
        self,
        resource: Resource,
        template: Resource | None,
        subnets: tuple[tuple[Resource, ...], bool],
        wanted: Any,
        *,
        placed: bool,
    ) -> tuple[frozenset[Family], frozenset[Family]]:
        """Families with a public address, and those of which it is not known."""
        cards = items(held(template, "networkInterfaces")) if template is not None else []
        six, doubtful_six = self._ipv6((resource, *cards), *subnets)
        if resource.urn in self.addressed or (wanted is None and not placed):
            # Where no subnet is named, the default VPC's give public addresses.
            return six | _IPV4, doubtful_six
        if wanted is not None:
            public, doubtful = _answer(wanted)
            return six | public, doubtful_six | doubtful
        mapped = [*map(_maps, subnets[0]), *([None] * subnets[1])]
        if any(mapped):
            return six | _IPV4, doubtful_six
        return six, doubtful_six | (_IPV4 if None in mapped else frozenset())

    @staticmethod
    def _ipv6(
        holders: Iterable[Any], subnets: tuple[Resource, ...], elsewhere: bool
    ) -> tuple[frozenset[Family], frozenset[Family]]:
        """IPv6 in the first set for yes, in the second for cannot tell. Holders are resources, and parts of one."""
        own = [value for one in holders for key in _IPV6_INPUTS for value in items(_input(one, key))]
        mapped = [given(subnet, "assignIpv6AddressOnCreation").value(absent=False, unknown=None) for subnet in subnets]
        if any(value not in (0, UNKNOWN) for value in own) or True in mapped:
            return _IPV6, frozenset()
        return frozenset(), _IPV6 if elsewhere or UNKNOWN in own or None in mapped else frozenset()

    def _placed(self, resource: Resource, *path: str) -> tuple[tuple[Resource, ...], bool]:
        """The subnets of the graph that an input names, and whether it may name others."""
        found = named(self._graph, resource, *path, types=types.SUBNET)
        return found.some(), found.every(unknown=None) is None

    def _default(self, subnets: Iterable[Resource]) -> tuple[str, ...]:
        vpcs = (self._network.vpc(subnet) for subnet in subnets)
        return next((self._groups.default_of(vpc) for vpc in vpcs if vpc is not None), ())

    @functools.cached_property
    def _attached(self) -> dict[str, list[Resource]]:
        """By instance, the interfaces attached to it, in whichever of the four ways it is declared."""
        found: dict[str, list[Resource]] = defaultdict(list)
        for instance in self._graph.of_type(*types.INSTANCE):
            for key in ("primaryNetworkInterface", "networkInterfaces"):
                found[instance.urn] += pointed(self._graph, instance, key, "networkInterfaceId", types=types.INTERFACE)
        for card in self._graph.of_type(*types.INTERFACE):
            for instance in pointed(self._graph, card, "attachments", "instance", types=types.INSTANCE):
                found[instance.urn].append(card)
        for attachment in self._graph.of_type(*types.INTERFACE_ATTACHMENT):
            for instance in pointed(self._graph, attachment, "instanceId", types=types.INSTANCE):
                found[instance.urn] += pointed(self._graph, attachment, "networkInterfaceId", types=types.INTERFACE)
        return found

    @functools.cached_property
    def _holders(self) -> dict[str, Resource]:
        cards = self._attached.items()
        return {card.urn: self._graph.resources[instance] for instance, held in cards for card in held}

    @functools.cached_property
    def addressed(self) -> set[str]:
        """Instances and interfaces that hold an Elastic IP."""
        holders = [
            (address, key)
            for address in self._graph.of_type(*types.ADDRESS, *types.ADDRESS_ASSOCIATION)
            for key in ("instance", "instanceId", "networkInterface", "networkInterfaceId")
        ]
        return {hit.urn for address, key in holders for hit in self._cards(address, key)}

    def _cards(self, link: Resource, key: str) -> list[Resource]:
        """Interfaces and instances that an input names; an instance also by its primary interface."""
        found = pointed(self._graph, link, key, types=(*types.INSTANCE, *types.INTERFACE))
        primary = self._network.holder_of(text(held(link, key)))
        return found if primary is None else [*found, primary]

    @functools.cached_property
    def _card_groups(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for link in self._graph.of_type(*types.INTERFACE_GROUP_ATTACHMENT):
            for holder in self._cards(link, "networkInterfaceId"):
                found[holder.urn] += self._groups.keys(link, "securityGroupId")
        return found

    @functools.cached_property
    def _endpoint_groups(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for link in self._graph.of_type(*types.ENDPOINT_GROUP):
            for endpoint in pointed(self._graph, link, "vpcEndpointId", types=types.ENDPOINT):
                found[endpoint.urn] += self._groups.keys(link, "securityGroupId")
        return found

    @functools.cached_property
    def _endpoint_subnets(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = defaultdict(list)
        for link in self._graph.of_type(*types.ENDPOINT_SUBNET):
            for endpoint in pointed(self._graph, link, "vpcEndpointId", types=types.ENDPOINT):
                found[endpoint.urn] += self._placed(link, "subnetId")[0]
        return found


_IPV4: Final = frozenset({Family.IPV4})
_IPV6: Final = frozenset({Family.IPV6})
_IPV6_INPUTS: Final = ("ipv6AddressCount", "ipv6Addresses", "ipv6PrefixCount", "ipv6Prefixes")


def _input(holder: Any, key: str) -> Any:
    """An input of a resource, or of an interface in a launch template."""
    return held(holder, key) if isinstance(holder, Resource) else within(holder, key)


def _answer(value: Any) -> tuple[frozenset[Family], frozenset[Family]]:
    """IPv4 in the first set for yes, in the second for cannot tell. Launch templates write booleans as text."""
    if value is UNKNOWN:
        return frozenset(), _IPV4
    return (_IPV4 if str(value).lower() == "true" else frozenset()), frozenset()


def _billed(public: frozenset[Family], doubtful: frozenset[Family]) -> int | None:
    """Public IPv4 addresses of one machine; None if that is not known."""
    if Family.IPV4 in public:
        return 1
    return None if Family.IPV4 in doubtful else 0


def _count(resource: Resource, *path: str) -> int | None:
    """How many subnets an input names; None if the list is not known."""
    value = held(resource, *path)
    return None if value is UNKNOWN else len(items(value))


def _balancer_zones(balancer: Resource) -> int | None:
    """Zones of a load balancer: the subnets of whichever of the two inputs names them."""
    counts = [_count(balancer, "subnets"), _count(balancer, "subnetMappings")]
    return None if None in counts or not any(counts) else sum(filter(None, counts))


def _maps(subnet: Resource) -> bool | None:
    """Whether a subnet gives its machines public IPv4 addresses. None if that is not known."""
    by_default = subnet.type == "aws:ec2/defaultSubnet:DefaultSubnet"
    answer = given(subnet, "mapPublicIpOnLaunch").value(absent=by_default, unknown=None)
    return None if answer is None else str(answer).lower() == "true"
