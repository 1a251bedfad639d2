"""VPC endpoints: which service they are for, and of which kind they are.

https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html
"""

from __future__ import annotations

from ..graph import Resource
from ..graph.reading import peek, text


def service_of(endpoint: Resource) -> str:
    """`ecr.api` of `com.amazonaws.eu-west-1.ecr.api`; empty if it is not known."""
    parts = text(peek(endpoint, "serviceName")).split(".")
    return ".".join(parts[3:]) or parts[-1]


def is_interface(endpoint: Resource) -> bool:
    """Whether it has addresses in subnets, and is paid by the hour."""
    return text(peek(endpoint, "vpcEndpointType")) == "Interface"


def is_gateway(endpoint: Resource) -> bool:
    """Whether it is a target of routes, and free. That is the default."""
    return text(peek(endpoint, "vpcEndpointType")) in ("", "Gateway")
