"""The arguments of a PrivateNetwork, with their defaults, and what of them does not go together."""

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import pulumi

from ..argument_types import EndpointZones, NatGateways
from ..aws_permissions import Permission
from ..aws_permissions import faults as permission_faults
from ..facts import aws_permissions, defaults, egress_modes
from ..faults import Fault
from ..scope import Tagged
from .subnets import plan
from .vpc_endpoints import DYNAMODB, GATEWAYS, S3, Admitted

_SERVICE: Final = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
ECR_IMAGES: Final = "ecr.dkr"


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkSettings(Tagged):
    """See PrivateNetworkArgs."""

    zones: Sequence[str] = ()
    zones_stay: bool = False
    cidr: str | None = None
    egress: Sequence[str] = ()
    nat_gateways: NatGateways = "one"
    nat_instance: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    alarm_topic_arn: pulumi.Input[str] | None = None
    endpoints: Sequence[str] = ()
    endpoint_zones: EndpointZones = "one"
    existing_endpoints: Sequence[str] = ()
    readable_buckets: Sequence[pulumi.Input[str]] = ()
    permissions: Mapping[str, Permission] = dataclasses.field(default_factory=dict)
    ecr_layers: bool | None = None
    flow_logs_retention_days: int | None = None
    instance_connect: bool = False
    vpc_id: pulumi.Input[str] | None = None
    subnet_ids: Sequence[pulumi.Input[str]] = ()
    public_subnet_ids: Sequence[pulumi.Input[str]] = ()
    route_table_ids: Sequence[pulumi.Input[str]] = ()
    private_dns: bool = False
    vpc_link: bool = False
    calls_over_ipv6: bool = False

    def faults(self) -> Iterator[Fault]:
        """Arguments that exclude each other."""
        if self.adopts:
            yield from self._check_adopted()
        else:
            yield from self._check_new()
        yield from self._check_endpoints()
        yield from permission_faults(self.permissions)

    @property
    def adopts(self) -> bool:
        """Whether the VPC exists already."""
        return self.vpc_id is not None or bool(self.subnet_ids)

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
        """Services that get a gateway endpoint: in a new network those that are of use, else those of the arguments."""
        wanted = set(self.endpoints)
        if not self.adopts and self.egress:
            wanted |= {S3, DYNAMODB}
        if not self.adopts and (self.readable_buckets or self.reads_ecr_layers):
            wanted.add(S3)
        if not self.adopts:
            wanted |= {aws_permissions.KINDS[permission.kind].endpoint for permission in self.permissions.values()}
        return [service for service in GATEWAYS if service in wanted]

    @property
    def admitted(self) -> Admitted:
        """Traffic that the gateway endpoints let through."""
        return Admitted(
            everything=egress_modes.reaches_internet(self.egress),
            packages=egress_modes.S3_PACKAGES in self.egress,
            ecr_layers=self.reads_ecr_layers,
            buckets=self.readable_buckets,
            permissions=self.permissions,
        )

    @property
    def reads_ecr_layers(self) -> bool:
        """Whether image layers are admitted: ECR's own endpoints are of no use without them."""
        return ECR_IMAGES in (*self.endpoints, *self.existing_endpoints) if self.ecr_layers is None else self.ecr_layers

    def _check_new(self) -> Iterator[Fault]:
        if not self.zones:
            want = "name one to six availability zones, or vpc_id and subnet_ids of a network that exists"
            yield Fault("zones", list(self.zones), want)
        for key in ("public_subnet_ids", "route_table_ids", "existing_endpoints"):
            if getattr(self, key):
                yield Fault(key, "…", "only with vpc_id; a new network makes its own")
        if not self.zones:
            return
        try:
            plan(self.vpc_range, len(self.zones))
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

    def _check_endpoints(self) -> Iterator[Fault]:
        for key in ("endpoints", "existing_endpoints"):
            for service in getattr(self, key):
                if not _SERVICE.fullmatch(service) or service.startswith("com."):
                    yield Fault(key, service, "name services shortly, like ecr.api, logs or ssm")
        yield from endpoint_faults(self.endpoints, self.existing_endpoints)
        admitted = self.admitted
        empty = not (
            admitted.everything
            or admitted.packages
            or admitted.ecr_layers
            or admitted.buckets
            or admitted.permitted("bucket")
        )
        if S3 in self.gateway_endpoints and empty:
            yield Fault("endpoints", S3, "it would admit nothing: name readable_buckets, or egress s3-packages")


def endpoint_faults(endpoints: Collection[str], existing: Collection[str]) -> Iterator[Fault]:
    """Endpoints that the VPC has already: AWS takes one with private DNS names for each service."""
    for service in sorted({*endpoints} & {*existing}):
        yield Fault(
            "endpoints", service, "a service that is not in existing_endpoints", "remove it from one of the two"
        )
