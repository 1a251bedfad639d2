"""TCP ports of interface endpoints, by the short names of their services.

AWS's services are called over HTTPS unless their own page has another port.
"""

from collections.abc import Iterable
from typing import Final

from . import endpoint_services

PortRange = tuple[int, int]
"""First and last port."""

HTTPS: Final[PortRange] = (443, 443)


def _single_ports(*ports: int) -> tuple[PortRange, ...]:
    return tuple((port, port) for port in ports)


_CASSANDRA: Final = "https://docs.aws.amazon.com/keyspaces/latest/devguide/programmatic.endpoints.html"
PORTS: Final[dict[str, tuple[tuple[PortRange, ...], str]]] = {
    # STARTTLS on 25, 587 and 2587, TLS on 465 and 2465. The API of SES has an endpoint of its own, `email`.
    "email-smtp": (
        _single_ports(25, 465, 587, 2465, 2587),
        "https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html",
    ),
    # Drivers use 9142, SDKs use HTTPS.
    "cassandra": (_single_ports(443, 9142), _CASSANDRA),
    "cassandra-fips": (_single_ports(443, 9142), _CASSANDRA),
    # MQTT on 443 and 8883, HTTPS on 443 and 8443.
    "iot.data": (
        _single_ports(443, 8443, 8883),
        "https://docs.aws.amazon.com/iot/latest/developerguide/protocols.html",
    ),
    # Agents use the range for control.
    "datasync": (
        (HTTPS, (1024, 1064)),
        "https://docs.aws.amazon.com/datasync/latest/userguide/datasync-network.html",
    ),
}
"""Services with other ports than 443 alone: the ports, and AWS's page."""


def list_service_ports(service: str) -> tuple[PortRange, ...]:
    """The ports of a service's endpoint. 443 if no other is known."""
    return PORTS[service][0] if service in PORTS else (HTTPS,)


def is_open(service: str, port: int) -> bool:
    """Whether the service's endpoint answers on the port."""
    return any(first <= port <= last for first, last in list_service_ports(service))


def is_assumed(service: str) -> bool:
    """Whether 443 is an assumption: the service is in no list of ours."""
    return service not in PORTS and service.removesuffix("-fips") not in endpoint_services.OVER_HTTPS


def merge_ports(services: Iterable[str]) -> list[PortRange]:
    """The ports of several endpoints, each range once, in order."""
    return sorted({ports for service in services for ports in list_service_ports(service)})


def format_range(ports: PortRange) -> str:
    """`587`, or `1024-1064`."""
    first, last = ports
    return str(first) if first == last else f"{first}-{last}"


def format_ports(ports: Iterable[PortRange]) -> str:
    """`tcp 25, 587, 1024-1064`."""
    return "tcp " + ", ".join(map(format_range, ports))
