"""A VPC that exists already: nothing in it is changed, and what the arguments require of it is checked."""

import ipaddress
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import pulumi

from ..arguments.errors import ArgumentError, refuse
from ..aws_lookups.account import find_region
from ..aws_lookups.endpoints import FoundService, find_service
from ..aws_lookups.networks import FoundSubnet, FoundVpc, find_subnet, find_vpc
from ..facts import aws_permissions, egress_modes, endpoint_ports, limits
from .several import Several, join, map_each, to_several, wait_for


@dataclass(frozen=True)
class AdoptedVpc:
    """Results of the lookups, after the checks; none is there if a check fails."""

    vpc_id: pulumi.Output[str]
    cidr: pulumi.Output[str]
    ipv6_cidr: pulumi.Output[str]
    subnet_ids: Several[str]
    public_subnet_ids: Several[str]
    zones: Several[str]
    zone_ids: Several[str]
    route_table_ids: Several[str]
    prefix_list_ids: Mapping[str, pulumi.Output[str]]
    """Of its gateway endpoints, by the short names of their services."""


@dataclass(frozen=True)
class Demands:
    """Requirements of a network that exists."""

    egress: Collection[str] = ()
    """Ways out that its routes must have."""
    dns: bool = False
    """Whether endpoints answer names in it."""
    vpc_link: bool = False
    """Whether API Gateway makes interfaces in its private subnets."""
    ipv6: bool = False
    """Whether something in its private subnets calls IPv6 addresses."""
    endpoints: Sequence[str] = ()
    """Services that it must have endpoints of."""
    further_cidrs: Sequence[str] = ()
    """Its IPv4 ranges besides the first, if they are known when rules are declared."""


def adopt_vpc(
    component: str,
    parent: pulumi.Resource,
    vpc_id: pulumi.Input[str],
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
    public_subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
    route_table_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
    demands: Demands,
) -> AdoptedVpc:
    """Look the network up and check it. Without `route_table_ids`, those of the private subnets are looked up.

    Raises ArgumentError, or ArgumentErrors for several mistakes, at deployment, and at preview if the ids are known.
    """
    vpc = find_vpc(vpc_id, parent)
    main = vpc.apply(lambda known: known.main_route_table_id)
    private_ids, public_ids = to_several(subnet_ids), to_several(public_subnet_ids)
    private: Several[FoundSubnet] = map_each(private_ids, lambda known: find_subnet(known, vpc_id, main, parent))
    public: Several[FoundSubnet] = map_each(
        public_ids, lambda known: find_subnet(known, vpc_id, main, parent, "public_subnet_ids")
    )
    tables = to_several(route_table_ids) if route_table_ids else map_each(private, lambda known: known.route_table_id)
    missing = "the VPC has no endpoint for it; create one, or name the service in endpoints, which declares one"
    several = "the VPC has several endpoints for it; leave one, or name another VPC"
    refused = partial(ArgumentError, component, "existing_endpoints")
    services = {
        name: find_service(name, vpc_id, parent, refused(name, missing), refused(name, several))
        for name in demands.endpoints
    }
    checked = pulumi.Output.all(
        vpc_id=vpc_id,
        vpc=vpc,
        private=join(private),
        public=join(public),
        services=pulumi.Output.from_input(services),
        tables=join(tables),
        region=find_region(parent),
    ).apply(lambda known: check(component, **known, demands=demands))

    def wait_for_checks(value: pulumi.Input[Any]) -> pulumi.Output[Any]:
        return pulumi.Output.all(value, checked).apply(lambda both: both[0])

    return AdoptedVpc(
        vpc_id=wait_for_checks(vpc_id),
        cidr=wait_for_checks(vpc.apply(lambda known: known.cidr)),
        ipv6_cidr=wait_for_checks(vpc.apply(lambda known: known.ipv6_cidr)),
        subnet_ids=wait_for(private_ids, wait_for_checks),
        public_subnet_ids=wait_for(public_ids, wait_for_checks),
        zones=wait_for(map_each(private, lambda known: known.zone), wait_for_checks),
        zone_ids=wait_for(map_each(private, lambda known: known.zone_id), wait_for_checks),
        route_table_ids=wait_for(tables, wait_for_checks),
        prefix_list_ids={
            name: wait_for_checks(services[name].apply(lambda service: service.endpoint.prefix_list_id))
            for name in aws_permissions.GATEWAY_ENDPOINTS
            if name in services
        },
    )


def check(
    component: str,
    *,
    vpc_id: str,
    vpc: FoundVpc,
    private: Sequence[FoundSubnet],
    public: Sequence[FoundSubnet],
    region: str,
    demands: Demands,
    services: Mapping[str, FoundService] = MappingProxyType({}),
    tables: Sequence[str] = (),
) -> bool:
    """Raises ArgumentError for what cannot be adopted, or ArgumentErrors."""
    errors = [
        ArgumentError(component, key, subnet.id, reason)
        for key, subnets, mistakes in (
            ("subnet_ids", private, _check_private_subnets(vpc_id, vpc, private, region, demands)),
            ("public_subnet_ids", public, ((subnet, _check_vpc_id(vpc_id, subnet)) for subnet in public)),
        )
        for subnet, reason in mistakes
        if reason
    ]
    if not private:
        errors.append(ArgumentError(component, "subnet_ids", [], "one private subnet in each zone, at least one"))
    if demands.dns and not vpc.has_dns:
        want = "endpoints need its enableDnsSupport and enableDnsHostnames; turn both on"
        errors.append(ArgumentError(component, "vpc_id", vpc_id, want))
    for name, service in services.items():
        errors += [
            ArgumentError(component, "existing_endpoints", name, f"{service.endpoint.id} {reason}")
            for reason in _check_service(name, service, vpc, private, tables)
        ]
    refuse(errors)
    return True


def _check_service(
    name: str, found: FoundService, vpc: FoundVpc, private: Sequence[FoundSubnet], tables: Sequence[str]
) -> Iterator[str]:
    if found.endpoint.state.lower() != "available":
        yield f"is {found.endpoint.state}, and answers nothing; accept or repair it, or take the service out"
    if name not in aws_permissions.GATEWAY_ENDPOINTS:
        yield from _check_reachable(name, found, vpc, private)
    elif missing := ", ".join(dict.fromkeys(table for table in tables if table not in found.endpoint.route_table_ids)):
        yield f"is not in {missing}; add it to the route tables of the private subnets, or name other subnets"


def _check_reachable(name: str, service: FoundService, vpc: FoundVpc, private: Sequence[FoundSubnet]) -> Iterator[str]:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"""
    if not service.endpoint.private_dns_enabled:
        yield "has no private DNS names, so that programs call public addresses; turn them on"
    outside = [cidr for cidr in service.subnet_cidrs if vpc.ranges > 1 and not _is_inside(cidr, [vpc.cidr])]
    if outside:
        yield f"is in {', '.join(outside)}; callers are allowed to call {vpc.cidr}, the first range of the VPC"
    if service.admitted is None:
        return
    # One of the ports is enough: a client of SMTP needs one of five.
    if not any(_are_inside(private, ranges) for ranges in service.admitted):
        groups = ", ".join(service.endpoint.security_group_ids)
        callers = ", ".join(subnet.cidr for subnet in private)
        ports = endpoint_ports.format_ports(endpoint_ports.list_service_ports(name))
        yield f"has the security groups {groups}; allow {ports} from {callers} in one"


def _are_inside(subnets: Sequence[FoundSubnet], ranges: Sequence[str]) -> bool:
    return all(_is_inside(subnet.cidr, ranges) for subnet in subnets)


def _is_inside(cidr: str, ranges: Sequence[str]) -> bool:
    wide = ipaddress.collapse_addresses(map(ipaddress.IPv4Network, ranges))
    return any(ipaddress.IPv4Network(cidr).subnet_of(network) for network in wide)


def _check_private_subnets(
    vpc_id: str, vpc: FoundVpc, subnets: Sequence[FoundSubnet], region: str, demands: Demands
) -> Iterator[tuple[FoundSubnet, str]]:
    first_of_zone: dict[str, FoundSubnet] = {}
    for subnet in subnets:
        yield subnet, _check_vpc_id(vpc_id, subnet)
        yield subnet, _check_private(subnet)
        yield subnet, _check_range(subnet, vpc, demands.further_cidrs)
        yield subnet, _check_zone(subnet, first_of_zone.setdefault(subnet.zone, subnet))
        yield from ((subnet, reason) for reason in _check_routes(subnet, demands.egress))
        if demands.vpc_link:
            yield subnet, _check_link_zone(subnet, region)
        if demands.ipv6 and not subnet.ipv6_cidr:
            yield subnet, "it has no IPv6 range, and the backend has an IPv6 address; name subnets with both ranges"


def _check_vpc_id(vpc_id: str, subnet: FoundSubnet) -> str:
    return "" if subnet.vpc_id == vpc_id else f"it lies in {subnet.vpc_id}; name subnets of {vpc_id}"


def _check_range(subnet: FoundSubnet, vpc: FoundVpc, further: Sequence[str]) -> str:
    """Rules for the whole VPC name ranges, which are declared only for a VPC whose id is a text."""
    if vpc.ranges == 1 or not subnet.cidr or _is_inside(subnet.cidr, [vpc.cidr, *further]):
        return ""
    return (
        f"it lies in {subnet.cidr}, outside {vpc.cidr}, the first range of the VPC, which rules for the VPC admit; "
        "write vpc_id as text, so that all ranges are admitted, or name subnets in the first one"
    )


def _check_private(subnet: FoundSubnet) -> str:
    if not subnet.internet_gateway_id:
        return ""
    return (
        f"it is public: its route table {subnet.route_table_id} has a route to {subnet.internet_gateway_id}; name a "
        "subnet whose routes point at a NAT, or that has no route out"
    )


def _check_zone(subnet: FoundSubnet, first: FoundSubnet) -> str:
    """Load balancers and interface endpoints take one subnet of a zone.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    return "" if first is subnet else f"it lies in {subnet.zone}, as {first.id} does; name one subnet of a zone"


def _check_routes(subnet: FoundSubnet, egress: Collection[str]) -> Iterator[str]:
    needed = {
        "ipv4": egress_modes.find_ipv4_carrier(egress),
        "ipv6": egress_modes.IPV6 if egress_modes.IPV6 in egress else None,
    }
    for family, way in needed.items():
        if way is None or subnet.leads_out is None or family in subnet.leads_out:
            continue
        everything = "::/0, or it has no IPv6 range" if family == "ipv6" else "0.0.0.0/0"
        yield (
            f"egress is {way}, but its route table {subnet.route_table_id} has no route for {everything}; add what "
            f"is missing, take {way} out of egress, or name the route tables if a gateway propagates the route"
        )


def _check_link_zone(subnet: FoundSubnet, region: str) -> str:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html"""
    served = limits.VPC_LINK_ZONE_IDS.get(region)
    if served is None or subnet.zone_id in served:
        return ""
    return f"it lies in zone {subnet.zone_id}, which serves no VPC links; name subnets in {', '.join(served)}"
