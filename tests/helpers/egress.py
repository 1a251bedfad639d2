"""Networks, and machines in them, with every set of ways out: for tests of what a change of them does."""

import functools
import itertools
from typing import Any

from components.ec2_backend import Ec2Backend
from components.private_network import PrivateNetwork
from components.testing.recorder import Graph
from tests.helpers.declare import declare

VALUES: list[tuple[str, ...]] = [
    (),
    ("s3-packages",),
    ("ipv6",),
    ("nat-instance",),
    ("nat-gateway",),
    ("nat-instance", "nat-gateway"),
    ("ipv6", "nat-instance"),
    ("ipv6", "nat-gateway"),
]
PAIRS = list(itertools.permutations(VALUES, 2))


@functools.cache
def network(egress: tuple[str, ...], gateways: str = "one") -> Graph:
    def program() -> None:
        args: Any = {"zones": ["eu-west-1a", "eu-west-1b"], "egress": list(egress), "nat_gateways": gateways}
        PrivateNetwork("network", args)

    return declare(program)


@functools.cache
def stack(egress: tuple[str, ...]) -> Graph:
    def program() -> None:
        wanted: Any = {"zones": ["eu-west-1a", "eu-west-1b"], "egress": list(egress)}
        network = PrivateNetwork("network", wanted)
        args: Any = {
            "vpc_id": network.vpc_id,
            "subnet_ids": network.private_subnet_ids,
            "image": "nginx:1.29",
            "egress": list(egress),
            "s3_prefix_list_id": network.s3_prefix_list_id,
        }
        Ec2Backend("backend", args)

    return declare(program)
