"""Address ranges, compared without regard to whether they are written as addresses or as networks."""

import functools
import ipaddress
from collections.abc import Iterable
from typing import Final

from ..facts.private_addresses import PRIVATE_RANGES

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ANYWHERE: Final = ("0.0.0.0/0", "::/0")
_ADDRESS: Final = {4: ipaddress.IPv4Address, 6: ipaddress.IPv6Address}


@functools.cache
def parse_network(cidr: str) -> Network | None:
    """`10.0.0.0/8`, `10.1.2.3` or an IPv6 of either form as a network; None for anything else."""
    try:
        return ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return None


@functools.cache
def covers(outer: str, inner: str) -> bool | None:
    """Is all of `inner` inside `outer`? None if only a part of it is; no for text that is not an address."""
    allowed, inner_range = parse_network(outer), parse_network(inner)
    if allowed is None or inner_range is None or allowed.version != inner_range.version:
        return False
    low, high = int(allowed.network_address), int(allowed.broadcast_address)
    first, last = int(inner_range.network_address), int(inner_range.broadcast_address)
    if low <= first and last <= high:
        return True
    return False if last < low or high < first else None


def is_private(cidr: str) -> bool:
    """Whether the whole range is of addresses that no internet router carries."""
    return any(covers(private, cidr) for private in PRIVATE_RANGES)


_INTERNET_WIDE: Final = {4: 2**24, 6: 2**112}
"""Number of addresses from which a set of ranges counts as the internet: a /8 of IPv4, a /16 of IPv6.

The largest network of a single owner is smaller, so such ranges do not name an owner.
"""

_UNICAST: Final = {4: ("0.0.0.0/0",), 6: ("2000::/3",)}
_NEVER_ROUTED: Final = ("0.0.0.0/8", "224.0.0.0/3")


def share(ranges: Iterable[str], of: str) -> float:
    """How much of `of` the ranges cover together: from 0 to 1."""
    return _share(tuple(ranges), of)


# Each rule of a group asks for the ranges of all its rules.
@functools.lru_cache(maxsize=4096)
def _share(ranges: tuple[str, ...], of: str) -> float:
    whole = parse_network(of)
    if whole is None:
        return 0.0
    return _count_overlap(_join_ranges(ranges, whole.version), _join_ranges((of,), whole.version)) / whole.num_addresses


@functools.lru_cache(maxsize=4096)
def _join_ranges(ranges: tuple[str, ...], version: int) -> list[tuple[int, int]]:
    """First and last addresses of the ranges, joined where they overlap."""
    networks = [block for block in map(parse_network, ranges) if block is not None and block.version == version]
    joined = ipaddress.collapse_addresses(networks)  # type: ignore[type-var] # all of one version
    return [(int(block.network_address), int(block.broadcast_address)) for block in joined]


def _count_overlap(spans: list[tuple[int, int]], others: list[tuple[int, int]]) -> int:
    return sum(max(0, min(last, end) - max(first, start) + 1) for first, last in spans for start, end in others)
