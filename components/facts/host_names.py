"""Host names of servers that callers inside a VPC cannot find, or may not.

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
