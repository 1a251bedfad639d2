"""Which addresses are private, by their ranges, and which hosts are this machine."""

import ipaddress
import re
from typing import Final

VPC_RANGES: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
"""Ranges of a VPC that no machine on the internet has: RFC 1918, and RFC 6598 for carriers.
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""
PRIVATE_RANGES: Final = (*VPC_RANGES, "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128")
"""Ranges that no router of the internet carries: those of a VPC, and RFC 3927, 4193 and 4291. Python's own `is_private`
leaves out RFC 6598, and counts the ranges of examples, which are nobody's neighbours."""
# The forms that inet_aton(3) takes besides four decimal numbers: 127.1, 0x7f000001, 2130706433.
_NUMERIC: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_private_range(cidr: str) -> bool:
    """Whether every address of a range is private. Raises ValueError for text that is no range."""
    own = ipaddress.ip_network(cidr)
    ranges = (ipaddress.ip_network(each) for each in PRIVATE_RANGES)
    return any(own.version == each.version and own.subnet_of(each) for each in ranges)  # type: ignore[arg-type] # equal


def parse_address(host: str) -> Address | None:
    """The address that the host of a URL is, the IPv4 address if it is one in IPv6's form. None for a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_private_address(address: Address) -> bool:
    """Whether an address is in one of the private ranges."""
    return is_private_range(str(ipaddress.ip_network(address)))


def is_short_address(host: str) -> bool:
    """Whether a resolver takes the host for an IPv4 address, though it is not written as four decimal numbers."""
    name = host.rstrip(".").lower()
    return _NUMERIC.fullmatch(name) is not None and (parse_address(name) is None or name != host)


def is_this_machine(host: str) -> bool:
    """Whether a name is of the machine that asks. https://www.rfc-editor.org/rfc/rfc6761#section-6.3"""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")
