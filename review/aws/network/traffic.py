"""The traffic that a rule of a security group or a network ACL names: a protocol and ports."""

from collections.abc import Mapping
from typing import Any, Final

from ...graph import UNKNOWN, reveal
from ...graph.reading import as_integer

ALL: Final = "-1"
PORTS: Final = (0, 65535)
_PROTOCOLS: Final = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": ALL}


def read_traffic(rule: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Protocol, first and last port of a security group's rule; all ports where the protocol is all, or has none."""
    protocol = reveal(rule.get("protocol"))
    if protocol is UNKNOWN:
        return UNKNOWN, 0, 0
    name = normalize_protocol(protocol)
    first, last = reveal(rule.get("fromPort")), reveal(rule.get("toPort"))
    if UNKNOWN in (first, last):
        return name, UNKNOWN, UNKNOWN
    if name not in ("tcp", "udp"):
        return name, *PORTS
    low = PORTS[0] if first is None else as_integer(first)
    high = low if last is None else as_integer(last)
    return (name, UNKNOWN, UNKNOWN) if None in (low, high) else (name, low, high)


def normalize_protocol(value: Any) -> str:
    """`tcp` of the protocol's name or number, which arrives as a float: 6.0 is `6`."""
    name = str(int(value)) if isinstance(value, float) else str(value).lower()
    return _PROTOCOLS.get(name, name)
