"""VPC, subnets and routes of a network: made, or found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ..arguments.errors import ArgumentError
from ..arguments.inputs import to_inputs
from ..aws_lookups.lookup import look_up_now
from ..aws_lookups.networks import find_vpc_ranges
from ..facts import egress_modes
from ..resource_options.scope import Scope
from .adopted_vpc import Demands, adopt_vpc
from .ipv4_egress import declare_ipv4_egress
from .ipv6_egress import declare_ipv6_egress
from .network_args import PrivateNetworkArgs
from .new_vpc import declare_private_zones, declare_vpc
from .several import Several
from .zone_names import TooFewZonesError, pick_zones


@dataclass(frozen=True)
class NetworkLayout:
    """The parts of a network. Lists of zones, subnets and route tables go by zone."""

    vpc_id: pulumi.Output[str]
    vpc_cidr: pulumi.Output[str]
    ipv6_cidr: pulumi.Output[str]
    ipv4_cidrs: Sequence[str] = field(kw_only=True, default=())
    """All IPv4 ranges of an existing VPC, if they are known when rules are declared."""
    zones: Several[str]
    zone_ids: Several[str]
    subnet_ids: Several[str]
    public_subnet_ids: Several[str]
    route_table_ids: Several[str]
    prefix_list_ids: Mapping[str, pulumi.Output[str]] = field(default_factory=dict)
    """Of gateway endpoints that exist already, by the short names of their services."""
    nat_public_ips: Sequence[pulumi.Output[str]] = ()
    nat_instance_id: pulumi.Output[str] | None = None
    egress_dependencies: Sequence[aws.ec2.Route | aws.ec2.RouteTableAssociation] = field(default_factory=list)
    """Resources that must exist before anything in the private subnets can get out."""


def _choose_zone_names(scope: Scope, settings: PrivateNetworkArgs) -> Sequence[str]:
    if not isinstance(settings.zones, int):
        return settings.zones
    try:
        region = look_up_now(aws.get_region, {}, scope.parent, "region").region
        return pick_zones(settings.zones, region, scope.parent)
    except TooFewZonesError as error:
        raise ArgumentError("PrivateNetwork", "zones", settings.zones, str(error)) from None


def declare_network(scope: Scope, settings: PrivateNetworkArgs) -> NetworkLayout:
    """A new VPC."""
    over_ipv6 = egress_modes.IPV6 in settings.egress
    vpc = declare_vpc(scope, settings.vpc_range)
    zones = declare_private_zones(
        scope, vpc, settings.vpc_range, _choose_zone_names(scope, settings), ipv6=over_ipv6, stay=settings.stays
    )
    ipv6_routes = declare_ipv6_egress(scope, vpc, zones) if over_ipv6 else []
    ipv4 = declare_ipv4_egress(
        scope,
        vpc,
        zones,
        settings.egress,
        cidr=settings.vpc_range,
        gateway_mode=settings.nat_gateways,
        instance_args={
            "vpc_id": vpc.id,
            "vpc_cidr": vpc.cidr_block,
            "alarm_topic_arn": settings.alarm_topic_arn,
            "tags": settings.tags,
            **(to_inputs(settings.nat_instance) if settings.nat_instance else {}),
        },
    )
    return NetworkLayout(
        vpc_id=vpc.id,
        vpc_cidr=vpc.cidr_block,
        ipv6_cidr=vpc.ipv6_cidr_block,
        zones=[zone.subnet.availability_zone for zone in zones],
        zone_ids=[zone.subnet.availability_zone_id for zone in zones],
        subnet_ids=[zone.subnet.id for zone in zones],
        public_subnet_ids=ipv4.public_subnet_ids,
        route_table_ids=[zone.route_table.id for zone in zones],
        nat_public_ips=ipv4.public_ips,
        nat_instance_id=ipv4.instance_id,
        egress_dependencies=[*(zone.association for zone in zones), *ipv4.routes, *ipv6_routes],
    )


def adopt_network(scope: Scope, settings: PrivateNetworkArgs) -> NetworkLayout:
    """A VPC that exists."""
    assert settings.vpc_id is not None
    known = isinstance(settings.vpc_id, str)
    ranges = find_vpc_ranges(str(settings.vpc_id), scope.parent) if known else []
    vpc = adopt_vpc(
        "PrivateNetwork",
        scope.parent,
        settings.vpc_id,
        settings.subnet_ids,
        settings.public_subnet_ids,
        settings.route_table_ids,
        Demands(
            # Named tables may have routes that a virtual private gateway propagates, which no lookup shows.
            egress=() if settings.route_table_ids else settings.egress,
            dns=bool(settings.endpoints or settings.existing_endpoints) or settings.private_dns,
            vpc_link=settings.vpc_link,
            ipv6=settings.calls_over_ipv6,
            endpoints=settings.existing_endpoints,
            further_cidrs=ranges[1:],
        ),
    )
    return NetworkLayout(
        vpc_id=vpc.vpc_id,
        vpc_cidr=vpc.cidr,
        ipv6_cidr=vpc.ipv6_cidr,
        ipv4_cidrs=ranges,
        zones=vpc.zones,
        zone_ids=vpc.zone_ids,
        subnet_ids=vpc.subnet_ids,
        public_subnet_ids=vpc.public_subnet_ids,
        route_table_ids=vpc.route_table_ids,
        prefix_list_ids=vpc.prefix_list_ids,
    )
