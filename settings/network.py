"""`gatehouse:network`: a new VPC and its ways out, or one that exists."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.alias_generators import to_camel

from components.argument_types import EgressMode, EndpointZones, NatGateways
from components.network import subnets
from facts import defaults, egress_modes
from facts.limits import VPC_PREFIX_LENGTHS, ZONES

from .section import Section
from .values import (
    BucketName,
    DomainName,
    ImageId,
    InstanceType,
    IPv4Cidr,
    RetentionDays,
    RouteTableId,
    ServiceName,
    SubnetId,
    VpcId,
    ZoneName,
    refused,
)

Egress = Literal["auto", "none", EgressMode]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _combined(value: list[Egress]) -> list[Egress]:
    allowed = "one of auto, none, s3-packages, ipv6, nat-instance, nat-gateway, or ipv6 and a NAT as a list"
    if not value or (len(value) > 1 and {"none", "auto"} & set(value)):
        raise refused(allowed, "auto and none go with no other")
    try:
        egress_modes.check([mode for mode in value if mode not in ("none", "auto")])
    except ValueError as error:
        raise refused(allowed, str(error)) from None
    return value


EgressList = Annotated[list[Egress], BeforeValidator(_listed), AfterValidator(_combined)]


def _zones(value: object) -> object:
    allowed = f"a number of zones from {ZONES.start} to {ZONES.stop - 1}, or a list of zone names"
    if isinstance(value, bool) or not isinstance(value, int | list):
        raise refused(allowed)
    size = value if isinstance(value, int) else len(value)
    if size not in ZONES:
        raise refused(allowed)
    return list(value) if isinstance(value, list) else value


class NatInstance(Section):
    """Size of the NAT instance."""

    instance_type: InstanceType = Field(
        defaults.NAT_INSTANCE_TYPE, description="Graviton type; a t4g.nano carries 32 Mbit/s for as long as you like"
    )
    disk_gib: int = Field(defaults.NAT_INSTANCE_DISK_GIB, ge=2, le=100, description="Encrypted gp3 disk, GiB")
    image_id: ImageId | None = Field(
        None, description="Machine image, with diskGib. Defaults to the newest Amazon Linux 2023 at creation"
    )


class Endpoints(Section):
    """Settings of new and adopted networks."""

    endpoints: list[ServiceName] = Field(
        default_factory=list,
        description="Interface endpoints by short name (ecr.api, logs, ssm …); each costs about $7.30 a zone and month",
    )
    endpoint_zones: EndpointZones = Field(
        "one", description="Zones with interface endpoints; one is cheaper, all outlives a zone"
    )
    required_hosts: list[DomainName] = Field(
        default_factory=list,
        description="Hosts that the backend and other clients in the network call. The egress must reach them, over"
        " IPv6 if they answer there",
    )


class NewNetwork(Endpoints):
    """A VPC made for this stack."""

    cidr: IPv4Cidr = Field(
        defaults.VPC_CIDR, description=f"Range of the VPC, /{min(VPC_PREFIX_LENGTHS)} to /{subnets.smallest(1)}"
    )
    zones: Annotated[int | list[ZoneName], BeforeValidator(_zones)] = Field(
        defaults.ZONES,
        description="Number of availability zones, or their names. Add and remove zones at the end",
        json_schema_extra={"words": f"{ZONES.start} to {ZONES.stop - 1}, or a list of zone names"},
    )
    egress: EgressList = Field(
        ["auto"],
        description="Ways out of the private subnets: none, s3-packages, ipv6, nat-instance or nat-gateway; auto takes"
        " the cheapest that serves the image, secrets, sessions and `requiredHosts`",
    )
    nat_gateways: NatGateways = Field(
        "one",
        description="With egress nat-gateway: one; one in each zone; or regional, one for every zone without public"
        " subnets, at the price of one in each",
    )
    nat_instance: NatInstance = Field(default_factory=NatInstance, description="With egress nat-instance: its size")
    buckets: list[BucketName] = Field(
        default_factory=list, description="S3 buckets that the private subnets may read through the free S3 endpoint"
    )
    flow_logs_retention_days: RetentionDays | None = Field(
        None, description="Keep VPC flow logs this long; off when absent (about $0.50 a GB)"
    )

    @property
    def zone_count(self) -> int:
        """How many zones, whether they are counted or named."""
        return self.zones if isinstance(self.zones, int) else len(self.zones)


class AdoptedNetwork(Endpoints):
    """A VPC that exists already. Nothing in it is changed; ids are checked at deployment."""

    vpc_id: VpcId = Field(description="The VPC")
    subnet_ids: list[SubnetId] = Field(min_length=1, description="Its private subnets to use, one a zone")
    route_table_ids: list[RouteTableId] = Field(
        default_factory=list, description="Route tables of those subnets, for gateway endpoints; looked up when absent"
    )
    egress: EgressList = Field(["none"], description="What the routes of those subnets offer already; never auto")


def model_of(raw: Mapping[str, Any]) -> type[NewNetwork] | type[AdoptedNetwork]:
    """Adopted as soon as an id is given, whichever way the key is spelt."""
    return AdoptedNetwork if {"vpcId", "subnetIds"} & {to_camel(str(key)) for key in raw} else NewNetwork
