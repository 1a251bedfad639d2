"""Facts that only AWS knows: where the stack is deployed, today's machine images, and networks that exist already.

Every lookup of the components is here. A lookup by a value that is not known yet gives an unknown output.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .facts import aws_permissions, endpoint_ports


def region(parent: pulumi.Resource) -> pulumi.Output[str]:
    """The region that the component's provider works in."""
    return aws.get_region_output(opts=_invoke_options(parent)).region


def partition(parent: pulumi.Resource) -> pulumi.Output[str]:
    """`aws`, or another of AWS's separate worlds; the second part of every ARN."""
    return aws.get_partition_output(opts=_invoke_options(parent)).partition


def dns_suffix(parent: pulumi.Resource) -> pulumi.Output[str]:
    """The domain of the partition's services, `amazonaws.com`."""
    return aws.get_partition_output(opts=_invoke_options(parent)).dns_suffix


def account(parent: pulumi.Resource) -> pulumi.Output[str]:
    """The account that the component's provider works in."""
    return aws.get_caller_identity_output(opts=_invoke_options(parent)).account_id


def machine_image(architecture: str, parent: pulumi.Resource, *, minimal: bool = False) -> pulumi.Output[str]:
    """The newest Amazon Linux 2023 image. It changes with each release: ignore changes of it where they would replace.

    https://docs.aws.amazon.com/linux/al2023/ug/ec2.html
    """
    edition = "minimal-" if minimal else ""
    name = f"/aws/service/ami-amazon-linux-latest/al2023-ami-{edition}kernel-default-{architecture}"
    # The provider marks every `value` as secret; this parameter is public.
    return aws.ssm.get_parameter_output(name=name, opts=_invoke_options(parent)).insecure_value


@dataclass(frozen=True)
class FoundImage:
    """A machine image."""

    id: str
    root_device: str
    """Name of its root device; empty if that is no EBS volume."""
    root_gib: int | None = None
    """Size of the root volume in the image; None if it is not known."""
    architecture: str = ""
    """Processor that it is for; empty if it is not known."""


def find_image(image_id: pulumi.Input[str], parent: pulumi.Resource, missing: Exception) -> pulumi.Output[FoundImage]:
    """The machine image with this id. Raises `missing` if the region does not have it, or not for the account."""
    named = pulumi.Output.from_input(image_id).apply(
        lambda known: [aws.ec2.GetAmiFilterArgs(name="image-id", values=[known])]
    )
    looked_up = aws.ec2.get_ami_output(filters=named, include_deprecated=True, opts=_invoke_options(parent))

    async def exists() -> bool:
        try:
            await looked_up.future()
        except Exception as error:
            # The provider's words, as in internal/service/ec2/ec2_ami_data_source.go.
            raise (missing if "returned no results" in str(error) else error) from None
        return True

    known: pulumi.Output[bool] = pulumi.Output.from_input(exists())
    found: pulumi.Output[aws.ec2.GetAmiResult] = known.apply(lambda _: looked_up)
    sizes = found.block_device_mappings.apply(
        lambda mappings: {one.device_name: (one.ebs or {}).get("volume_size") for one in mappings or ()}
    )
    return pulumi.Output.all(found, sizes).apply(lambda both: _describe_image(*both))


def _describe_image(known: aws.ec2.GetAmiResult, sizes: dict[str, str | None]) -> FoundImage:
    size = sizes.get(known.root_device_name)
    return FoundImage(
        id=known.id,
        root_device=known.root_device_name if known.root_device_type == "ebs" else "",
        root_gib=int(size) if size else None,
        architecture=known.architecture or "",
    )


def s3_prefix_list(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Id of AWS's list of S3's addresses in the region."""
    name = pulumi.Output.concat("com.amazonaws.", region(parent), ".s3")
    return aws.ec2.get_prefix_list_output(name=name, opts=_invoke_options(parent)).id


@dataclass(frozen=True)
class FoundVpc:
    """A VPC that exists."""

    cidr: str
    ipv6_cidr: str
    main_route_table_id: str
    has_dns: bool
    ranges: int = 1
    """Number of its IPv4 ranges, of which `cidr` is the first."""


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


@dataclass(frozen=True)
class FoundEndpoint:
    """An interface endpoint that exists."""

    id: str
    dns_name: str
    zone_id: str
    security_group_id: str


def find_endpoint(endpoint_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[FoundEndpoint]:
    """The interface endpoint with this id; its first name and its first security group."""
    return aws.ec2.get_vpc_endpoint_output(id=endpoint_id, opts=_invoke_options(parent)).apply(
        lambda vpc_endpoint: FoundEndpoint(
            id=vpc_endpoint.id,
            dns_name=next((entry.dns_name for entry in vpc_endpoint.dns_entries), ""),
            zone_id=next((entry.hosted_zone_id for entry in vpc_endpoint.dns_entries), ""),
            security_group_id=next(iter(vpc_endpoint.security_group_ids), ""),
        )
    )


def service_zones(name: str, parent: pulumi.Resource, missing: Exception) -> pulumi.Output[list[str]]:
    """Names of the zones with interface endpoints of a service. Raises `missing` if the region does not have it."""
    full = pulumi.Output.concat("com.amazonaws.", region(parent), ".", name)
    looked_up = aws.ec2.get_vpc_endpoint_service_output(
        service_name=full, service_type="Interface", opts=_invoke_options(parent)
    )

    async def exists() -> bool:
        try:
            await looked_up.future()
        except Exception as error:
            raise (missing if _is_missing_service(str(error)) else error) from None
        return True

    known: pulumi.Output[bool] = pulumi.Output.from_input(exists())
    return known.apply(lambda _: looked_up.availability_zones)


def _is_missing_service(words: str) -> bool:
    """AWS's code, and the provider's words as in internal/tfresource/not_found_error.go."""
    return "InvalidServiceName" in words or "no matching" in words


@dataclass(frozen=True)
class FoundService:
    """The endpoint of an AWS service that exists in a VPC."""

    endpoint: aws.ec2.GetVpcEndpointResult
    subnet_cidrs: Sequence[str]
    admitted: Sequence[Sequence[str]] | None
    """For each port of the service, the IPv4 ranges that its groups admit to it; None if a prefix list hides them."""


def find_service(
    name: str, vpc_id: pulumi.Input[str], parent: pulumi.Resource, missing: Exception, several: Exception
) -> pulumi.Output[FoundService]:
    """The endpoint of a service, by the service's short name. Raises `missing` or `several` unless the VPC has one."""
    kind = aws.ec2.GetVpcEndpointFilterArgs(
        name="vpc-endpoint-type", values=["Gateway" if name in aws_permissions.GATEWAY_ENDPOINTS else "Interface"]
    )
    full = pulumi.Output.concat("com.amazonaws.", region(parent), ".", name)
    opts = _invoke_options(parent)
    looked_up = aws.ec2.get_vpc_endpoint_output(vpc_id=vpc_id, service_name=full, filters=[kind], opts=opts)

    async def exists() -> bool:
        try:
            await looked_up.future()
        except Exception as error:
            # The provider's words, as in internal/tfresource/not_found_error.go.
            words = {"no matching": missing, "matched; use additional": several}
            raise next((known for part, known in words.items() if part in str(error)), error) from None
        return True

    known: pulumi.Output[bool] = pulumi.Output.from_input(exists())
    found: pulumi.Output[aws.ec2.GetVpcEndpointResult] = known.apply(lambda _: looked_up)
    cidrs: pulumi.Output[list[str]] = found.subnet_ids.apply(
        lambda ids: pulumi.Output.all(*(aws.ec2.get_subnet_output(id=one, opts=opts).cidr_block for one in ids or ()))
    )
    ports = endpoint_ports.service_ports(name)
    admitted: pulumi.Output[list[list[str]] | None] = found.security_group_ids.apply(
        lambda ids: _find_admitted_ranges(ids or (), ports, opts)
    )
    return pulumi.Output.all(found, cidrs, admitted).apply(lambda parts: FoundService(*parts))


def _find_admitted_ranges(
    group_ids: Sequence[str], ports: Sequence[endpoint_ports.PortRange], opts: pulumi.InvokeOptions
) -> pulumi.Output[list[list[str]] | None]:
    """A rule for a security group admits no group that is new."""
    if not group_ids:
        return pulumi.Output.from_input([])
    named = [aws.vpc.GetSecurityGroupRulesFilterArgs(name="group-id", values=list(group_ids))]
    ids = aws.vpc.get_security_group_rules_output(filters=named, opts=opts).ids
    rules: pulumi.Output[list[aws.vpc.GetSecurityGroupRuleResult]] = ids.apply(
        lambda known: pulumi.Output.all(
            *(aws.vpc.get_security_group_rule_output(security_group_rule_id=rule_id, opts=opts) for rule_id in known)
        )
    )

    def ranges(known: Sequence[aws.vpc.GetSecurityGroupRuleResult]) -> list[list[str]] | None:
        inbound = [rule for rule in known if not rule.is_egress]
        used = [rule for rule in inbound if any(_admits_ports(rule, wanted) for wanted in ports)]
        if any(rule.prefix_list_id for rule in used):
            return None
        return [[rule.cidr_ipv4 for rule in used if rule.cidr_ipv4 and _admits_ports(rule, wanted)] for wanted in ports]

    return rules.apply(ranges)


def _admits_ports(rule: aws.vpc.GetSecurityGroupRuleResult, ports: endpoint_ports.PortRange) -> bool:
    first, last = ports
    by_port = rule.ip_protocol in ("tcp", "6") and rule.from_port <= first and last <= rule.to_port
    return rule.ip_protocol == "-1" or by_port


@dataclass(frozen=True)
class FoundListener:
    """A listener that exists, and its load balancer."""

    arn: str
    port: int
    protocol: str
    load_balancer_arn: str
    vpc_id: str
    dns_name: str
    internal: bool
    idle_seconds: int | None
    """How long it waits for the next byte. None of an NLB, which waits longer than any API."""
    security_group_ids: tuple[str, ...]


def find_listener(listener_arn: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[FoundListener]:
    """The listener with this ARN."""
    looked_up = aws.lb.get_listener_output(arn=listener_arn, opts=_invoke_options(parent))
    balancer = aws.lb.get_load_balancer_output(arn=looked_up.load_balancer_arn, opts=_invoke_options(parent))
    return pulumi.Output.all(looked_up, balancer).apply(
        lambda both: FoundListener(
            arn=both[0].arn,
            port=both[0].port,
            protocol=both[0].protocol,
            load_balancer_arn=both[1].arn,
            vpc_id=both[1].vpc_id,
            dns_name=both[1].dns_name,
            internal=both[1].internal,
            idle_seconds=both[1].idle_timeout if both[1].load_balancer_type == "application" else None,
            security_group_ids=tuple(both[1].security_groups or ()),
        )
    )


def link_vpc_id(link_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """The VPC of the link's subnets. AWS looks up links of the second version by this ID."""
    vpc_link = aws.apigatewayv2.get_vpc_link_output(vpc_link_id=link_id, opts=_invoke_options(parent))
    return aws.ec2.get_subnet_output(
        id=vpc_link.subnet_ids.apply(lambda ids: ids[0]), opts=_invoke_options(parent)
    ).vpc_id


def find_vpc(vpc_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[FoundVpc]:
    """The VPC with this id."""
    return aws.ec2.get_vpc_output(id=vpc_id, opts=_invoke_options(parent)).apply(
        lambda known: FoundVpc(
            cidr=known.cidr_block,
            ipv6_cidr=next((block.ipv6_cidr_block for block in known.ipv6_cidr_block_associations or []), ""),
            main_route_table_id=known.main_route_table_id,
            has_dns=known.enable_dns_support and known.enable_dns_hostnames,
            ranges=len(known.cidr_block_associations or ()),
        )
    )


def vpc_ranges(vpc_id: str, parent: pulumi.Resource) -> list[str]:
    """The IPv4 ranges of the VPC with this id, the first one first. They decide which rules are declared."""
    found = aws.ec2.get_vpc(id=vpc_id, opts=_invoke_options(parent))
    # A range that was refused, or taken away, stays in the list for a while.
    held = ("associating", "associated")
    further = [one.cidr_block for one in found.cidr_block_associations or () if one.state in held]
    return list(dict.fromkeys([found.cidr_block, *further]))


def find_subnet(
    subnet_id: pulumi.Input[str],
    vpc_id: pulumi.Input[str],
    main_route_table_id: pulumi.Input[str],
    parent: pulumi.Resource,
) -> pulumi.Output[FoundSubnet]:
    """The subnet with this id; one that no route table names follows the VPC's main one."""
    looked_up = aws.ec2.get_subnet_output(id=subnet_id, opts=_invoke_options(parent))
    followed = pulumi.Output.from_input(subnet_id).apply(
        lambda known: [aws.ec2.GetRouteTablesFilterArgs(name="association.subnet-id", values=[known])]
    )
    own = aws.ec2.get_route_tables_output(vpc_id=vpc_id, filters=followed, opts=_invoke_options(parent))
    table_id = pulumi.Output.all(own.ids, main_route_table_id).apply(lambda both: str((both[0] or [both[1]])[0]))
    table = aws.ec2.get_route_table_output(route_table_id=table_id, opts=_invoke_options(parent))
    # Read where they are still typed: together with other outputs they would come as plain dicts.
    gateways = table.routes.apply(lambda routes: [route.gateway_id or "" for route in routes])
    leads_out = table.routes.apply(_find_egress_families)
    return pulumi.Output.all(looked_up, table_id, gateways, leads_out).apply(lambda parts: _describe_subnet(*parts))


def subnet_zone(subnet_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[str]:
    """Name of the subnet's zone."""
    return aws.ec2.get_subnet_output(id=subnet_id, opts=_invoke_options(parent)).availability_zone


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


def _invoke_options(parent: pulumi.Resource) -> pulumi.InvokeOptions:
    return pulumi.InvokeOptions(parent=parent)
