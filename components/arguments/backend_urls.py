"""The URL of a backend: its host and port, and the address ranges that fit it."""

import ipaddress
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ..facts import limits
from ..facts.host_names import is_private_name, lacks_public_certificate
from ..facts.private_addresses import is_private_range
from .addresses import is_address
from .faults import Fault


def find_range_faults(key: str, url: str, ranges: Sequence[str]) -> Iterator[Fault]:
    """Yields a backend's ranges that do not contain the address of its URL."""
    host = find_host(url)
    if (
        ranges
        and is_address(host)
        and not any(ipaddress.ip_address(host) in network for network in _parse_networks(ranges))
    ):
        allowed = f"ranges with {host}, the address of url"
        yield Fault(key, ", ".join(ranges), allowed, f"callers may call nothing else: add it, or take {key} out")


def find_trust_faults(url: str, authority: object) -> Iterator[Fault]:
    """Yields a private certificate authority without https, or a host that needs one."""
    parts = urlsplit(url)
    if authority is not None and parts.scheme != "https":
        yield Fault("certificate_authority", "(not shown)", "only with a URL with https", "take it out")
    if authority is None and parts.scheme == "https" and lacks_public_certificate(parts.hostname or ""):
        # The host may be a secret.
        allowed = "the authority of the backend: no public one signs a certificate for a private name or address"
        remedy = "name it; or use http, or a name of your own domain with a public certificate"
        yield Fault("certificate_authority", None, allowed, remedy)


def find_public_name(url: str, ranges: Sequence[str]) -> Iterator[Fault]:
    """Yields a URL whose host is known to be on the internet, unless a range of the backend is."""
    if is_private_name(find_host(url)) is False and all(map(is_private_range, ranges)):
        remedy = "name a private address or a private DNS name, such as that of an internal load balancer"
        yield Fault("url", "a public host name", "a private backend: the forwarder has no way to the internet", remedy)


def _parse_networks(ranges: Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [*map(ipaddress.ip_network, ranges)]


def find_host(url: str) -> str:
    """Returns the host that a URL names."""
    return urlsplit(url).hostname or ""


def find_port(url: str) -> int:
    """Returns the port that a URL names, or the port of its scheme."""
    parts = urlsplit(url)
    return parts.port or (limits.HTTPS_PORT if parts.scheme == "https" else limits.HTTP_PORT)
