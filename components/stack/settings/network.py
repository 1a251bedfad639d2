"""`gatehouse:network`: a new VPC and its egress, or an existing VPC."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import Interval, Len
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.alias_generators import to_camel

from ...argument_types import EgressMode, EndpointZones, NatGateways
from ...facts import defaults, egress_modes
from ...facts.limits import ZONES
from ...nat_instance import NatInstanceArgs
from ...network.network_args import NatInstanceSizeArgs, PrivateNetworkArgs
from . import values
from .arguments import As, Source, refused
from .section import Section

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


class NatInstance(Section, arguments=NatInstanceSizeArgs, defaults=NatInstanceArgs):
    """Size of the NAT instance."""

    instance_type: str
    disk_gib: int = defaults.NAT_INSTANCE_DISK_GIB
    image_id: values.ImageId | None = Field(
        None,
        description="Machine image, together with `diskGib`. Defaults to the newest Amazon Linux 2023 at the time the"
        " instance is created.",
    )


class Endpoints(Section):
    """Settings of new and adopted networks."""

    endpoints: list[values.ServiceName]
    endpoint_zones: EndpointZones
    required_hosts: list[values.DomainName] = Field(
        default_factory=list,
        description="Hosts that the backend and other clients in the network call. The egress must reach them, over"
        " IPv6 if they have IPv6 addresses.",
    )

    @property
    def served(self) -> list[str]:
        """Services with an endpoint in the network, whether the stack declares it or not."""
        return [*self.endpoints, *getattr(self, "existing_endpoints", ())]


class NewNetwork(Endpoints, arguments=PrivateNetworkArgs, defaults=PrivateNetworkArgs):
    """A VPC made for this stack."""

    cidr: values.IPv4Cidr = defaults.VPC_CIDR
    zones: (
        Annotated[int, Interval(ge=min(ZONES), le=max(ZONES))]
        | Annotated[list[values.ZoneName], Len(min(ZONES), max(ZONES))]
    ) = Field(
        defaults.ZONES, description="Number of availability zones, or their names. Add and remove zones at the end."
    )
    egress: EgressList = Field(
        ["auto"],
        description="Egress modes of the private subnets: `none`, `s3-packages`, `ipv6`, `nat-instance` or"
        " `nat-gateway`. `auto` chooses the cheapest that serves the image, secrets, permissions, sessions and"
        " `requiredHosts`.",
    )
    nat_gateways: NatGateways
    nat_instance: NatInstance = Field(default_factory=lambda: NatInstance.model_validate({}))
    buckets: Annotated[list[values.BucketName], As("readable_buckets")]
    flow_logs_retention_days: int | None

    @property
    def zone_count(self) -> int:
        """How many zones, whether they are counted or named."""
        return self.zones if isinstance(self.zones, int) else len(self.zones)


class AdoptedNetwork(Endpoints, arguments=PrivateNetworkArgs, defaults=PrivateNetworkArgs):
    """A VPC that exists already. Nothing in it is changed; IDs are checked at deployment."""

    vpc_id: Annotated[values.VpcId, As("vpc_id", Source(PrivateNetworkArgs))] = Field(
        description="An existing VPC. Nothing in it is changed; `endpoints` and the access mode instance-connect add"
        " resources."
    )
    subnet_ids: Annotated[list[values.SubnetId], As("subnet_ids", Source(PrivateNetworkArgs))] = Field(min_length=1)
    route_table_ids: list[values.RouteTableId]
    existing_endpoints: list[values.ServiceName]
    egress: EgressList = Field(
        ["none"], description="Egress modes that the routes of those subnets already have; `auto` is not allowed."
    )


def model_of(raw: Mapping[str, Any]) -> type[NewNetwork] | type[AdoptedNetwork]:
    """Adopted as soon as an id is given, whichever way the key is spelt."""
    return AdoptedNetwork if {"vpcId", "subnetIds"} & {to_camel(str(key)) for key in raw} else NewNetwork
