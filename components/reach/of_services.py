"""The statements of what a stack declares between its services: calls, and private names."""

import pulumi

from .references import refer
from .statement import Statement, drop_absent


def state_service_call(
    caller_group: "pulumi.Input[str]", called_group: "pulumi.Input[str]", port: int, service: str
) -> Statement:
    """Returns the statement of a call from one service to another, or to the load balancer in front of it."""
    return {
        "from": refer(caller_group, "SecurityGroup"),
        "to": refer(called_group, "SecurityGroup"),
        "port": port,
        "service": service,
    }


def state_private_name(
    name: "pulumi.Input[str]",
    vpc_id: "pulumi.Input[str]",
    destination: "pulumi.Input[str]",
    zone_id: "pulumi.Input[str] | None",
) -> Statement:
    """Returns the statement of a DNS name that resolves only in a VPC, or in that of a zone which exists already."""
    return drop_absent(
        name=refer(name),
        to=refer(destination, "LoadBalancer", "Instance"),
        vpc=refer(vpc_id, "Vpc") if zone_id is None else None,
        zone="own" if zone_id is None else refer(zone_id, "Zone"),
    )
