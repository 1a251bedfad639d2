"""Egress over IPv4: public subnets, a NAT instance or NAT gateways, and the routes that point at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from ..facts import defaults, egress_modes
from ..nat_instance import NatInstance
from ..resource_options.ordering import add_dependencies
from ..resource_options.scope import Scope
from ..security_groups.peers import name_range
from .new_vpc import Zone


@dataclass(frozen=True)
class IPv4Egress:
    """The declared resources; all fields are empty in a network without NAT."""

    public_subnet_ids: list[pulumi.Output[str]] = field(default_factory=list)
    public_ips: list[pulumi.Output[str]] = field(default_factory=list)
    routes: list[aws.ec2.Route] = field(default_factory=list)
    instance_id: pulumi.Output[str] | None = None


def declare_ipv4_egress(
    scope: Scope,
    vpc: aws.ec2.Vpc,
    zones: Sequence[Zone],
    egress: Sequence[str],
    *,
    cidr: str,
    gateway_mode: str,
    instance_args: Mapping[str, Any],
) -> IPv4Egress:
    """Declare the NATs that `egress` lists; the routes point at the gateway if there is one.

    A private route has the same name for every target, so moving from one kind of NAT to the other changes its target
    in place, and only after the new target exists.
    """
    if egress_modes.find_ipv4_carrier(egress) is None:
        return IPv4Egress()
    internet = aws.ec2.InternetGateway(
        f"{scope.name}-internet",
        vpc_id=vpc.id,
        tags=scope.build_tags("internet"),
        # An update in place would first detach the gateway from the old VPC, which AWS refuses while public addresses
        # are used there.
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html
        opts=scope.child_options(replace_on_changes=["vpcId"]),
    )
    regional = egress_modes.NAT_GATEWAY in egress and gateway_mode == "regional"
    needs_public_subnets = egress_modes.NAT_INSTANCE in egress or not regional
    public = _declare_public_subnets(scope, vpc, zones, internet) if needs_public_subnets else []
    targets: list[dict[str, pulumi.Output[str]]] = []
    public_ips: list[pulumi.Output[str]] = []
    instance_id = None
    if egress_modes.NAT_INSTANCE in egress:
        # The name contains the VPC's range unless it is the default. If the range changes, Pulumi replaces the VPC. The
        # new VPC gets its own NAT instance, and the old backend keeps the old NAT instance until it is deleted itself.
        nat_name = f"{scope.name}-nat" if cidr == defaults.VPC_CIDR else f"{scope.name}-nat-{name_range(cidr)}"
        nat = NatInstance(nat_name, {**instance_args, "subnet_id": public[0]}, scope.child_options())
        targets = [{"network_interface_id": nat.network_interface_id}]
        public_ips.append(nat.public_ip)
        instance_id = nat.instance_id
    if regional:
        gateway, addresses = _declare_regional_gateway(scope, vpc, zones, internet)
        targets = [{"nat_gateway_id": gateway.id}]
        public_ips += [address.public_ip for address in addresses]
    elif egress_modes.NAT_GATEWAY in egress:
        zonal = _declare_gateways(scope, zones if gateway_mode == "one-per-zone" else zones[:1], public)
        targets = [{"nat_gateway_id": gateway.id} for gateway in zonal]
        public_ips += [gateway.public_ip for gateway in zonal]
    routes = [
        aws.ec2.Route(
            f"{scope.name}-private-{zone.position}-ipv4",
            route_table_id=zone.route_table.id,
            destination_cidr_block="0.0.0.0/0",
            **targets[index % len(targets)],
            opts=scope.child_options(),
        )
        for index, zone in enumerate(zones)
    ]
    return IPv4Egress(public, public_ips, routes, instance_id)


def _declare_public_subnets(
    scope: Scope, vpc: aws.ec2.Vpc, zones: Sequence[Zone], internet: aws.ec2.InternetGateway
) -> list[pulumi.Output[str]]:
    """A public subnet in each zone, since subnets cost nothing. Users of the IDs wait for the route to the internet."""
    table = aws.ec2.RouteTable(
        f"{scope.name}-public-routes", vpc_id=vpc.id, tags=scope.build_tags("public"), opts=scope.child_options()
    )
    route = aws.ec2.Route(
        f"{scope.name}-public-ipv4",
        route_table_id=table.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=internet.id,
        opts=scope.child_options(),
    )
    return [_declare_public_subnet(scope, vpc, zone, table, route) for zone in zones]


def _declare_public_subnet(
    scope: Scope, vpc: aws.ec2.Vpc, zone: Zone, table: aws.ec2.RouteTable, route: aws.ec2.Route
) -> pulumi.Output[str]:
    name = f"{scope.name}-public-{zone.position}"
    subnet = aws.ec2.Subnet(
        name,
        vpc_id=vpc.id,
        availability_zone=zone.subnet.availability_zone,
        cidr_block=zone.ranges.public,
        # NAT gateways and instances have Elastic IPs.
        map_public_ip_on_launch=False,
        tags=scope.build_tags(f"public-{zone.position}"),
        opts=scope.child_options(),
    )
    association = aws.ec2.RouteTableAssociation(
        f"{name}-association", subnet_id=subnet.id, route_table_id=table.id, opts=scope.child_options()
    )
    return add_dependencies(subnet.id, association, route)


def _declare_gateways(
    scope: Scope, zones: Sequence[Zone], public_subnet_ids: Sequence[pulumi.Output[str]]
) -> list[aws.ec2.NatGateway]:
    gateways = []
    for zone, subnet_id in zip(zones, public_subnet_ids, strict=False):
        name = f"nat-gateway-{zone.position}"
        address = aws.ec2.Eip(
            f"{scope.name}-{name}-address",
            domain="vpc",
            tags=scope.build_tags(f"{name}-address"),
            opts=scope.child_options(),
        )
        gateways.append(
            aws.ec2.NatGateway(
                f"{scope.name}-{name}",
                subnet_id=subnet_id,
                allocation_id=address.allocation_id,
                tags=scope.build_tags(name),
                opts=scope.child_options(),
            )
        )
    return gateways


def _declare_regional_gateway(
    scope: Scope, vpc: aws.ec2.Vpc, zones: Sequence[Zone], internet: aws.ec2.InternetGateway
) -> tuple[aws.ec2.NatGateway, list[aws.ec2.Eip]]:
    """One gateway for all zones. It has its own route table and is in no subnet.

    We give it an Elastic IP in each zone. It then serves each zone from the start, and other systems can put the
    addresses into their allow lists. Without them, AWS would extend the gateway to a zone some time after an interface
    appears there, and choose the address only then.
    https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
    """
    name = "nat-gateway-regional"
    addresses = [
        aws.ec2.Eip(
            f"{scope.name}-{name}-{zone.position}-address",
            domain="vpc",
            tags=scope.build_tags(f"{name}-{zone.position}-address"),
            opts=scope.child_options(),
        )
        for zone in zones
    ]
    gateway = aws.ec2.NatGateway(
        f"{scope.name}-{name}",
        vpc_id=vpc.id,
        availability_mode="regional",
        availability_zone_addresses=[
            {"availability_zone": zone.subnet.availability_zone, "allocation_ids": [address.allocation_id]}
            for zone, address in zip(zones, addresses, strict=True)
        ],
        tags=scope.build_tags(name),
        opts=scope.child_options(depends_on=[internet]),
    )
    return gateway, addresses
