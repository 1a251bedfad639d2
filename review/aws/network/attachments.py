"""What is attached to instances and interfaces apart from them: interfaces, Elastic IPs, security groups.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html
"""

import functools
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ...graph import Graph, Resource
from ...graph.given import Gap, Ground, given, held_input, may_be_any, named, unnamed
from ...graph.reading import as_list, as_number, as_text, named_resources, value_at
from ...graph.unread import referrers
from ..catalog import types
from .routes import Routing

_CARDS: Final = ("primaryNetworkInterface", "networkInterfaces")
_HOLDERS: Final = (*types.INSTANCE, *types.INTERFACE)
_ID: Final = "networkInterfaceId"


class Attachments:
    """By instance or interface, what other resources of the graph attach to it."""

    def __init__(self, graph: Graph, network: Routing) -> None:
        self._graph, self._network = graph, network

    @functools.cached_property
    def interfaces(self) -> dict[str, list[Resource]]:
        """By instance, the interfaces attached to it, in whichever of the three ways it is declared."""
        interfaces: dict[str, list[Resource]] = defaultdict(list)
        for instance in self._graph.of_type(*types.INSTANCE):
            for key in _CARDS:
                interfaces[instance.urn] += named_resources(self._graph, instance, key, _ID, types=types.INTERFACE)
        for card in self._graph.of_type(*types.INTERFACE):
            for instance in named_resources(self._graph, card, "attachments", "instance", types=types.INSTANCE):
                interfaces[instance.urn].append(card)
        return interfaces

    @functools.cached_property
    def with_strangers(self) -> set[str]:
        """Instances to which an interface is, or may be, attached that the graph does not hold."""
        return {
            instance.urn
            for instance in self._graph.of_type(*types.INSTANCE)
            for key in _CARDS
            if referrers(instance)
            or named(self._graph, instance, key, _ID, types=types.INTERFACE).every(unknown=None) is None
        }

    @functools.cached_property
    def holders(self) -> dict[str, Resource]:
        """By interface, the instance that it is attached to."""
        cards = self.interfaces.items()
        return {card.urn: self._graph.resources[instance] for instance, instances in cards for card in instances}

    def instance_of(self, card: Resource) -> Resource | None:
        """The instance that an interface is attached to: itself, where a route names the one it was made with."""
        return card if card.type in types.INSTANCE else self.holders.get(card.urn)

    def unattached(self, card: Resource) -> Iterator[Ground]:
        """Grounds for the statement that no instance holds an interface."""
        yield given(card, "attachments").ground()
        by_instance = ((types.INSTANCE, (key, _ID)) for key in _CARDS)
        yield from unnamed(self._graph, card, by_instance)

    @functools.cached_property
    def addressed(self) -> set[str]:
        """Instances and interfaces that hold an Elastic IP."""
        return {hit.urn for address, key in self._address_holders for hit in self._cards(address, key)}

    @functools.cached_property
    def stray_addresses(self) -> tuple[Gap, ...]:
        """Elastic IPs that any instance or interface may hold."""
        strays = (holder for holder in self._address_holders if may_be_any(self._graph, *holder, types=_HOLDERS))
        return tuple(Gap(f"{address.name}.{key}") for address, key in strays)

    @functools.cached_property
    def _address_holders(self) -> list[tuple[Resource, str]]:
        """Elastic IPs and their associations, each with an input that names what holds it."""
        keys = ("instance", "instanceId", "networkInterface", "networkInterfaceId")
        addresses = self._graph.of_type(*types.ADDRESS, *types.ADDRESS_ASSOCIATION)
        return [(address, key) for address in addresses for key in keys]

    def _cards(self, link: Resource, key: str) -> list[Resource]:
        """Interfaces and instances that an input names, an instance also by its first interface, and that interface."""
        resources = named_resources(self._graph, link, key, types=_HOLDERS)
        primary = self._network.made_with.get(as_text(held_input(link, key)))
        named_ones = resources if primary is None else [*resources, primary]
        return [*named_ones, *(card for resource in named_ones for card in self._first_cards(resource))]

    def _first_cards(self, instance: Resource) -> list[Resource]:
        """The first interface of an instance, if it is declared apart; all, if it is not known which one that is."""
        cards = [
            hit for key in _CARDS for hit in named_resources(self._graph, instance, key, _ID, types=types.INTERFACE)
        ]
        lines = [
            card
            for card in as_list(held_input(instance, "networkInterfaces"))
            if as_number(value_at(card, "deviceIndex")) == 0
        ]
        first = [hit for line in lines if (hit := self._graph.find(value_at(line, _ID), *types.INTERFACE)) is not None]
        return first or cards
