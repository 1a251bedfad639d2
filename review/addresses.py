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
    """Whether no address of the range can be reached from the internet by itself (RFC 1918, 4193 and the like)."""
    found = network(written)
    return found is not None and found.is_private and written not in ANYWHERE
