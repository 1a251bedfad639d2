"""A network whose private subnets have exactly the egress that the arguments name."""

from collections.abc import Sequence
from typing import Any

import pulumi

from .arguments.inputs import ArgsOrMapping
from .arguments.reader import resolve
from .aws_lookups.endpoints import find_s3_prefix_list
from .facts import egress_modes
from .network.flow_logs import declare_flow_logs
from .network.instance_connect import declare_instance_connect
from .network.network_args import PrivateNetworkArgs
from .network.network_layout import NetworkLayout, adopt_network, declare_network
from .network.network_statement import state_network
from .network.several import join, list_first, take_first, wait_for
from .network.vpc_endpoints import (
    DYNAMODB,
    GATEWAYS,
    S3,
    Endpoints,
    declare_endpoint_group,
    declare_gateway_endpoint,
    declare_interface_endpoint,
)
from .reach.statement import add_reach
from .refused_changes.network import list_network_changes
from .resource_hooks.refused_updates import add_update_hooks
from .resource_options.declaration import check_declaration
from .resource_options.ordering import add_dependencies
from .resource_options.scope import Scope


class PrivateNetwork(pulumi.ComponentResource):
    """A VPC with a private subnet and a route table in each zone, without egress except the modes of `egress`.

    Free in itself: VPC, subnets, route tables, gateway endpoints and the egress-only gateway cost nothing. A private
    subnet never has a route to an internet gateway; public subnets exist only for a NAT. The default
    security group has no rules. Moving from one egress to another replaces nothing: the private routes stay and
    change their target. See `docs/choosing.md` for the destinations of each mode and the interruptions of each change.

    For an existing VPC (`vpc_id`, `subnet_ids`) it has the same outputs, which it looks up and checks.

    https://docs.aws.amazon.com/vpc/latest/userguide/what-is-amazon-vpc.html
    """

    vpc_id: pulumi.Output[str]
    """The VPC."""
    vpc_cidr: pulumi.Output[str]
    """Its (first) IPv4 range."""
    ipv4_cidrs: list[str]
    """All IPv4 ranges of an existing VPC, as strings. Empty if the VPC is new or `vpc_id` is an output."""
    ipv6_cidr: pulumi.Output[str]
    """Its IPv6 range; empty if an existing VPC has none."""
    zones: pulumi.Output[list[str]]
    """Names of the zones, in the order of the subnets."""
    zone_ids: pulumi.Output[list[str]]
    """IDs of these zones. An ID names the same zone in every account. AWS does not offer VPC links in every zone."""
    private_subnet_ids: pulumi.Output[list[str]]
    """The private subnets. Resources that use them wait for their egress and for the endpoints."""
    public_subnet_ids: pulumi.Output[list[str]]
    """The public subnets. Empty if no NAT is in a public subnet."""
    private_route_table_ids: pulumi.Output[list[str]]
    """Route tables of the private subnets."""
    endpoint_ids: pulumi.Output[dict[str, str]]
    """Ids of the endpoints by the short names of their services."""
    egress: list[str]
    """Egress modes of the network, which decide the hosts that its backends and functions may reach. Pass this list to
    them as `egress`; in Python, `client` includes it."""
    endpoint_services: list[str]
    """Services of the interface endpoints that the network declares, for programs in other languages."""
    existing_endpoint_services: list[str]
    """Services of the interface endpoints that an existing VPC has already, for programs in other languages."""
    endpoint_security_group_id: pulumi.Output[str] | None
    """Group of the interface endpoints, if there are any."""
    endpoint_cidr: pulumi.Output[str] | None
    """IPv4 range of the interface endpoints that an existing VPC has already, if any are named."""
    s3_prefix_list_id: pulumi.Output[str] | None
    """Prefix list of S3, for security group rules, if there is a gateway endpoint."""
    dynamodb_prefix_list_id: pulumi.Output[str] | None
    """Prefix list of DynamoDB, for security group rules, if there is a gateway endpoint."""
    nat_public_ips: pulumi.Output[list[str]]
    """Public addresses of outbound traffic, for allow lists of other systems; none without a NAT."""
    nat_instance_id: pulumi.Output[str] | None
    """The NAT instance, if there is one."""
    instance_connect_security_group_id: pulumi.Output[str] | None
    """Group of the EC2 Instance Connect Endpoint, if there is one."""

    def __init__(
        self, name: str, args: ArgsOrMapping[PrivateNetworkArgs], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        settings = resolve(PrivateNetworkArgs, args)
        check_declaration("PrivateNetwork", name, settings, opts)
        opts = add_update_hooks(self, name, list_network_changes, opts)
        super().__init__("gatehouse:index:PrivateNetwork", name, add_reach(args, state_network(settings)), opts)
        scope = Scope(name, self, settings.tags)
        layout = adopt_network(scope, settings) if settings.uses_existing_vpc else declare_network(scope, settings)
        endpoints = _declare_endpoints(scope, settings, layout)
        if settings.flow_logs_retention_days is not None:
            declare_flow_logs(scope, layout.vpc_id, settings.flow_logs_retention_days)
        connect = (
            declare_instance_connect(scope, layout.vpc_id, take_first(layout.subnet_ids))
            if settings.instance_connect
            else None
        )
        ready = [*layout.egress_dependencies, *endpoints.by_service.values()]
        subnet_ids = wait_for(layout.subnet_ids, lambda known: add_dependencies(known, *ready))

        self.vpc_id = layout.vpc_id
        self.vpc_cidr = layout.vpc_cidr
        self.ipv4_cidrs = [*layout.ipv4_cidrs]
        self.ipv6_cidr = layout.ipv6_cidr
        self.zones = join(layout.zones)
        self.zone_ids = join(layout.zone_ids)
        # Separate outputs: the IDs of unchanged subnets are known, also if the ID of a new subnet is not.
        self.private_subnets = [*subnet_ids] if isinstance(subnet_ids, Sequence) else []
        self.private_subnet_ids = join(subnet_ids)
        self.public_subnet_ids = join(layout.public_subnet_ids)
        self.private_route_table_ids = join(layout.route_table_ids)
        self.endpoint_ids = pulumi.Output.all(
            **{service: endpoint.id for service, endpoint in endpoints.by_service.items()}
        )
        self.endpoint_security_group_id = endpoints.group.id if endpoints.group is not None else None
        # Plain lists, because they decide which rules are declared for the clients' groups.
        self.egress = [*settings.egress]
        self.endpoint_services = settings.interface_endpoints
        self.existing_endpoint_services = [
            endpoint for endpoint in settings.existing_endpoints if endpoint not in layout.prefix_list_ids
        ]
        self.endpoint_cidr = layout.vpc_cidr if self.existing_endpoint_services else None
        prefix_list_ids = {service: endpoints.prefix_list_id(service) for service in GATEWAYS} | {
            **layout.prefix_list_ids
        }
        self.s3_prefix_list_id = prefix_list_ids[S3] or _find_s3_prefix_list(scope, settings)
        self._s3_buckets = settings.endpoint_buckets if S3 in endpoints.by_service else None
        self.dynamodb_prefix_list_id = prefix_list_ids[DYNAMODB]
        self.nat_public_ips = pulumi.Output.all(*layout.nat_public_ips)
        self.nat_instance_id = layout.nat_instance_id
        self.instance_connect_security_group_id = connect.id if connect is not None else None
        self.register_outputs({key: getattr(self, key) for key in PrivateNetwork.__annotations__})

    def client(self, *, out: bool = True, gateways: bool = True) -> dict[str, Any]:
        """Arguments of a backend or function in this network: `Ec2BackendArgs(image="…", **network.client())`.

        They are the VPC, its private subnets and the destinations that can be reached from there: the egress, the
        prefix lists of S3 and DynamoDB, and the interface endpoints. `Ec2Backend`, `FargateBackend` and `ApiFunction`
        take them all. With `out=False` there is no egress, for a function that calls only servers in the VPC. With
        `gateways=False` there are no prefix lists, for an instance that needs neither service, such as `ApiConsumer`.
        """
        arguments = {
            "vpc_id": self.vpc_id,
            "subnet_ids": self.private_subnets or self.private_subnet_ids,
            "egress": self.egress if out else [],
            "s3_prefix_list_id": self.s3_prefix_list_id if gateways else None,
            "s3_buckets": self._s3_buckets if gateways else None,
            "dynamodb_prefix_list_id": self.dynamodb_prefix_list_id if gateways else None,
            "endpoint_security_group_id": self.endpoint_security_group_id,
            "endpoint_services": self.endpoint_services or None,
            "endpoint_cidr": self.endpoint_cidr,
            "existing_endpoint_services": self.existing_endpoint_services or None,
        }
        return {name: value for name, value in arguments.items() if value is not None}


def _declare_endpoints(scope: Scope, settings: PrivateNetworkArgs, layout: NetworkLayout) -> Endpoints:
    """Gateway endpoints in the private route tables; interface endpoints in the first private subnet, or in each."""
    declared = {
        service: declare_gateway_endpoint(scope, service, layout.vpc_id, layout.route_table_ids, settings.allowed_calls)
        for service in settings.gateway_endpoints
    }
    if not settings.interface_endpoints:
        return Endpoints(declared, None)
    group = declare_endpoint_group(
        scope, layout.vpc_id, layout.vpc_cidr, layout.ipv4_cidrs[1:], settings.interface_endpoints
    )
    subnet_ids, zones = layout.subnet_ids, layout.zones
    if settings.endpoint_zones == "one":
        subnet_ids, zones = list_first(subnet_ids), list_first(zones)
    for service in settings.interface_endpoints:
        declared[service] = declare_interface_endpoint(scope, service, layout.vpc_id, subnet_ids, zones, group)
    return Endpoints(declared, group)


def _find_s3_prefix_list(scope: Scope, settings: PrivateNetworkArgs) -> pulumi.Output[str] | None:
    """Prefix list of S3 for an existing VPC, if its endpoint for S3 is used: in the egress mode `s3-packages`."""
    existing = settings.uses_existing_vpc and egress_modes.S3_PACKAGES in settings.egress
    return find_s3_prefix_list(scope.parent) if existing else None
