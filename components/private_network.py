"""A network whose private subnets have exactly the egress that the arguments name."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from . import lookups
from .argument_types import EgressModes, EndpointZones, InstanceType, NatDisk, NatGateways, RetentionDays, ZoneName
from .arguments import resolve
from .aws_permissions import PermissionArgs
from .facts import egress_modes
from .network.flow_logs import flow_logs
from .network.instance_connect import instance_connect
from .network.network_layout import NetworkLayout, adopted, built
from .network.network_settings import NetworkSettings
from .network.refused_changes import refuse_changes
from .network.vpc_endpoints import (
    DYNAMODB,
    GATEWAYS,
    S3,
    Endpoints,
    endpoint_group,
    gateway_endpoint,
    interface_endpoint,
)
from .ordering import after
from .refusals import refusing_changes
from .scope import Scope, TaggedArgs


class NatInstanceSizeArgs(TypedDict):
    """Size of the network's NAT instance."""

    instance_type: NotRequired[InstanceType]
    """Instance type (Graviton). A t4g.nano sustains 32 Mbit/s. Defaults to `t4g.nano`."""
    disk_gib: NotRequired[NatDisk]
    """Size of its encrypted gp3 disk in GiB. Defaults to 2."""
    image_id: NotRequired[pulumi.Input[str]]
    """Machine image. Defaults to the newest Amazon Linux 2023 at the time the instance is created."""


class PrivateNetworkArgs(TaggedArgs):
    """Arguments of PrivateNetwork: `zones` for a new VPC, or `vpc_id` and `subnet_ids` of an existing one."""

    zones: NotRequired[Sequence[ZoneName]]
    """One to six availability zones by name, in the order of the subnets. Load balancers need two. Add and remove zones
    at the end: a subnet keeps its CIDR block and cannot move to another zone."""
    zones_stay: NotRequired[bool]
    """Whether existing subnets stay in their zones if `zones` has other names. Set it if a lookup returns `zones`,
    since AWS may return other zones later. Defaults to false: other names are refused."""
    cidr: NotRequired[str]
    """IPv4 range of the VPC: /16 to /26 for one zone, to /25 for two, /24 for four, /23 for six. Defaults to
    10.0.0.0/16. If you change it, another VPC and everything in it is created, and the old VPC is deleted last. Its NAT
    instance has another public address. With a NAT gateway the change is refused."""
    egress: NotRequired[EgressModes]
    """Egress modes of the private subnets. Defaults to none. `s3-packages` (free: Amazon Linux packages and
    `readable_buckets`), `ipv6` (free: hosts that have IPv6 addresses), `nat-instance` (about $7 a month), `nat-gateway`
    (about $37 a month and $0.045 a GB). You can combine `ipv6` with either NAT. Both NATs together are for moving from
    the gateway to the instance without interruption. For an existing VPC: the egress that its routes already have."""
    nat_gateways: NotRequired[NatGateways]
    """`one` (the default) serves all zones. With `one-per-zone`, no traffic crosses zones, and no zone depends on
    another. `regional` does the same with a single ID and without public subnets, and costs as much as one gateway in
    each zone. At its launch in November 2025 AWS offered it in every region except GovCloud's and China's."""
    nat_instance: NotRequired[NatInstanceSizeArgs]
    """Size of the NAT instance."""
    alarm_topic_arn: NotRequired[pulumi.Input[str]]
    """ARN of the SNS topic for the NAT instance's alarms."""
    endpoints: NotRequired[Sequence[str]]
    """Interface endpoints by the short names of their services (`ecr.api`, `logs`, `ssm`), $7.30 a month and zone each
    (us-east-1) and $0.01 a GB. `s3` and `dynamodb` are free gateway endpoints, which a new network has with
    any egress mode. The deployment fails if AWS does not offer a service in a zone of its endpoint. Clients in the VPC
    may call the service's ports: 443, or those of its own protocol, such as 587 of `email-smtp`."""
    endpoint_zones: NotRequired[EndpointZones]
    """Zones with interface endpoints: `one`, with $0.01 a GB in us-east-1 for traffic from the other zones, or `all`.
    Defaults to `one`."""
    existing_endpoints: NotRequired[Sequence[str]]
    """Short names of the services for which an existing VPC already has endpoints, such as `logs`. They are not
    changed. Callers may send to the services' ports in the VPC's first IPv4 range. The deployment fails if one is not
    found or not available, has no private DNS names, admits none of its service's ports from the private subnets, or,
    for `s3` and `dynamodb`, is not in their route tables. Policies of endpoints are not checked."""
    readable_buckets: NotRequired[Sequence[pulumi.Input[str]]]
    """Buckets of the region that the S3 endpoint policy allows to read, for networks without internet access."""
    permissions: NotRequired[Mapping[str, PermissionArgs]]
    """AWS resources that programs in the network may call. Without internet access, a new network gets the free
    endpoints of S3 and DynamoDB for the buckets and tables among them, and the policies of these endpoints allow the
    same calls."""
    ecr_layers: NotRequired[bool]
    """Whether the S3 endpoint policy allows to read ECR's image layers, for networks without internet access. Defaults
    to true if `endpoints` has `ecr.dkr`."""
    flow_logs_retention_days: NotRequired[RetentionDays]
    """Days to keep VPC flow logs, $0.50 a GB (us-east-1). Defaults to no flow logs."""
    instance_connect: NotRequired[bool]
    """Whether to add an EC2 Instance Connect Endpoint for SSH logins that IAM allows. Free. Defaults to false."""
    vpc_id: NotRequired[pulumi.Input[str]]
    """An existing VPC. Nothing in it is changed; `endpoints` and `instance_connect` add resources."""
    subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Its private subnets, one for each zone. The deployment fails if one of them is in another VPC, has a route to an
    internet gateway, shares its zone with another one, or lacks the routes that `egress` needs."""
    public_subnet_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Its public subnets."""
    route_table_ids: NotRequired[Sequence[pulumi.Input[str]]]
    """Route tables of its private subnets. If omitted, they are looked up."""
    private_dns: NotRequired[bool]
    """Whether the endpoint of a private API or another resource uses private DNS. Then it is checked that an existing
    VPC has DNS support and DNS host names; `endpoints` need both too. Defaults to false."""
    vpc_link: NotRequired[bool]
    """Whether a VPC link uses its private subnets. Zones of an existing VPC must then have VPC links. Defaults to
    false."""
    calls_over_ipv6: NotRequired[bool]
    """Whether clients in its private subnets call IPv6 addresses. Subnets of an existing VPC must then have an IPv6
    range. Defaults to false."""


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
    ipv6_cidr: pulumi.Output[str]
    """Its IPv6 range; empty if an existing VPC has none."""
    zones: pulumi.Output[list[str]]
    """Names of the zones, in the order of the subnets."""
    zone_ids: pulumi.Output[list[str]]
    """Ids of the same zones, which are the same in every account; VPC links are not available in all of them."""
    private_subnet_ids: pulumi.Output[list[str]]
    """The private subnets. Resources that use them wait for their egress and for the endpoints."""
    public_subnet_ids: pulumi.Output[list[str]]
    """The public subnets; none without a NAT in one."""
    private_route_table_ids: pulumi.Output[list[str]]
    """Route tables of the private subnets."""
    endpoint_ids: pulumi.Output[dict[str, str]]
    """Ids of the endpoints by the short names of their services."""
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

    def __init__(self, name: str, args: PrivateNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        settings = resolve(NetworkSettings, PrivateNetworkArgs, args)
        opts = refusing_changes(self, name, refuse_changes, opts)
        super().__init__("gatehouse:index:PrivateNetwork", name, dict(args), opts)
        scope = Scope(name, self, settings.tags)
        layout = adopted(scope, settings) if settings.adopts else built(scope, settings)
        endpoints = _endpoints(scope, settings, layout)
        if settings.flow_logs_retention_days is not None:
            flow_logs(scope, layout.vpc_id, settings.flow_logs_retention_days)
        connect = instance_connect(scope, layout.vpc_id, layout.subnet_ids[0]) if settings.instance_connect else None
        ways = [*layout.egress_dependencies, *endpoints.by_service.values()]
        subnet_ids: list[pulumi.Output[str]] = [after(subnet_id, *ways) for subnet_id in layout.subnet_ids]

        self.vpc_id = layout.vpc_id
        self.vpc_cidr = layout.vpc_cidr
        self.ipv6_cidr = layout.ipv6_cidr
        self.zones = pulumi.Output.all(*layout.zones)
        self.zone_ids = pulumi.Output.all(*layout.zone_ids)
        # One by one: while a new zone's id is not known yet, the others' are.
        self.private_subnets = subnet_ids
        self.private_subnet_ids = pulumi.Output.all(*subnet_ids)
        self.public_subnet_ids = pulumi.Output.all(*layout.public_subnet_ids)
        self.private_route_table_ids = pulumi.Output.all(*layout.route_table_ids)
        self.endpoint_ids = pulumi.Output.all(
            **{service: endpoint.id for service, endpoint in endpoints.by_service.items()}
        )
        self.endpoint_security_group_id = endpoints.group.id if endpoints.group is not None else None
        # Plain lists: they decide which rules the clients' groups have.
        self.endpoint_services = settings.interface_endpoints
        self.existing_endpoint_services = [
            endpoint for endpoint in settings.existing_endpoints if endpoint not in layout.prefix_list_ids
        ]
        self.endpoint_cidr = layout.vpc_cidr if self.existing_endpoint_services else None
        lists = {service: endpoints.prefix_list_id(service) for service in GATEWAYS} | {**layout.prefix_list_ids}
        self.s3_prefix_list_id = lists[S3] or _s3_prefix_list(scope, settings)
        self.dynamodb_prefix_list_id = lists[DYNAMODB]
        self.nat_public_ips = pulumi.Output.all(*layout.nat_public_ips)
        self.nat_instance_id = layout.nat_instance_id
        self.instance_connect_security_group_id = connect.id if connect is not None else None
        self.register_outputs({key: getattr(self, key) for key in PrivateNetwork.__annotations__})


def _endpoints(scope: Scope, settings: NetworkSettings, layout: NetworkLayout) -> Endpoints:
    """Gateway endpoints in the private route tables, interface endpoints in the first private subnet or in each."""
    declared = {
        service: gateway_endpoint(scope, service, layout.vpc_id, layout.route_table_ids, settings.admitted)
        for service in settings.gateway_endpoints
    }
    if not settings.interface_endpoints:
        return Endpoints(declared, None)
    group = endpoint_group(scope, layout.vpc_id, layout.vpc_cidr, settings.interface_endpoints)
    count = len(layout.subnet_ids) if settings.endpoint_zones == "all" else 1
    subnet_ids, zones = layout.subnet_ids[:count], layout.zones[:count]
    for service in settings.interface_endpoints:
        declared[service] = interface_endpoint(scope, service, layout.vpc_id, subnet_ids, zones, group)
    return Endpoints(declared, group)


def _s3_prefix_list(scope: Scope, settings: NetworkSettings) -> pulumi.Output[str] | None:
    """S3's addresses behind the endpoint that an existing VPC has by its egress."""
    existing = settings.adopts and egress_modes.S3_PACKAGES in settings.egress
    return lookups.s3_prefix_list(scope.parent) if existing else None
