"""VPC endpoints: which service they are for, and of which kind they are.

https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html
"""

from typing import Final

from ...graph import UNKNOWN, Resource
from ...graph.deployed_inputs import get_deployed_input
from ...graph.reading import as_text

_GATEWAYS: Final = ("s3", "dynamodb")


def parse_service(endpoint: Resource) -> str:
    """`ecr.api` of `com.amazonaws.eu-west-1.ecr.api`; empty if it is not known."""
    parts = as_text(get_deployed_input(endpoint, "serviceName")).split(".")
    return ".".join(parts[3:]) or parts[-1]


def is_interface(endpoint: Resource) -> bool:
    """Whether it has addresses in subnets, and is paid by the hour: of most services there is no other type."""
    kind = get_deployed_input(endpoint, "vpcEndpointType")
    return kind == "Interface" or (kind is UNKNOWN and parse_service(endpoint) not in (*_GATEWAYS, ""))
