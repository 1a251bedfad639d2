"""Address ranges, compared without regard to whether they are written as addresses or as networks."""

import functools
import ipaddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


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
