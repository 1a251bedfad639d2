"""What the name of a host shows: whether its address is private, and that it is called over another port than HTTP's.

A name resolves to any address that the owner of its zone wants. Only few names are known to be private or public.
"""

import re
from typing import Final, NamedTuple

from .private_addresses import is_private_address, parse_address

# ICANN and IETF keep these from the public DNS: https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en
# https://www.rfc-editor.org/rfc/rfc6762 and https://www.rfc-editor.org/rfc/rfc8375
_PRIVATE: Final = re.compile(
    r"[^.]+|.*\.(?:internal|local|home\.arpa)"
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
    r"|internal-.*\.elb\.amazonaws\.com(?:\.cn)?"
    # https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
    r"|.*\.vpce\.amazonaws\.com(?:\.cn)?"
)
# A name of a network load balancer does not show whether it is internal.
_PUBLIC: Final = re.compile(
    r"(?!internal-)[^.]+\.[a-z]{2}(?:-[a-z]+)+-\d\.elb\.amazonaws\.com(?:\.cn)?"
    r"|.*\.cloudfront\.net"
    # https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
    r"|.*\.lambda-url\.[a-z0-9-]+\.on\.aws"
)


def is_private_name(host: str) -> bool | None:
    """Whether a host name is of a private address. None if the name does not show it."""
    name = host.rstrip(".").lower()
    if _PRIVATE.fullmatch(name):
        return True
    return False if _PUBLIC.fullmatch(name) else None


_ENDPOINTS: Final = re.compile(r".*\.vpce\.amazonaws\.com(?:\.cn)?")
"""Names of interface endpoints: the services behind many of them have AWS's own public certificates."""


def lacks_public_certificate(host: str) -> bool:
    """Whether no public authority signs a certificate for a host, as far as the host shows."""
    if (address := parse_address(host)) is not None:
        return is_private_address(address)
    return is_private_name(host) is True and not _ENDPOINTS.fullmatch(host.rstrip(".").lower())


_OF_AWS: Final = re.compile(r"(?:.*\.)?(?:amazonaws\.com(?:\.cn)?|amazonwebservices\.com\.cn|on\.aws|api\.aws)")


def is_name_of_aws(host: str) -> bool:
    """Whether a name is in a domain in which AWS's own endpoints are."""
    return _OF_AWS.fullmatch(host.rstrip(".").lower()) is not None


class _Protocol(NamedTuple):
    """A protocol other than HTTP, by the names of its hosts."""

    name: str
    hosts: re.Pattern[str]
    port: int | None
    """The port that its clients take first. None if the names do not show one."""


_PROTOCOLS: Final = (
    _Protocol("SMTP", re.compile(r"(?:[^.]+-)?smtps?(?:-[^.]+)?\..*"), 587),
    _Protocol("IMAP", re.compile(r"imaps?\..*"), 993),
    _Protocol("POP3", re.compile(r"pop3?s?\..*"), 995),
    _Protocol("LDAP", re.compile(r"ldaps?\..*"), 636),
    _Protocol("FTP or SSH", re.compile(r"(?:ftps?|sftp|ssh)\..*"), 22),
    # https://www.mongodb.com/docs/atlas/troubleshoot-connection/
    _Protocol("MongoDB", re.compile(r".*\.mongodb\.net"), 27017),
    _Protocol(
        "a database",
        re.compile(r".*\.(?:rds|cache|docdb|neptune|redshift)(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"),
        None,
    ),
)


def find_usual_port(host: str) -> int | None:
    """The port that clients of the host's protocol take first. None if the name does not show it."""
    found = _find_protocol(host)
    return found.port if found else None


def find_other_protocol(host: str) -> str:
    """Returns the protocol of a host that is not called over HTTP; empty if the name does not show one."""
    found = _find_protocol(host)
    return found.name if found else ""


def _find_protocol(host: str) -> _Protocol | None:
    name = host.rstrip(".").lower()
    return next((protocol for protocol in _PROTOCOLS if protocol.hosts.fullmatch(name)), None)
