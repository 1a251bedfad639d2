"""Kinds of load balancers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/what-is-load-balancing.html
"""

import enum

from ...graph import Resource
from ...graph.deployed_inputs import get_deployed_input
from ...graph.reading import as_text


class Kind(enum.Enum):
    """The traffic of a load balancer: requests, connections, or packets for an appliance."""

    APPLICATION = "ALB"
    NETWORK = "NLB"
    GATEWAY = "GWLB"
    UNKNOWN = "load balancer"


def read_kind(balancer: Resource) -> Kind:
    """Application if the program names none."""
    value = get_deployed_input(balancer, "loadBalancerType")
    return Kind.APPLICATION if value is None else Kind.__members__.get(as_text(value).upper(), Kind.UNKNOWN)
