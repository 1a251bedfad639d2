"""`gatehouse:topology`: which of the three ways."""

from enum import Enum


class Topology(Enum):
    """How requests travel from API Gateway to the backend."""

    PUBLIC_PROXY = "public-proxy"
    VPC_LINK = "vpc-link"
    PRIVATE_API = "private-api"
