"""The load balancer of a stack's settings that exists already, as a target of routes."""

from typing import Any

import pulumi

from ... import ExistingIngress, PrivateNetwork
from ...arguments.connections import TargetArgs
from ..settings import Settings
from ..settings.backend import Listener
from .backend import drop_omitted
from .ingress import find_longest_wait


def declare_listener_target(
    settings: Settings, wanted: Listener, network: PrivateNetwork
) -> tuple[TargetArgs, pulumi.Output[str]]:
    """Declare the link to it. Returns the target, and the security group of the link, empty if it exists already."""
    args: dict[str, Any] = {
        **wanted.read_arguments(),
        "vpc_id": network.vpc_id,
        "vpc_cidr": network.vpc_cidr,
        "further_vpc_cidrs": network.ipv4_cidrs[1:],
        "subnet_ids": network.private_subnet_ids,
        "rest": settings.api.kind == "rest",
        "longest_wait_seconds": find_longest_wait(settings),
    }
    made = ExistingIngress("ingress", drop_omitted(args))
    return made.target, made.link_security_group_id
