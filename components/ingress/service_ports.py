"""Ports of the listeners of services that share a load balancer.

A port follows from the service's name alone, so that a service keeps its listener whatever others come and go. Callers
never write it: the API and the forwarder take it from the stack. With TLS it is another one, because a listener cannot
change its protocol.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import Final

_FIRST: Final = 10_000
_COUNT: Final = 10_000


def choose_port(name: str, *, tls: bool) -> int:
    """Returns the port of the listener for requests: 10000 to 19999, and 30000 to 39999 with TLS."""
    return (3 if tls else 1) * _FIRST + zlib.crc32(name.encode()) % _COUNT


def choose_standby_port(name: str, *, tls: bool) -> int:
    """Returns the port of the listener for health checks, which no security group allows: 10000 more."""
    return choose_port(name, tls=tls) + _COUNT


def find_clash(names: Sequence[str], taken: int, *, tls: bool) -> Iterator[tuple[str, str]]:
    """Yields names with a port that an earlier name has, or the listener of `backend` at `taken`, each with that
    name."""
    ports = {taken: "backend"}
    for name in names:
        own = (choose_port(name, tls=tls), choose_standby_port(name, tls=tls))
        if clash := next((ports[port] for port in own if port in ports), ""):
            yield name, clash
        ports |= dict.fromkeys(own, name)
