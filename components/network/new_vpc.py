"""A VPC with one private subnet and one route table a zone, closed until something opens it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..facts import limits
from ..resource_options.scope import Scope
from .subnets import ZoneRanges, cut_ipv6_subnet, plan_subnets


@dataclass(frozen=True)
class Zone:
    """One zone's part of the network; `position` counts from 1 and is in the names of what is declared."""

    position: int
    ranges: ZoneRanges
    subnet: aws.ec2.Subnet
    route_table: aws.ec2.RouteTable
    association: aws.ec2.RouteTableAssociation


def declare_vpc(scope: Scope, cidr: str) -> aws.ec2.Vpc:
    """The VPC, with the DNS that private endpoints need, and a default security group that lets nothing pass.

    It gets an IPv6 range whether it is used or not. The range is free and leads nowhere without a route, while taking
    one from a subnet that has handed out addresses replaces the subnet.
    """
    vpc = aws.ec2.Vpc(
        f"{scope.name}-vpc",
        cidr_block=cidr,
        assign_generated_ipv6_cidr_block=True,
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags=scope.build_tags("vpc"),
        opts=scope.child_options(),
    )
    # AWS gives it rules that trust every member, and uses it for every resource that names no group.
    aws.ec2.DefaultSecurityGroup(
        f"{scope.name}-default-group",
        vpc_id=vpc.id,
        ingress=[],
        egress=[],
        tags=scope.build_tags("default-closed"),
        opts=scope.child_options(),
    )
    return vpc


def declare_private_zones(
    scope: Scope, vpc: aws.ec2.Vpc, cidr: str, names: Sequence[str], *, ipv6: bool, stay: bool
) -> list[Zone]:
    """The private subnets, in the order of the zones.

    `ipv6` gives new interfaces in them an IPv6 address. If they `stay`, a subnet keeps its zone whatever the names are.
    """
    ranges = plan_subnets(cidr, len(names))
    return [
        _declare_zone(scope, vpc, position, name, ranges[position - 1], ipv6=ipv6, stay=stay)
        for position, name in enumerate(names, start=1)
    ]


def _declare_zone(
    scope: Scope, vpc: aws.ec2.Vpc, position: int, name: str, ranges: ZoneRanges, *, ipv6: bool, stay: bool
) -> Zone:
    own = f"{scope.name}-private-{position}"
    subnet = aws.ec2.Subnet(
        own,
        vpc_id=vpc.id,
        availability_zone=name,
        cidr_block=ranges.private,
        ipv6_cidr_block=vpc.ipv6_cidr_block.apply(lambda vpc_range: cut_ipv6_subnet(vpc_range, ranges.ipv6_index)),
        assign_ipv6_address_on_creation=ipv6,
        map_public_ip_on_launch=False,
        # With DNS64 names without IPv6 addresses would resolve to a translator that only a NAT gateway has.
        enable_dns64=False,
        tags=scope.build_tags(f"private-{position}"),
        opts=scope.child_options(
            # A function in it leaves its interfaces behind for a while.
            custom_timeouts=pulumi.CustomTimeouts(delete=limits.LAMBDA_INTERFACES_WAIT),
            ignore_changes=["availabilityZone"] if stay else None,
        ),
    )
    table = aws.ec2.RouteTable(
        f"{own}-routes", vpc_id=vpc.id, tags=scope.build_tags(f"private-{position}"), opts=scope.child_options()
    )
    association = aws.ec2.RouteTableAssociation(
        f"{own}-association", subnet_id=subnet.id, route_table_id=table.id, opts=scope.child_options()
    )
    return Zone(position, ranges, subnet, table, association)
