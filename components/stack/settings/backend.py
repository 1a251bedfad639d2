"""`gatehouse:backend`: the server that answers the requests."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from ...argument_types import Access, Architecture, LogLevel
from ...arguments import frozen
from ...compute.backend_args import FargateScalingArgs
from ...compute.ec2_args import Ec2BackendArgs
from ...compute.fargate_args import FargateBackendArgs, FargateSpotArgs
from ...existing_ingress import ExistingIngressArgs
from ...facts import container_image, defaults
from ...facts.instance_types import architecture
from ...facts.limits import GP3_GIB, MACHINE_IMAGE_GIB
from ...greeter import GreeterArgs
from ...url_backend import UrlBackendArgs
from . import values
from .arguments import As, Source
from .mistakes import near_key
from .permissions import POLICY_ARNS, Permission, attached
from .section import REPEATABLE, Section, aliases


class Scaling(Section, arguments=FargateScalingArgs, defaults=FargateScalingArgs):
    """Bounds of the number of copies, and the targets that scale it."""

    minimum: int
    maximum: int
    cpu_percent: float | None
    memory_percent: float | None
    requests_per_target: float | None


class Spot(Section, arguments=FargateSpotArgs, defaults=FargateSpotArgs):
    """Copies on spare capacity of Fargate."""

    on_demand: int


PLATFORMS: Final[Mapping[str, Architecture]] = {"linux/arm64": "arm64", "linux/amd64": "x86_64"}
Platform = Literal["linux/arm64", "linux/amd64"]


class Container(Section):
    """Settings of all backends that run a container."""

    image: str | None
    platform: Platform | None = Field(
        None,
        description="Platform that the image is built for. It chooses the processor. If omitted, the review reports"
        " that the image must fit.",
    )
    zones: int | None = Field(
        None,
        ge=1,
        description="Number of the network's zones, from the first, that have copies. Before you take a zone out of the"
        " network, take it out here and run `pulumi up`. Defaults to all.",
    )
    port: int
    health_check_path: Annotated[values.RequestPath, As("health_check_path", Source(Ec2BackendArgs, Ec2BackendArgs))]
    environment: dict[values.EnvironmentName, values.EnvironmentText]
    secrets: dict[values.EnvironmentName, values.SecretReference]
    command: list[str] = Field(json_schema_extra=REPEATABLE)
    start_seconds: int
    kms_key_arns: list[values.KeyArn]
    permissions: dict[values.Name, Permission]
    policy_arns: list[values.PolicyArn] = Field(default_factory=list, description=POLICY_ARNS)
    count: int | None
    scaling: Scaling | None

    @property
    def processor(self) -> Architecture:
        """The processor that it runs on."""
        raise NotImplementedError

    @property
    def spec(self) -> Ec2BackendArgs | FargateBackendArgs:
        """The backend as the component reads it; the topology adds its network and ingress."""
        raise NotImplementedError

    def arguments(self, *others: str) -> dict[str, Any]:
        """The component's arguments, without `others`."""
        dumped = self.model_dump(exclude={"kind", "platform", "zones", *others}, exclude_none=True)
        dumped["policy_arns"] = attached(self.policy_arns)
        return {key: value for key, value in dumped.items() if key not in ("command", "files") or value}

    @property
    def image_bucket(self) -> str:
        """The bucket of its image, if that is a tarball; else empty."""
        return container_image.parse(self.image).bucket if self.image else ""

    @property
    def pulls_from_ecr(self) -> bool:
        """Whether its image comes from ECR, whose layers are in a bucket of AWS's."""
        return self.image is not None and container_image.parse(self.image).place is container_image.Place.ECR


# The settings of the network and of the ingress have rules of their own.
_ELSEWHERE: Final[Mapping[str, Any]] = {
    "vpc_id": "",
    "subnet_ids": [""],
    "target_group_arn": "",
    "request_count_label": "",
}


class Ec2(Container, arguments=Ec2BackendArgs, defaults=Ec2BackendArgs):
    """Amazon Linux 2023 on EC2 in a private subnet."""

    kind: Literal["ec2"] = Field("ec2", description="EC2 instance.")
    files: dict[values.FilePath, str]
    user_data: str | None = Field(None, min_length=1)
    instance_type: str | None = Field(
        None,
        description=f"Instance type. Defaults to `{defaults.BACKEND_INSTANCE_TYPE}`, or to"
        f" `{defaults.BACKEND_INSTANCE_TYPE_AMD64}` with platform linux/amd64.",
    )
    disk_gib: int = Field(ge=MACHINE_IMAGE_GIB, le=GP3_GIB)
    image_id: values.ImageId | None
    access: Access

    @property
    def machine(self) -> str:
        """Its instance type: the named one, or the default for its platform."""
        other = self.platform is not None and PLATFORMS[self.platform] == "x86_64"
        default = defaults.BACKEND_INSTANCE_TYPE_AMD64 if other else defaults.BACKEND_INSTANCE_TYPE
        return self.instance_type or default

    @property
    def processor(self) -> Architecture:
        """The processor of its instance type."""
        return architecture(self.machine)

    def arguments(self, *others: str) -> dict[str, Any]:
        """The component's arguments, without `others`."""
        return super().arguments(*others) | {"instance_type": self.machine}

    @property
    def spec(self) -> Ec2BackendArgs:
        """The backend as the component reads it."""
        groups = {"instance_connect_security_group_id": "", "bastion_security_group_id": ""}
        arguments = self.arguments()
        scaling = frozen(FargateScalingArgs, arguments.pop("scaling", None))
        spec: Ec2BackendArgs = frozen(Ec2BackendArgs, {**arguments, **_ELSEWHERE, **groups})
        return replace(spec, scaling=scaling)


class Fargate(Container, arguments=FargateBackendArgs, defaults=FargateBackendArgs):
    """A container on Fargate in the private subnets."""

    kind: Literal["fargate"] = Field(description="Fargate service.")
    build: str | None = Field(None, min_length=1)
    cpu: int
    memory: int
    architecture: Architecture | None = Field(
        None, description="Processor. Defaults to that of `platform`, or else to `arm64`, which is a fifth cheaper."
    )
    spot: Spot | None
    execute_command: bool
    log_retention_days: int

    @property
    def processor(self) -> Architecture:
        """The processor of its tasks."""
        return self.architecture or (PLATFORMS[self.platform] if self.platform else "arm64")

    def arguments(self, *others: str) -> dict[str, Any]:
        """The component's arguments, without `others`."""
        return super().arguments("health_check_path", *others) | {"architecture": self.processor}

    @property
    def spec(self) -> FargateBackendArgs:
        """The backend as the component reads it."""
        spec: FargateBackendArgs = frozen(FargateBackendArgs, {**self.arguments(), **_ELSEWHERE})
        return spec

    @property
    def pulls_from_ecr(self) -> bool:
        """The same; what is built is pushed there."""
        return self.build is not None or super().pulls_from_ecr


class Url(Section, arguments=UrlBackendArgs, defaults=UrlBackendArgs):
    """A backend that exists already."""

    kind: Literal["url"] = Field("url", description="Existing server.")
    url: values.BackendUrl
    cidrs: list[values.Cidr]
    security_group_id: values.SecurityGroupId | None = Field(
        None,
        description="Security group of the backend, instead of `cidrs`. It gets one rule that admits the forwarder.",
    )

    @property
    def spec(self) -> UrlBackendArgs:
        """The backend as the component reads it."""
        spec: UrlBackendArgs = frozen(UrlBackendArgs, self.model_dump(exclude={"kind"}))
        return spec


class Listener(Section, arguments=ExistingIngressArgs, defaults=ExistingIngressArgs):
    """A load balancer that exists already, which a VPC link calls."""

    kind: Literal["listener"] = Field("listener", description="Existing load balancer.")
    listener_arn: values.ListenerArn
    link_id: values.VpcLinkId | None
    security_group_id: values.SecurityGroupId | None
    server_name: values.DomainName | None

    @property
    def spec(self) -> ExistingIngressArgs:
        """The ingress as the component reads it; the topology adds its network."""
        elsewhere = {"vpc_id": "", "vpc_cidr": "", "subnet_ids": [""]}
        spec: ExistingIngressArgs = frozen(ExistingIngressArgs, {**self.model_dump(exclude={"kind"}), **elsewhere})
        return spec


class Greeter(Section, arguments=GreeterArgs, defaults=GreeterArgs):
    """A small Lambda that answers with a greeting and where it runs."""

    kind: Literal["greeter"] = Field(description="The greeter Lambda function.")
    log_level: LogLevel
    log_retention_days: int


class NoBackend(Section):
    """No backend: functions answer every route. It has no key, and applies if `backend` is omitted."""

    kind: Literal["none"] = Field("none", description="No backend.")


Backend = Ec2 | Fargate | Url | Listener | Greeter | NoBackend
KINDS: dict[str, type[Ec2 | Fargate | Url | Listener | Greeter]] = {
    "ec2": Ec2,
    "fargate": Fargate,
    "url": Url,
    "listener": Listener,
    "greeter": Greeter,
}


def model_of(raw: Mapping[str, Any]) -> type[Backend] | None:
    """By `kind`, or else by the key that only one kind has, also if it is misspelt."""
    known = [key for model in KINDS.values() for key in aliases(model)]
    meant = {near_key(str(key), known) for key in raw}
    kind = raw.get("kind", "url" if "url" in meant else "listener" if "listenerArn" in meant else "ec2")
    return KINDS.get(kind) if isinstance(kind, str) else None
