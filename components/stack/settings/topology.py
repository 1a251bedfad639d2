"""`gatehouse:topology`: the path of the requests."""

from enum import Enum


class Topology(Enum):
    """How requests travel from API Gateway to the backend."""

    PUBLIC_PROXY = "public-proxy"
    VPC_LINK = "vpc-link"
    PRIVATE_API = "private-api"
