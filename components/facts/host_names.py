"""What the name of a host shows: whether its address is private, and that it is called over another port than HTTP's.

A name resolves to any address that the owner of its zone wants. Only few names are known to be private or public.
"""

import re
from typing import Final

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


_PROTOCOLS: Final = {
    "SMTP": re.compile(r"(?:[^.]+-)?smtps?(?:-[^.]+)?\..*"),
    "IMAP": re.compile(r"imaps?\..*"),
    "POP3": re.compile(r"pop3?s?\..*"),
    "LDAP": re.compile(r"ldaps?\..*"),
    "FTP or SSH": re.compile(r"(?:ftps?|sftp|ssh)\..*"),
    # https://www.mongodb.com/docs/atlas/troubleshoot-connection/
    "MongoDB": re.compile(r".*\.mongodb\.net"),
    "a database": re.compile(r".*\.(?:rds|cache|docdb|neptune|redshift)(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"),
}
"""Names of hosts that are called by another protocol than HTTP."""


_USUAL_PORTS: Final = {"SMTP": 587, "IMAP": 993, "POP3": 995, "LDAP": 636, "FTP or SSH": 22, "MongoDB": 27017}


def usual_port(host: str) -> int | None:
    """The port that clients of the host's protocol take first. None if the name does not show the protocol."""
    return _USUAL_PORTS.get(find_other_protocol(host))


def find_other_protocol(host: str) -> str:
    """The protocol of a host that is not called over HTTP; empty if the name does not show one."""
    name = host.rstrip(".").lower()
    return next((protocol for protocol, pattern in _PROTOCOLS.items() if pattern.fullmatch(name)), "")
