"""`gatehouse:network`: a new VPC and its egress, or an existing VPC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from ...arguments.addresses import IPv4Range, RequiredHost
from ...arguments.marks import ITEM, After, Before, Key, RefusedError, Sized
from ...arguments.names import BucketName, SubnetId, VpcId, ZoneNames
from ...arguments.numbers import ZoneCount
from ...arguments.words import EgressMode, to_list
from ...facts import defaults, egress_modes, limits
from ...network.network_args import NatInstanceSizeArgs, PrivateNetworkArgs
from .section import Section, to_camel

Egress = Literal["auto", "none", EgressMode]


def _check_combination(value: Sequence[Egress]) -> Sequence[Egress]:
    allowed = "one of auto, none, s3-packages, ipv6, nat-instance, nat-gateway, or ipv6 and a NAT as a list"
    if not value or (len(value) > 1 and {"none", "auto"} & set(value)):
        raise RefusedError(allowed, "auto and none go with no other")
    try:
        egress_modes.check([mode for mode in value if mode not in ("none", "auto")])
    except ValueError as error:
        raise RefusedError(allowed, str(error)) from None
    return value


EgressList = Annotated[Sequence[Egress], Before(to_list, ITEM), After(_check_combination)]
_EgressOfRoutes = Annotated[Sequence[Literal["none", EgressMode]], Before(to_list, ITEM), After(_check_combination)]


@dataclass(frozen=True, kw_only=True)
class NatInstance(Section, NatInstanceSizeArgs):
    """Size of the NAT instance."""


_OF_A_TOPOLOGY = (
    *("zones_stay", "alarm_topic_arn", "permissions", "ecr_layers", "instance_connect", "public_subnet_ids"),
    *("private_dns", "vpc_link", "calls_over_ipv6"),
)


@dataclass(frozen=True, kw_only=True)
class Endpoints(Section, PrivateNetworkArgs):
    """Settings of new and adopted networks."""

    # `auto` and `none` are words of stack files only.
    egress: EgressList = ()  # type: ignore[assignment] # see above
    required_hosts: Sequence[RequiredHost] = ()
    """Hosts that the backend and other clients in the network call. The egress must reach them, over IPv6 if they have
    IPv6 addresses. The backend may call tcp 80 and 443, and each port that you name (`smtp.example.com:587`), at every
    address that the egress reaches: security groups know no host names. Functions name theirs in `calls`."""

    @property
    def served(self) -> list[str]:
        """Services with an endpoint in the network, whether the stack declares it or not."""
        return [*self.endpoints, *self.existing_endpoints]


@dataclass(frozen=True, kw_only=True)
class NewNetwork(Endpoints):
    """A VPC made for this stack."""

    set_by_topology = (*_OF_A_TOPOLOGY, "existing_endpoints", "vpc_id", "subnet_ids", "route_table_ids")

    # A new network, with the defaults of a stack file.
    cidr: IPv4Range = defaults.VPC_CIDR
    zones: ZoneCount | ZoneNames = defaults.ZONES
    """Number of zones, or their names; add and remove them at the end."""
    egress: EgressList = ("auto",)
    """Egress modes of the private subnets (docs/choosing.md). `auto` chooses the cheapest that serves the image,
    secrets, permissions, sessions and `requiredHosts`."""
    nat_instance: NatInstance = field(default_factory=NatInstance)
    readable_buckets: Annotated[Sequence[BucketName], Key("buckets")] = ()

    @property
    def zone_count(self) -> int:
        """How many zones, whether they are counted or named."""
        return self.zones if isinstance(self.zones, int) else len(self.zones)


@dataclass(frozen=True, kw_only=True)
class AdoptedNetwork(Endpoints):
    """A VPC that exists already. Nothing in it is changed; IDs are checked at deployment."""

    set_by_topology = (
        *_OF_A_TOPOLOGY,
        *("zones", "cidr", "nat_gateways", "nat_instance", "readable_buckets", "flow_logs_retention_days"),
    )

    # An existing network needs both.
    vpc_id: VpcId = field()
    """Existing VPC; only `endpoints` and `access: instance-connect` add resources to it."""
    subnet_ids: Annotated[Sequence[SubnetId], Sized(1, max(limits.ZONES))] = field()
    egress: _EgressOfRoutes = ("none",)
    """Egress modes that the routes of those subnets already have."""


def choose_model(raw: Mapping[str, Any]) -> type[NewNetwork] | type[AdoptedNetwork]:
    """Adopted as soon as an id is given, whichever way the key is spelt."""
    return AdoptedNetwork if {"vpcId", "subnetIds"} & {to_camel(str(key)) for key in raw} else NewNetwork
