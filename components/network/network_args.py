"""PrivateNetwork's arguments, with their defaults and their mistakes."""

import ipaddress
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi

from ..arguments.addresses import IPv4Range
from ..arguments.faults import Fault, Unused, find_unused
from ..arguments.names import (
    BucketName,
    ImageId,
    InstanceType,
    RouteTableId,
    ServiceName,
    SubnetId,
    TopicArn,
    VpcId,
    ZoneNames,
)
from ..arguments.numbers import NatDisk, RetentionDays, ZoneCount
from ..arguments.tags import TaggedArgs
from ..arguments.words import EgressModes, EndpointZones, NatGateways
from ..facts import aws_permissions, defaults, egress_modes, endpoint_services
from ..facts.private_addresses import VPC_RANGES
from ..facts.regions import INTERFACE_ENDPOINTS, REGIONAL_NAT, find_lack
from ..iam.permission_args import PermissionArgs
from ..iam.permission_args import find_permission_faults as permission_faults
from ..nat.machine_faults import find_machine_faults
from .subnets import plan_subnets
from .vpc_endpoints import DYNAMODB, EXECUTE_API, GATEWAYS, S3, AllowedCalls

ECR_IMAGES: Final = "ecr.dkr"


@dataclass(frozen=True, kw_only=True)
class NatInstanceSizeArgs:
    """Size of the network's NAT instance."""

    instance_type: InstanceType = defaults.NAT_INSTANCE_TYPE
    """Instance type (Graviton); a t4g.nano sustains 32 Mbit/s. Defaults to `t4g.nano`."""
    disk_gib: NatDisk | None = None
    """Size of its encrypted gp3 disk in GiB. Defaults to 2."""
    image_id: ImageId | None = None
    """Machine image, together with `disk_gib`. Defaults to the newest Amazon Linux 2023 at the time the instance is
    created."""


@dataclass(frozen=True, kw_only=True)
class PrivateNetworkArgs(TaggedArgs):
    """Arguments of PrivateNetwork: `zones` for a new VPC, or `vpc_id` and `subnet_ids` of an existing one."""

    zones: ZoneCount | ZoneNames = ()
    """Number of availability zones, or their names in the order of the subnets: one to six. Load balancers need two. A
    number takes zones that VPC links serve, and existing subnets stay in theirs. Add and remove names at the end: a
    subnet keeps its CIDR block and cannot move to another zone."""
    zones_stay: bool = False
    """Whether existing subnets stay in their zones if `zones` has other names. Set it if a lookup returns `zones`,
    since AWS may return other zones later. Defaults to false: other names are refused."""
    cidr: IPv4Range | None = None
    """IPv4 range of the VPC: /16 to /26 for one zone, to /25 for two, /24 for four, /23 for six. Defaults to
    10.0.0.0/16. If you change it, another VPC and everything in it is created, and the old VPC is deleted last. Its NAT
    instance has another public address. With a NAT gateway the change is refused."""
    egress: EgressModes = ()
    """Egress modes of the private subnets. Defaults to none. `s3-packages` (free: Amazon Linux packages and
    `readable_buckets`), `ipv6` (free: hosts that have IPv6 addresses), `nat-instance` (about $7 a month), `nat-gateway`
    (about $37 a month and $0.045 a GB). You can combine `ipv6` with either NAT. Both NATs together are for moving from
    the gateway to the instance without interruption. For an existing VPC: the egress that its routes already have."""
    nat_gateways: NatGateways = "one"
    """NAT gateways: one for all zones, one per zone, or a regional one (docs/choosing.md). With `one-per-zone`, no
    traffic crosses zones, and no zone depends on another. `regional` does the same with a single ID and without public
    subnets, and costs as much as one gateway in each zone. At its launch in November 2025 AWS offered it in every
    region except GovCloud's and China's."""
    nat_instance: NatInstanceSizeArgs | None = None
    """Size of the NAT instance."""
    alarm_topic_arn: TopicArn | None = None
    """ARN of the SNS topic for the NAT instance's alarms."""
    endpoints: Sequence[ServiceName] = ()
    """Interface endpoints by the short names of their services, $7.30 a month and zone each (us-east-1) and $0.01 a GB.
    `s3` and `dynamodb` are free gateway endpoints, which a new network has with any egress mode. The deployment fails
    if AWS does not offer a service in a zone of its endpoint. Clients in the VPC may call the service's ports: 443, or
    those of its own protocol, such as 587 of `email-smtp`."""
    endpoint_zones: EndpointZones = "one"
    """Zones with interface endpoints; with `one`, traffic from the other zones costs $0.01 a GB (us-east-1). Defaults
    to `one`."""
    existing_endpoints: Sequence[ServiceName] = ()
    """Services for which an existing VPC already has endpoints. They are not changed. Callers may send to the services'
    ports in the VPC's first IPv4 range. The deployment fails if an endpoint is not found or not available, has no
    private DNS names, allows none of its service's ports from the private subnets, or, for `s3` and `dynamodb`, is not
    in their route tables. The policies of the endpoints are not checked.
    """
    readable_buckets: Sequence[BucketName] = ()
    """Buckets of the region that the S3 endpoint policy allows to read, for networks without internet access."""
    permissions: Mapping[str, PermissionArgs] = field(default_factory=dict)
    """AWS resources that programs in the network may call. Without internet access, a new network gets the free
    endpoints of S3 and DynamoDB for the buckets and tables among them, and the policies of these endpoints allow the
    same calls."""
    ecr_layers: bool | None = None
    """Whether the S3 endpoint policy allows to read ECR's image layers, for networks without internet access. Defaults
    to true if `endpoints` has `ecr.dkr`."""
    flow_logs_retention_days: RetentionDays | None = None
    """Days to keep VPC flow logs, $0.50 a GB (us-east-1). Defaults to no flow logs."""
    instance_connect: bool = False
    """Whether to add an EC2 Instance Connect Endpoint for SSH logins that IAM allows. Free. Defaults to false."""
    vpc_id: VpcId | None = None
    """An existing VPC. Nothing in it is changed; `endpoints` and `instance_connect` add resources."""
    subnet_ids: pulumi.Input[Sequence[SubnetId]] = ()
    """Its private subnets, one for each zone. The deployment fails if one of them is in another VPC, has a route to an
    internet gateway, shares its zone with another one, or lacks the routes that `egress` needs."""
    public_subnet_ids: pulumi.Input[Sequence[SubnetId]] = ()
    """Its public subnets."""
    route_table_ids: pulumi.Input[Sequence[RouteTableId]] = ()
    """Route tables of its private subnets. If omitted, they are looked up."""
    private_dns: bool = False
    """Whether the endpoint of a private API or another resource uses private DNS. Then it is checked that an existing
    VPC has DNS support and DNS host names; `endpoints` need both too. Defaults to false."""
    vpc_link: bool = False
    """Whether a VPC link uses its private subnets. Zones of an existing VPC must then have VPC links. Defaults to
    false."""
    calls_over_ipv6: bool = False
    """Whether clients in its private subnets call IPv6 addresses. Subnets of an existing VPC must then have an IPv6
    range. Defaults to false."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that exclude each other."""
        if self.uses_existing_vpc:
            yield from self._check_adopted()
        else:
            yield from self._check_new()
        yield from self._check_endpoints()
        yield from permission_faults(self.permissions)

    def find_region_faults(self, region: str) -> Iterator[Fault]:
        """Yields what AWS lacks in the region."""
        if self.nat_gateways == "regional" and (lack := find_lack(REGIONAL_NAT, region)):
            yield Fault("nat_gateways", self.nat_gateways, *lack)
        if self.interface_endpoints and (lack := find_lack(INTERFACE_ENDPOINTS, region)):
            yield Fault("endpoints", ", ".join(self.interface_endpoints), *lack)

    @property
    def uses_existing_vpc(self) -> bool:
        """Whether the VPC exists already."""
        return self.vpc_id is not None or bool(self.subnet_ids)

    @property
    def stays(self) -> bool:
        """Whether existing subnets stay in their zones. For a number of zones, AWS may return other zones later."""
        return self.zones_stay or isinstance(self.zones, int)

    @property
    def vpc_range(self) -> str:
        """IPv4 range of a new VPC."""
        return self.cidr or defaults.VPC_CIDR

    @property
    def interface_endpoints(self) -> list[str]:
        """Services that get an interface endpoint."""
        return [service for service in self.endpoints if service not in GATEWAYS]

    @property
    def gateway_endpoints(self) -> list[str]:
        """Services that get a gateway endpoint: those in `endpoints`, and in a new network those that settings need."""
        wanted = set(self.endpoints)
        if not self.uses_existing_vpc and self.egress:
            wanted |= {S3, DYNAMODB}
        if not self.uses_existing_vpc and (self.readable_buckets or self.reads_ecr_layers):
            wanted.add(S3)
        if not self.uses_existing_vpc:
            wanted |= {aws_permissions.KINDS[permission.kind].endpoint for permission in self.permissions.values()}
        return [service for service in GATEWAYS if service in wanted]

    @property
    def allowed_calls(self) -> AllowedCalls:
        """The calls that the policies of the gateway endpoints allow."""
        return AllowedCalls(
            everything=egress_modes.reaches_internet(self.egress),
            packages=egress_modes.S3_PACKAGES in self.egress,
            ecr_layers=self.reads_ecr_layers,
            buckets=self.readable_buckets,
            permissions=self.permissions,
        )

    @property
    def endpoint_buckets(self) -> list[pulumi.Input[str]] | None:
        """Buckets that the policy of an endpoint for S3 allows to be read; None if it allows all."""
        allowed = self.allowed_calls
        if allowed.everything:
            return None
        named = (permission.name for permission in allowed.filter_permissions("bucket").values())
        return [*allowed.buckets, *(name.rpartition(":")[2] if isinstance(name, str) else name for name in named)]

    @property
    def reads_ecr_layers(self) -> bool:
        """Whether reads of image layers are allowed. Without them, ECR's own endpoints are of no use."""
        return ECR_IMAGES in (*self.endpoints, *self.existing_endpoints) if self.ecr_layers is None else self.ecr_layers

    def _check_new(self) -> Iterator[Fault]:
        if not self.zones:
            want = "one to six availability zones, or vpc_id and subnet_ids of a network that exists"
            yield Fault("zones", [], want)
        for key in ("public_subnet_ids", "route_table_ids", "existing_endpoints"):
            if getattr(self, key):
                yield Fault(key, "…", "only with vpc_id; a new network makes its own")
        yield from find_unused(self, list_unused_nat(self.egress))
        if self.nat_instance is not None:
            size = self.nat_instance
            for fault in find_machine_faults(size.instance_type, size.image_id, size.disk_gib):
                yield fault._replace(key=f"nat_instance.{fault.key}")
        yield from check_private_range(self.vpc_range)
        if not self.zones:
            return
        try:
            plan_subnets(self.vpc_range, self.zones if isinstance(self.zones, int) else len(self.zones))
        except ValueError as error:
            yield Fault("cidr", self.vpc_range, str(error))

    def _check_adopted(self) -> Iterator[Fault]:
        if self.vpc_id is None or not self.subnet_ids:
            missing = "vpc_id" if self.vpc_id is None else "subnet_ids"
            yield Fault(missing, None, "a network that exists is named by vpc_id and subnet_ids, both")
        new_only = {
            "zones": self.zones,
            "cidr": self.cidr,
            "nat_instance": self.nat_instance,
            "alarm_topic_arn": self.alarm_topic_arn,
            "flow_logs_retention_days": self.flow_logs_retention_days,
        }
        for key, value in new_only.items():
            if value:
                yield Fault(key, value, "leave it out: nothing is changed in a network that exists")
        unused = {"nat_gateways": ("leave it out: nothing is changed in a network that exists", "")}
        yield from find_unused(self, unused)

    def _check_endpoints(self) -> Iterator[Fault]:
        yield from check_endpoints(self.endpoints, self.existing_endpoints)
        allowed_calls = self.allowed_calls
        empty = not (
            allowed_calls.everything
            or allowed_calls.packages
            or allowed_calls.ecr_layers
            or allowed_calls.buckets
            or allowed_calls.filter_permissions("bucket")
        )
        if S3 in self.gateway_endpoints and empty:
            yield Fault("endpoints", S3, "it would admit nothing: name readable_buckets, or egress s3-packages")


def list_unused_nat(egress: Collection[str]) -> Unused:
    """Returns the arguments of a NAT that `egress` does not have."""
    owners = {"nat_gateways": egress_modes.NAT_GATEWAY, "nat_instance": egress_modes.NAT_INSTANCE}
    return {
        key: (f"only with egress {mode}", f"take out {key}, or add {mode} to egress")
        for key, mode in owners.items()
        if mode not in egress
    }


def check_private_range(cidr: str) -> Iterator[Fault]:
    """Refuses a range with public addresses for a new VPC.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
    """
    own = ipaddress.IPv4Network(cidr)
    if not any(own.subnet_of(ipaddress.IPv4Network(private)) for private in VPC_RANGES):
        allowed = f"a range inside {', '.join(VPC_RANGES)}"
        remedy = "with any other the VPC could not reach the machines on the internet that own these addresses"
        yield Fault("cidr", cidr, allowed, remedy)


def check_endpoints(endpoints: Sequence[str], existing: Sequence[str]) -> Iterator[Fault]:
    """Checks the endpoints. In a VPC, AWS allows only one endpoint with private DNS names for each service."""
    for key, services in (("endpoints", endpoints), ("existing_endpoints", existing)):
        for index, service in enumerate(services):
            if not endpoint_services.is_service(service):
                allowed = "the short name of a service that has an endpoint: ecr.api, logs, ssm, …"
                listed = "`aws ec2 describe-vpc-endpoint-services` lists those of the region"
                yield Fault(f"{key}[{index}]", service, allowed, endpoint_services.suggest_service(service) or listed)
        if EXECUTE_API in services:
            remedy = (
                "PrivateApiEndpoint makes this one; in a stack file, topology private-api makes it, or uses that of "
                "api.private.endpointId"
            )
            yield Fault(key, EXECUTE_API, "the endpoints of other services", remedy)
    for service in sorted({*endpoints} & {*existing}):
        yield Fault(
            "endpoints", service, "a service that is not in existing_endpoints", "remove it from one of the two"
        )
