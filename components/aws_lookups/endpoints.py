"""Endpoints of AWS services: those that a VPC has, and those that a region offers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from ..facts import aws_permissions, endpoint_ports
from .account import find_region
from .lookup import Sought, look_up


def find_s3_prefix_list(parent: pulumi.Resource) -> pulumi.Output[str]:
    """Returns the ID of AWS's list of S3's addresses in the region."""
    name = pulumi.Output.concat("com.amazonaws.", find_region(parent), ".s3")
    return look_up(aws.ec2.get_prefix_list_output, {"name": name}, parent, "id").id


@dataclass(frozen=True)
class FoundEndpoint:
    """An endpoint that exists."""

    id: str
    dns_name: str
    zone_id: str
    security_group_id: str
    vpc_id: str
    service_name: str
    kind: str


def find_endpoint(endpoint_id: pulumi.Input[str], parent: pulumi.Resource) -> pulumi.Output[FoundEndpoint]:
    """Returns the endpoint with this id; its first name and its first security group."""
    needs = ("id", "service_name", "vpc_endpoint_type", "vpc_id", "dns_entries", "security_group_ids")
    sought = Sought("endpoint_id", endpoint_id, "VPC endpoint")
    return look_up(aws.ec2.get_vpc_endpoint_output, {"id": endpoint_id}, parent, *needs, sought=sought).apply(
        lambda vpc_endpoint: FoundEndpoint(
            id=vpc_endpoint.id,
            dns_name=next((entry.dns_name for entry in vpc_endpoint.dns_entries), ""),
            zone_id=next((entry.hosted_zone_id for entry in vpc_endpoint.dns_entries), ""),
            security_group_id=next(iter(vpc_endpoint.security_group_ids), ""),
            vpc_id=vpc_endpoint.vpc_id,
            service_name=vpc_endpoint.service_name,
            kind=vpc_endpoint.vpc_endpoint_type,
        )
    )


def find_service_zones(name: str, parent: pulumi.Resource, missing: Exception) -> pulumi.Output[list[str]]:
    """Names of the zones with interface endpoints of a service. Raises `missing` if the region does not have it."""
    full = pulumi.Output.concat("com.amazonaws.", find_region(parent), ".", name)
    return look_up(
        aws.ec2.get_vpc_endpoint_service_output,
        {"service_name": full, "service_type": "Interface"},
        parent,
        "availability_zones",
        # AWS's code, and the provider's words as in internal/tfresource/not_found_error.go.
        errors={"InvalidServiceName": missing, "no matching": missing},
    ).availability_zones


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
    full = pulumi.Output.concat("com.amazonaws.", find_region(parent), ".", name)
    found = look_up(
        aws.ec2.get_vpc_endpoint_output,
        {"vpc_id": vpc_id, "service_name": full, "filters": [kind]},
        parent,
        "id",
        "state",
        sought=Sought("existing_endpoints", name, "VPC endpoint"),
        # The provider's words, as in internal/tfresource/not_found_error.go.
        errors={"no matching": missing, "matched; use additional": several},
    )
    cidrs: pulumi.Output[list[str]] = found.subnet_ids.apply(
        lambda ids: pulumi.Output.all(*(_find_subnet_cidr(subnet_id, name, parent) for subnet_id in ids or ()))
    )
    ports = endpoint_ports.list_service_ports(name)
    admitted: pulumi.Output[list[list[str]] | None] = found.security_group_ids.apply(
        lambda ids: _find_admitted_ranges(ids or (), ports, name, parent)
    )
    return pulumi.Output.all(found, cidrs, admitted).apply(lambda parts: FoundService(*parts))


def _find_subnet_cidr(subnet_id: str, service: str, parent: pulumi.Resource) -> pulumi.Output[str]:
    sought = Sought("existing_endpoints", service, f"subnet {subnet_id} of the endpoint")
    return look_up(aws.ec2.get_subnet_output, {"id": subnet_id}, parent, "cidr_block", sought=sought).cidr_block


def _find_admitted_ranges(
    group_ids: Sequence[str], ports: Sequence[endpoint_ports.PortRange], service: str, parent: pulumi.Resource
) -> pulumi.Output[list[list[str]] | None]:
    """A rule for a security group admits no group that is new."""
    if not group_ids:
        return pulumi.Output.from_input([])
    named = [aws.vpc.GetSecurityGroupRulesFilterArgs(name="group-id", values=list(group_ids))]
    sought = Sought("existing_endpoints", service, "security group of the endpoint")
    rule, listed = aws.vpc.get_security_group_rule_output, aws.vpc.get_security_group_rules_output
    ids = look_up(listed, {"filters": named}, parent, "ids", sought=sought).ids
    rules: pulumi.Output[list[aws.vpc.GetSecurityGroupRuleResult]] = ids.apply(
        lambda known: pulumi.Output.all(
            *(
                look_up(rule, {"security_group_rule_id": rule_id}, parent, "ip_protocol", "is_egress", sought=sought)
                for rule_id in known
            )
        )
    )

    def list_ranges(known: Sequence[aws.vpc.GetSecurityGroupRuleResult]) -> list[list[str]] | None:
        inbound = [rule for rule in known if not rule.is_egress]
        used = [rule for rule in inbound if any(_admits_ports(rule, wanted) for wanted in ports)]
        if any(rule.prefix_list_id for rule in used):
            return None
        return [[rule.cidr_ipv4 for rule in used if rule.cidr_ipv4 and _admits_ports(rule, wanted)] for wanted in ports]

    return rules.apply(list_ranges)


def _admits_ports(rule: aws.vpc.GetSecurityGroupRuleResult, ports: endpoint_ports.PortRange) -> bool:
    first, last = ports
    by_port = rule.ip_protocol in ("tcp", "6") and rule.from_port <= first and last <= rule.to_port
    return rule.ip_protocol == "-1" or by_port
