"""AWS's services reached from inside a VPC: gateway endpoints, which are free, and interface endpoints, which are not.

https://docs.aws.amazon.com/vpc/latest/privatelink/what-is-privatelink.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..arguments.errors import ArgumentError
from ..arguments.words import PermissionKind
from ..aws_lookups.account import find_account_id, find_partition, find_region
from ..aws_lookups.endpoints import find_service_zones
from ..facts import endpoint_policies, limits
from ..iam.permission_args import ARGUMENT, PermissionArgs
from ..iam.permission_statements import build_permission_statements
from ..resource_options.scope import Scope
from ..security_groups.peers import Cidr, Group, name_range, parse_range
from ..security_groups.rules import allow_services, declare_security_group
from .several import Several, join

EXECUTE_API: Final = "execute-api"
S3: Final = "s3"
DYNAMODB: Final = "dynamodb"
GATEWAYS: Final = (S3, DYNAMODB)


@dataclass(frozen=True)
class AllowedCalls:
    """The calls that the policies of the S3 and DynamoDB gateway endpoints allow."""

    everything: bool
    """Allow all calls, because the network also reaches the internet."""
    packages: bool
    ecr_layers: bool
    buckets: Sequence[pulumi.Input[str]]
    permissions: Mapping[str, PermissionArgs] = field(default_factory=dict)

    def filter_permissions(self, kind: PermissionKind) -> dict[str, PermissionArgs]:
        """The permissions for resources of one kind."""
        return {key: permission for key, permission in self.permissions.items() if permission.kind == kind}


@dataclass(frozen=True)
class Endpoints:
    """The declared endpoints."""

    by_service: Mapping[str, aws.ec2.VpcEndpoint]
    """By the short name of the service."""
    group: aws.ec2.SecurityGroup | None
    """Group of the interface endpoints, if there are any."""

    def prefix_list_id(self, service: str) -> pulumi.Output[str] | None:
        """The service's addresses behind its gateway endpoint, if it has one."""
        endpoint = self.by_service.get(service)
        return endpoint.prefix_list_id if endpoint is not None else None


def declare_gateway_endpoint(
    scope: Scope,
    service: str,
    vpc_id: pulumi.Input[str],
    route_table_ids: Several[str],
    allowed_calls: AllowedCalls,
) -> aws.ec2.VpcEndpoint:
    """A free endpoint. It adds a route to the service's addresses in this region to the route tables."""
    policy = _build_s3_policy(scope, allowed_calls) if service == S3 else _build_dynamodb_policy(scope, allowed_calls)
    return aws.ec2.VpcEndpoint(
        f"{scope.name}-{service}",
        vpc_id=vpc_id,
        service_name=_build_service_name(scope, service),
        vpc_endpoint_type="Gateway",
        route_table_ids=join(route_table_ids),
        policy=pulumi.Output.json_dumps(policy, separators=(",", ":")).apply(
            lambda text: _check_policy_size(service, text)
        ),
        tags=scope.build_tags(service),
        opts=scope.child_options(),
    )


def _check_policy_size(service: str, policy: str) -> str:
    """Returns the policy. Raises ArgumentError if it is longer than AWS allows, where white space counts.

    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """
    if len(policy) > (most := limits.ENDPOINT_POLICY_CHARACTERS):
        got = f"{len(policy):,} characters in the policy of the endpoint for {service}"
        want = f"at most {most:,}; name fewer buckets and permissions, or an egress that reaches the internet"
        raise ArgumentError("PrivateNetwork", ARGUMENT, got, want)
    return policy


def declare_endpoint_group(
    scope: Scope,
    vpc_id: pulumi.Input[str],
    vpc_cidr: pulumi.Input[str],
    further_cidrs: Sequence[str],
    services: Sequence[str],
) -> aws.ec2.SecurityGroup:
    """The group of all interface endpoints: their services' ports from inside the VPC, and nothing out."""
    # The description lists no services, because the services can change, and the description of a group cannot.
    group = declare_security_group(scope, "endpoints-group", vpc_id, "Interface endpoints: from inside the VPC")
    allow_services(scope, "endpoints-from-vpc", Cidr(vpc_cidr), Group(group.id), services, "from the VPC")
    for cidr in further_cidrs:
        callers = f"endpoints-from-{name_range(cidr)}"
        allow_services(scope, callers, parse_range(cidr), Group(group.id), services, "from a further range of the VPC")
    return group


def declare_interface_endpoint(
    scope: Scope,
    service: str,
    vpc_id: pulumi.Input[str],
    subnet_ids: Several[str],
    zones: Several[str],
    group: aws.ec2.SecurityGroup,
) -> aws.ec2.VpcEndpoint:
    """An endpoint with an address in each subnet, $7.30 a month each (us-east-1) and $0.01 a GB.

    It takes over the service's public name inside the VPC, so programs need no change. `zones` has the subnets' zones.
    """
    name = f"endpoint-{service.replace('.', '-')}"
    return aws.ec2.VpcEndpoint(
        f"{scope.name}-{name}",
        vpc_id=vpc_id,
        service_name=_build_service_name(scope, service),
        vpc_endpoint_type="Interface",
        subnet_ids=check_offered(scope.parent, "PrivateNetwork", "endpoints", service, subnet_ids, zones),
        security_group_ids=[group.id],
        private_dns_enabled=True,
        tags=scope.build_tags(name),
        opts=scope.child_options(),
    )


def check_offered(
    parent: pulumi.Resource,
    component: str,
    key: str,
    service: str,
    subnet_ids: Several[str],
    zones: Several[str],
) -> pulumi.Output[list[str]]:
    """The subnets. Raises ArgumentError unless AWS offers the service in the zone of each.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    unknown = "a service that AWS offers in this region; `aws ec2 describe-vpc-endpoint-services` lists them"
    offered = find_service_zones(service, parent, ArgumentError(component, key, service, unknown))

    def check_zones(known: Mapping[str, Any]) -> list[str]:
        missing = [zone for zone in known["zones"] if zone not in known["offered"]]
        if missing:
            got = f"{service} in {', '.join(missing)}"
            want = f"zones in which AWS offers it: {', '.join(sorted(known['offered']))}; use subnets there"
            raise ArgumentError(component, key, got, want)
        return [*known["ids"]]

    return pulumi.Output.all(ids=join(subnet_ids), zones=join(zones), offered=offered).apply(check_zones)


def _build_service_name(scope: Scope, service: str) -> pulumi.Output[str]:
    return pulumi.Output.concat("com.amazonaws.", find_region(scope.parent), ".", service)


def _build_s3_policy(scope: Scope, allowed: AllowedCalls) -> pulumi.Input[dict[str, Any]]:
    if allowed.everything:
        return endpoint_policies.build_open_policy()
    return pulumi.Output.all(
        partition=find_partition(scope.parent),
        region=find_region(scope.parent),
        buckets=list(allowed.buckets),
        permitted=build_permission_statements("PrivateNetwork", allowed.filter_permissions("bucket"), scope.parent),
    ).apply(
        lambda known: endpoint_policies.build_read_only_policy(
            packages=allowed.packages, ecr_layers=allowed.ecr_layers, **known
        )
    )


def _build_dynamodb_policy(scope: Scope, allowed: AllowedCalls) -> pulumi.Input[dict[str, Any]]:
    if allowed.everything:
        return endpoint_policies.build_open_policy()
    return pulumi.Output.all(
        partition=find_partition(scope.parent),
        region=find_region(scope.parent),
        account=find_account_id(scope.parent),
        permitted=build_permission_statements("PrivateNetwork", allowed.filter_permissions("table"), scope.parent),
    ).apply(lambda known: endpoint_policies.build_own_tables_policy(**known))
