"""The URL of a backend: its host and port, and the address ranges that fit it."""

import ipaddress
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ..facts import limits
from .addresses import is_address
from .faults import Fault


def find_range_faults(key: str, url: str, ranges: Sequence[str]) -> Iterator[Fault]:
    """Yields the mistakes of a backend's ranges: every address, or ranges without the address of its URL."""
    host = find_host(url)
    for each in ranges:
        if ipaddress.ip_network(each).prefixlen == 0:
            allowed = "ranges of the backend: this one is every address"
            yield Fault(key, each, allowed, "name the backend's own range, or its security group")
    if (
        ranges
        and is_address(host)
        and not any(ipaddress.ip_address(host) in network for network in _parse_networks(ranges))
    ):
        allowed = f"ranges with {host}, the address of url"
        yield Fault(key, ", ".join(ranges), allowed, f"callers may call nothing else: add it, or take {key} out")


def _parse_networks(ranges: Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [*map(ipaddress.ip_network, ranges)]


def find_host(url: str) -> str:
    """Returns the host that a URL names."""
    return urlsplit(url).hostname or ""


def find_port(url: str) -> int:
    """Returns the port that a URL names, or the port of its scheme."""
    parts = urlsplit(url)
    return parts.port or (limits.HTTPS_PORT if parts.scheme == "https" else limits.HTTP_PORT)
