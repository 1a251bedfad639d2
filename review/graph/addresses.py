"""Address ranges, compared without regard to whether they are written as addresses or as networks."""

from __future__ import annotations

import functools
import ipaddress
from typing import Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ANYWHERE: Final = ("0.0.0.0/0", "::/0")


@functools.cache
def network(written: str) -> Network | None:
    """`10.0.0.0/8`, `10.1.2.3` or an IPv6 of either form as a network; None for anything else."""
    try:
        return ipaddress.ip_network(written, strict=False)
    except ValueError:
        return None


@functools.cache
def covers(outer: str, inner: str) -> bool | None:
    """Is all of `inner` inside `outer`? None where only a part of it is; no for what is not an address."""
    allowed, asked = network(outer), network(inner)
    if allowed is None or asked is None or allowed.version != asked.version:
        return False
    low, high = int(allowed.network_address), int(allowed.broadcast_address)
    first, last = int(asked.network_address), int(asked.broadcast_address)
    if low <= first and last <= high:
        return True
    return False if last < low or high < first else None


def is_private(written: str) -> bool:
    """Whether the whole range is of addresses that no internet router carries."""
    return any(covers(private, written) for private in _PRIVATE)


# RFC 1918, 6598, 3927, 4193 and 4291. Python's own is_private counts examples' ranges as well, which are no neighbours.
_PRIVATE: Final = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
