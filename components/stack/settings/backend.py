"""`gatehouse:backend`: the server that answers the requests."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Final, Literal

from ...arguments.addresses import DomainName
from ...arguments.connections import RegistrationArgs
from ...arguments.marks import between
from ...arguments.names import HostedZoneId, InstanceType, Name
from ...arguments.paths import RequestPath
from ...arguments.words import Architecture
from ...compute.backend_args import BackendArgs, EgressArgs, FargateScalingArgs
from ...compute.ec2_args import Ec2BackendArgs
from ...compute.fargate_args import FargateBackendArgs
from ...existing_ingress import ExistingIngressArgs
from ...facts import container_image, defaults
from ...facts.instance_types import find_architecture
from ...greeter import GreeterArgs
from ...url_backend import UrlBackendArgs
from .mistakes import find_near_key
from .permissions import PolicyArns
from .section import Section, fields_by_key
from .unknown import require_known

PLATFORMS: Final[Mapping[str, Architecture]] = {"linux/arm64": "arm64", "linux/amd64": "x86_64"}
Platform = Literal["linux/arm64", "linux/amd64"]
_OF_THE_NETWORK: Final = (
    *(one.name for one in fields(EgressArgs)),
    *(one.name for one in fields(RegistrationArgs) if one.name != "port"),
    *("vpc_id", "subnet_ids", "internet_ports"),
)


@dataclass(frozen=True, kw_only=True)
class Container(Section, BackendArgs):
    """Settings of all backends that run a container."""

    kind: str
    platform: Platform | None = None
    """Platform that the image is built for. It chooses the processor. If omitted, the review reports that the image
    must fit."""
    zones: Annotated[int, between(1)] | None = None
    """Number of the network's zones with copies, from the first. Before you take a zone out of the network, take it out
    here and run `pulumi up`. Defaults to all."""
    health_check_path: RequestPath = defaults.HEALTH_CHECK_PATH
    """Health check path: a load balancer requires 200 to 399; at boot, an EC2 instance takes any answer. Defaults to
    `/`."""
    name: DomainName | None = None
    """Private DNS name of the load balancer, or without `ingress` of the instance, for calls from inside the VPC. With
    TLS, the listener's certificate must cover it."""
    zone_id: HostedZoneId | None = None
    """Existing private hosted zone of the VPC for `name`. If omitted, the stack creates a zone for `name` ($0.50 a
    month): public names below it do not resolve in the VPC."""
    calls_services: Sequence[Name] = ()
    """Other services of the stack that this service may call, `backend` among them. Its container gets the address of
    `orders` as environment variable `ORDERS_URL`. For servers outside the stack, use `calls`."""
    # A list: each ARN names its own attachment.
    policy_arns: PolicyArns = field(default_factory=dict)
    # EC2 reports no memory use: a rule says so.
    scaling: FargateScalingArgs | None = None

    @property
    def processor(self) -> Architecture:
        """The processor that it runs on."""
        raise NotImplementedError

    @property
    def spec(self) -> BackendArgs:
        """The backend as the component reads it. Network and ingress have rules of their own."""
        return dataclasses.replace(self, subnet_ids=("",), target_group_arn="", request_count_label="")

    def arguments(self) -> dict[str, Any]:
        """The component's arguments."""
        given = self.read_arguments()
        return {key: value for key, value in given.items() if key not in ("command", "files") or value}

    @property
    def image_bucket(self) -> str:
        """The bucket of its image, if that is a tarball; else empty."""
        return container_image.parse(require_known(self.image)).bucket if self.image else ""

    @property
    def pulls_from_ecr(self) -> bool:
        """Whether its image comes from ECR, whose layers are in a bucket of AWS's."""
        image = container_image.parse(require_known(self.image)) if self.image else None
        return image is not None and image.place is container_image.Place.ECR


@dataclass(frozen=True, kw_only=True)
class Ec2(Container, Ec2BackendArgs):
    """Amazon Linux 2023 on EC2 in a private subnet."""

    set_by_topology = (
        *_OF_THE_NETWORK,
        *("container_port", "cpu_credits", "instance_connect_security_group_id", "bastion_security_group_id"),
    )

    kind: Literal["ec2"] = "ec2"
    """EC2 instance."""
    # The platform may choose it.
    instance_type: InstanceType | None = None  # type: ignore[assignment] # see machine
    """Instance type. Defaults to `t4g.micro`, or to `t3.micro` with platform linux/amd64."""

    @property
    def machine(self) -> str:
        """Its instance type: the named one, or the default for its platform."""
        other = self.platform is not None and PLATFORMS[self.platform] == "x86_64"
        default = defaults.BACKEND_INSTANCE_TYPE_AMD64 if other else defaults.BACKEND_INSTANCE_TYPE
        return self.instance_type or default

    @property
    def processor(self) -> Architecture:
        """The processor of its instance type."""
        return find_architecture(self.machine)

    def arguments(self) -> dict[str, Any]:
        """The component's arguments."""
        return super().arguments() | {"instance_type": self.machine}

    @property
    def spec(self) -> Ec2BackendArgs:
        """The backend as the component reads it."""
        spec = dataclasses.replace(
            self,
            instance_type=self.machine,
            instance_connect_security_group_id="",
            bastion_security_group_id="",
        )
        return dataclasses.replace(spec, subnet_ids=("",), target_group_arn="", request_count_label="")


@dataclass(frozen=True, kw_only=True)
class Fargate(Container, FargateBackendArgs):
    """A container on Fargate in the private subnets."""

    set_by_topology = (*_OF_THE_NETWORK, "alarm_topic_arn")

    kind: Literal["fargate"]
    """Fargate service."""
    # The platform may choose it.
    architecture: Architecture | None = None  # type: ignore[assignment] # see processor
    """Processor. Defaults to that of `platform`, or else to `arm64`, which is a fifth cheaper."""

    @property
    def processor(self) -> Architecture:
        """The processor of its tasks."""
        return self.architecture or (PLATFORMS[self.platform] if self.platform else "arm64")

    def arguments(self) -> dict[str, Any]:
        """The component's arguments."""
        return super().arguments() | {"architecture": self.processor}

    @property
    def spec(self) -> FargateBackendArgs:
        """The backend as the component reads it."""
        spec = dataclasses.replace(self, architecture=self.processor)
        return dataclasses.replace(spec, subnet_ids=("",), target_group_arn="", request_count_label="")

    @property
    def pulls_from_ecr(self) -> bool:
        """The same; what is built is pushed there."""
        return self.build is not None or super().pulls_from_ecr


@dataclass(frozen=True, kw_only=True)
class Url(Section, UrlBackendArgs):
    """A backend that exists already."""

    set_by_topology = ("secret",)

    kind: Literal["url"] = "url"
    """Existing server."""


@dataclass(frozen=True, kw_only=True)
class Listener(Section, ExistingIngressArgs):
    """A load balancer that exists already, which a VPC link calls."""

    set_by_topology = ("vpc_id", "vpc_cidr", "further_vpc_cidrs", "subnet_ids", "rest", "longest_wait_seconds")

    kind: Literal["listener"] = "listener"
    """Existing load balancer."""


@dataclass(frozen=True, kw_only=True)
class Greeter(Section, GreeterArgs):
    """A small Lambda that answers with a greeting and where it runs."""

    kind: Literal["greeter"]
    """The greeter Lambda function."""


@dataclass(frozen=True, kw_only=True)
class NoBackend(Section):
    """No backend: functions answer every route. It has no key, and applies if `backend` is omitted."""

    kind: Literal["none"] = "none"
    """No backend."""


Backend = Ec2 | Fargate | Url | Listener | Greeter | NoBackend
KINDS: dict[str, type[Ec2 | Fargate | Url | Listener | Greeter]] = {
    "ec2": Ec2,
    "fargate": Fargate,
    "url": Url,
    "listener": Listener,
    "greeter": Greeter,
}


def choose_model(raw: Mapping[str, Any]) -> type[Backend] | None:
    """By `kind`, or else by the key that only one kind has, also if it is misspelt."""
    known = [key for model in KINDS.values() for key in fields_by_key(model)]
    meant = {find_near_key(str(key), known) for key in raw}
    kind = raw.get("kind", "url" if "url" in meant else "listener" if "listenerArn" in meant else "ec2")
    return KINDS.get(kind) if isinstance(kind, str) else None
