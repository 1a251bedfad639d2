"""The load balancer of a stack's settings that exists already, as a target of routes."""

from typing import Any

import pulumi

from ... import ExistingIngress, PrivateNetwork
from ...api.api_args import TargetArgs
from ..settings import Settings
from ..settings.backend import Listener
from .backend import given
from .ingress import longest_wait


def listener_target(
    settings: Settings, wanted: Listener, network: PrivateNetwork
) -> tuple[TargetArgs, pulumi.Output[str]]:
    """Declare the link to it. Returns the target, and the security group of the link, empty if it exists already."""
    args: dict[str, Any] = {
        **wanted.given(),
        "vpc_id": network.vpc_id,
        "vpc_cidr": network.vpc_cidr,
        "subnet_ids": network.private_subnet_ids,
        "rest": settings.api.kind == "rest",
        "longest_wait_seconds": longest_wait(settings),
    }
    made = ExistingIngress("ingress", given(args))
    target = TargetArgs(
        link_id=made.link_id,
        listener_arn=made.listener_arn,
        load_balancer_arn=made.load_balancer_arn,
        url=made.url,
        server_name=wanted.server_name,
    )
    return target, made.link_security_group_id
