"""The way out over IPv6: a gateway that lets connections out and none in, and costs nothing.

https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pulumi_aws as aws

from ..resource_options.scope import Scope
from .new_vpc import Zone

_ANYWHERE: Final = {"ipv4": {"cidr_block": "0.0.0.0/0"}, "ipv6": {"ipv6_cidr_block": "::/0"}}


def declare_ipv6_egress(scope: Scope, vpc: aws.ec2.Vpc, zones: Sequence[Zone]) -> list[aws.ec2.Route]:
    """Declare the gateway, the routes to it and a network ACL that is open for both families."""
    gateway = aws.ec2.EgressOnlyInternetGateway(
        f"{scope.name}-internet-ipv6", vpc_id=vpc.id, tags=scope.build_tags("internet-ipv6"), opts=scope.child_options()
    )
    # The VPC's own ACL is open too, but it can be edited outside this program, which would not notice.
    aws.ec2.NetworkAcl(
        f"{scope.name}-private-acl",
        vpc_id=vpc.id,
        subnet_ids=[zone.subnet.id for zone in zones],
        ingress=[_open(number, **where) for number, where in zip((100, 101), _ANYWHERE.values(), strict=True)],
        egress=[_open(number, **where) for number, where in zip((100, 101), _ANYWHERE.values(), strict=True)],
        tags=scope.build_tags("private"),
        opts=scope.child_options(),
    )
    return [
        aws.ec2.Route(
            f"{scope.name}-private-{zone.position}-ipv6",
            route_table_id=zone.route_table.id,
            destination_ipv6_cidr_block="::/0",
            egress_only_gateway_id=gateway.id,
            opts=scope.child_options(),
        )
        for zone in zones
    ]


def _open(number: int, **where: str) -> Any:
    """An entry that lets everything pass: security groups decide, which know connections where an ACL knows packets."""
    return {"rule_no": number, "action": "allow", "protocol": "-1", "from_port": 0, "to_port": 0, **where}
