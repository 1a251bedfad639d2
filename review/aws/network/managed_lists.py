"""AWS's own lists of addresses, and the services that open connections from them.

https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
"""

import re
from typing import Final

_NAME: Final = re.compile(r"(?:cn\.)?com\.amazonaws\.(?:global|[a-z0-9-]+)\.(?:ipv6\.)?([a-z0-9.-]+)")
LATTICE: Final = "VPC Lattice"
"""Reaches its targets by addresses of their own VPC, so they need no public address."""
_CALLERS: Final = {
    **{"cloudfront.origin-facing": "CloudFront", "vpc-lattice": LATTICE},
    **{"ec2-instance-connect": "EC2 Instance Connect", "route53-healthchecks": "Route 53 health checks"},
    **dict.fromkeys(("s3", "dynamodb", "s3express"), ""),
}
"""Services by the end of their lists' names. The last ones only respond."""


def caller_of(name: str) -> str:
    """The service that a list is of; empty if the list is not AWS's, or the service opens no connection."""
    match = _NAME.fullmatch(name)
    return _CALLERS.get(match[1], match[1]) if match else ""
