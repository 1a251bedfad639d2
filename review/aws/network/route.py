"""One route of a table, and whether packets leave by an internet gateway.

https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
"""

import enum
from dataclasses import dataclass
from typing import Final, Self

from ...graph import Resource
from ...graph.addresses import covers, list_public_parts, parse_network
from ...graph.answers import Truth, any_of


class Family(enum.Enum):
    """A version of IP."""

    IPV4 = "IPv4"
    IPV6 = "IPv6"

    @classmethod
    def from_cidr(cls, cidr: str) -> Self:
        """That of an address or a range."""
        return cls.IPV6 if ":" in cidr else cls.IPV4

    @property
    def anywhere(self) -> str:
        return "0.0.0.0/0" if self is Family.IPV4 else "::/0"

    @property
    def version(self) -> int:
        return 4 if self is Family.IPV4 else 6


class Gateway(enum.Enum):
    INTERNET = "internet gateway"
    NAT = "NAT gateway"
    INTERFACE = "network interface"
    EGRESS_ONLY = "egress-only gateway"
    PEERING = "another network"
    ENDPOINT = "endpoint"
    OTHER = "another gateway"
    UNKNOWN = "unknown gateway"


@dataclass(frozen=True)
class Route:
    """One line of a route table."""

    resource: Resource
    """The resource that declares it: a Route, or the table that contains it inline."""
    destination: str
    """A range; empty for a prefix list or if it is unknown."""
    gateway: Gateway
    target: Resource | None
    """None if the graph does not hold it."""
    inputs: tuple[str, str] = ("routes", "routes")
    """The inputs that give the destination and the gateway."""


_MAYBE_INTERNET: Final = (Gateway.INTERNET, Gateway.ENDPOINT, Gateway.OTHER, Gateway.UNKNOWN)
"""Gateways through which packets of the internet may come: a firewall's endpoint passes them on, for example."""


def leaves_by_gateway(routes: list[Route], peer: str, within: str = "") -> Truth:
    """Whether any packet to a range leaves by an internet gateway, as far as these routes decide it."""
    addresses = list_public_parts(peer, [route.destination for route in routes])
    # A destination that is not known (a prefix list) may be any.
    open_ended = any(not route.destination and route.gateway in _MAYBE_INTERNET for route in routes)
    answer = any_of(_decide(routes, address, within or peer) for address in addresses)
    return None if answer is False and open_ended else answer


def _decide(routes: list[Route], address: str, destination: str) -> Truth:
    """Whether the most specific route to an address of a range has an internet gateway as its target."""
    matching = [route for route in routes if route.destination and covers(route.destination, address)]
    best = max(matching, key=lambda route: _prefix_length(route.destination), default=None)
    if best is None or best.gateway not in _MAYBE_INTERNET:
        return False
    # A route whose destination is not known is more specific for all of the range only if the range is narrower.
    hidden = any(not route.destination and route.gateway is not Gateway.INTERNET for route in routes)
    certain = best.gateway is Gateway.INTERNET and not (
        hidden and _prefix_length(best.destination) < _prefix_length(destination)
    )
    return True if certain else None


def _prefix_length(cidr: str) -> int:
    return parsed.prefixlen if (parsed := parse_network(cidr)) is not None else 0
