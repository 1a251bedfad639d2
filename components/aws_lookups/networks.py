"""VPCs and subnets that exist already."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from .lookup import Sought, look_up, look_up_now

_HELD: Final = ("associating", "associated")
"""States of a range that the VPC has. One that was refused, or taken away, stays in the list for a while.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcCidrBlockState.html"""


@dataclass(frozen=True)
class FoundVpc:
    """A VPC that exists."""

    cidr: str
    ipv6_cidr: str
    main_route_table_id: str
    has_dns: bool
    ranges: int = 1
    """Number of its IPv4 ranges, of which `cidr` is the first."""


def find_vpc(vpc_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[FoundVpc]:
    """Returns the VPC with this id."""
    needs = ("cidr_block", "main_route_table_id")
    return look_up(aws.ec2.get_vpc_output, {"id": vpc_id}, parent, *needs, sought=_seek_vpc(vpc_id)).apply(
        lambda known: FoundVpc(
            cidr=known.cidr_block,
            ipv6_cidr=next(
                (block.ipv6_cidr_block for block in known.ipv6_cidr_block_associations or () if block.state in _HELD),
                "",
            ),
            main_route_table_id=known.main_route_table_id,
            has_dns=known.enable_dns_support and known.enable_dns_hostnames,
            ranges=sum(block.state in _HELD for block in known.cidr_block_associations or ()),
        )
    )


def find_vpc_ranges(vpc_id: str, parent: pulumi.Resource) -> list[str]:
    """Returns the IPv4 ranges of the VPC with this id, the first one first. They decide which rules are declared."""
    found = look_up_now(aws.ec2.get_vpc, {"id": vpc_id}, parent, "cidr_block", sought=_seek_vpc(vpc_id))
    further = [one.cidr_block for one in found.cidr_block_associations or () if one.state in _HELD]
    return list(dict.fromkeys([found.cidr_block, *further]))


def _seek_vpc(vpc_id: pulumi.Input[str]) -> Sought:
    return Sought("vpc_id", vpc_id, "VPC")


@dataclass(frozen=True)
class FoundSubnet:
    """A subnet that exists, and the route table that it follows."""

    id: str
    vpc_id: str
    zone: str
    zone_id: str
    ipv6_cidr: str
    """Empty if it has none."""
    route_table_id: str
    internet_gateway_id: str
    """Where one of its routes leads straight to the internet, else empty."""
    leads_out: frozenset[str] | None
    """Address families, `ipv4` and `ipv6`, of which everything leaves by some route; None if that cannot be read."""
    cidr: str = ""


def find_subnet(
    subnet_id: pulumi.Input[str],
    vpc_id: pulumi.Input[str],
    main_route_table_id: pulumi.Input[str],
    parent: pulumi.Resource,
    key: str = "subnet_ids",
) -> pulumi.Output[FoundSubnet]:
    """Returns the subnet with this id; one that no route table names follows the VPC's main one."""
    needs = ("id", "vpc_id", "availability_zone", "availability_zone_id")
    sought = Sought(key, subnet_id, "subnet")
    looked_up = look_up(aws.ec2.get_subnet_output, {"id": subnet_id}, parent, *needs, sought=sought)
    followed = pulumi.Output.from_input(subnet_id).apply(
        lambda known: [aws.ec2.GetRouteTablesFilterArgs(name="association.subnet-id", values=[known])]
    )
    named = {"vpc_id": vpc_id, "filters": followed}
    of_subnet = Sought(key, subnet_id, "route table of the subnet")
    own = look_up(aws.ec2.get_route_tables_output, named, parent, "ids", sought=of_subnet)
    table_id = pulumi.Output.all(own.ids, main_route_table_id).apply(lambda both: str((both[0] or [both[1]])[0]))
    called = {"route_table_id": table_id}
    table = look_up(aws.ec2.get_route_table_output, called, parent, "routes", sought=of_subnet)
    # Read where they are still typed: together with other outputs they would come as plain dicts.
    gateways = table.routes.apply(lambda routes: [route.gateway_id or "" for route in routes])
    leads_out = table.routes.apply(_find_egress_families)
    return pulumi.Output.all(looked_up, table_id, gateways, leads_out).apply(lambda parts: _describe_subnet(*parts))


def find_subnet_zone(subnet_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the name of the subnet's zone."""
    sought = Sought("subnet_ids", subnet_id, "subnet")
    found = look_up(aws.ec2.get_subnet_output, {"id": subnet_id}, parent, "availability_zone", sought=sought)
    return found.availability_zone


def _describe_subnet(
    known: aws.ec2.GetSubnetResult, table_id: str, gateways: list[str], leads_out: list[str] | None
) -> FoundSubnet:
    return FoundSubnet(
        id=known.id,
        vpc_id=known.vpc_id,
        zone=known.availability_zone,
        zone_id=known.availability_zone_id,
        ipv6_cidr=known.ipv6_cidr_block,
        cidr=known.cidr_block,
        route_table_id=table_id,
        internet_gateway_id=next((gateway for gateway in gateways if gateway.startswith("igw-")), ""),
        # A subnet without an IPv6 range sends nothing over IPv6, even if it has routes for it.
        leads_out=None if leads_out is None else frozenset(leads_out) - (set() if known.ipv6_cidr_block else {"ipv6"}),
    )


def _find_egress_families(routes: Sequence[aws.ec2.outputs.GetRouteTableRouteResult]) -> list[str] | None:
    """A list of prefixes hides its addresses, except that of a gateway endpoint, which has only AWS addresses."""
    if any(route.destination_prefix_list_id and not _is_endpoint(route.gateway_id) for route in routes):
        return None
    ipv4 = [ipaddress.IPv4Network(route.cidr_block) for route in routes if route.cidr_block]
    ipv6 = [ipaddress.IPv6Network(route.ipv6_cidr_block) for route in routes if route.ipv6_cidr_block]
    everything = {
        "ipv4": any(network.prefixlen == 0 for network in ipaddress.collapse_addresses(ipv4)),
        "ipv6": any(network.prefixlen == 0 for network in ipaddress.collapse_addresses(ipv6)),
    }
    return [family for family, leaves in everything.items() if leaves]


def _is_endpoint(gateway_id: str | None) -> bool:
    return (gateway_id or "").startswith("vpce-")
