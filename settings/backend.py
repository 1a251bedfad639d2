"""`gatehouse:backend`: what answers the requests."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from components.argument_types import Access, LogLevel
from facts import container_image, defaults
from facts.instance_types import Architecture, accelerated, architecture
from facts.limits import MACHINE_IMAGE_GIB

from .section import REPEATABLE, Section
from .values import (
    BackendUrl,
    Cidr,
    EnvironmentName,
    FilePath,
    ImageId,
    InstanceType,
    KeyArn,
    Port,
    RequestPath,
    RetentionDays,
    SecretReference,
    SecurityGroupId,
    refused,
)


class Scaling(Section):
    """Between how many copies, and what moves their number. Off by default."""

    minimum: int = Field(1, ge=1, le=1000, description="Fewest copies")
    maximum: int = Field(ge=1, le=1000, description="Most copies: the ceiling of the bill")
    cpu_percent: float | None = Field(None, ge=1, le=100, description="Keep mean processor use near this")
    memory_percent: float | None = Field(None, ge=1, le=100, description="Keep mean memory use near this (fargate)")
    requests_per_target: float | None = Field(None, ge=1, description="Keep requests a minute and copy near this (alb)")


class Spot(Section):
    """Copies on spare capacity of Fargate. Off by default."""

    on_demand: int = Field(1, ge=0, le=1000, description="Copies that never run on Spot")


def _image(value: str) -> str:
    try:
        container_image.parse(value)
    except ValueError as error:
        raise refused("an image such as nginx:1.29, one in ECR, or s3://bucket/key.tar.gz", str(error)) from None
    return value


Image = Annotated[str, AfterValidator(_image)]


PLATFORMS: Final[Mapping[str, Architecture]] = {
    "linux/arm64": "arm64",
    "linux/amd64": "x86_64",
}
Platform = Literal["linux/arm64", "linux/amd64"]


class Container(Section):
    """Settings of all backends that run a container."""

    image: Image | None = Field(
        None, description="Container image: public, from ECR, or (ec2) a tarball s3://bucket/key.tar.gz"
    )
    platform: Platform | None = Field(
        None,
        description="Platform that the image is built for, which chooses the processor. If omitted, the review reports"
        " that the image must fit",
    )
    port: Port = Field(defaults.BACKEND_PORT, description="TCP port that the container listens on")
    health_check_path: RequestPath = Field(
        defaults.HEALTH_CHECK_PATH, description="Path that answers 200 when the backend is well"
    )
    environment: dict[EnvironmentName, str] = Field(
        default_factory=dict, description="Environment of the container, in plain; secrets go into `secrets`"
    )
    secrets: dict[EnvironmentName, SecretReference] = Field(
        default_factory=dict, description="Environment from Secrets Manager or Parameter Store, by ARN"
    )
    command: list[str] = Field(
        default_factory=list,
        description="Arguments for the image's entry point, in place of its own command",
        json_schema_extra=REPEATABLE,
    )
    kms_key_arns: list[KeyArn] = Field(
        default_factory=list,
        description="Customer-managed KMS keys of these secrets, or (ec2) of the image's bucket, to decrypt with",
    )
    count: int | None = Field(None, ge=1, le=1000, description="How many copies; one when absent")
    scaling: Scaling | None = Field(None, description="Scale between bounds; off when absent")

    @property
    def processor(self) -> Architecture:
        """The processor that it runs on."""
        raise NotImplementedError

    @property
    def image_bucket(self) -> str:
        """The bucket of its image, if that is a tarball; else empty."""
        return container_image.parse(self.image).bucket if self.image else ""

    @property
    def pulls_from_ecr(self) -> bool:
        """Whether its image comes from ECR, whose layers are in a bucket of AWS's."""
        return self.image is not None and container_image.parse(self.image).place is container_image.Place.ECR


class Ec2(Container):
    """Amazon Linux 2023 on EC2 in a private subnet."""

    kind: Literal["ec2"] = Field("ec2", description="EC2 instance")
    files: dict[FilePath, str] = Field(
        default_factory=dict,
        description="Files for the container by absolute path, to read and to run; in plain, 16 KB at most with the"
        " boot script",
    )
    user_data: str | None = Field(None, min_length=1, description="Script to run at first boot, in place of an image")
    instance_type: InstanceType | None = Field(
        None,
        description=f"Instance type. Defaults to {defaults.BACKEND_INSTANCE_TYPE}, or to"
        f" {defaults.BACKEND_INSTANCE_TYPE_AMD64} with platform linux/amd64",
    )
    disk_gib: int = Field(
        defaults.BACKEND_DISK_GIB, ge=MACHINE_IMAGE_GIB, le=16_384, description="Encrypted gp3 disk, GiB"
    )
    image_id: ImageId | None = Field(None, description="Machine image; else the newest Amazon Linux 2023 at creation")
    access: Access = Field(
        "session-manager",
        description="A way in for a person: session-manager, instance-connect (free), bastion, or none",
    )

    @property
    def accelerator_without_driver(self) -> bool:
        """Whether the type has a GPU, which neither Amazon Linux nor a container could use."""
        return accelerated(self.machine) and not (self.image_id and self.user_data)

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


class Fargate(Container):
    """A container on Fargate in the private subnets."""

    kind: Literal["fargate"] = Field(description="Fargate service")
    build: str | None = Field(
        None, min_length=1, description="Folder with a Dockerfile to build and push to ECR, in place of an image"
    )
    cpu: int = Field(defaults.FARGATE_CPU, description="CPU units; 1024 are one vCPU")
    memory: int = Field(defaults.FARGATE_MEMORY_MIB, description="Memory, MiB; AWS allows only some for each cpu")
    architecture: Architecture | None = Field(
        None, description="Processor. Defaults to that of `platform`, or else to arm64, which costs a fifth less"
    )
    spot: Spot | None = Field(
        None,
        description="Run the copies beyond some on Spot, for less; AWS takes them back with two minutes' notice. Off"
        " when absent",
    )
    execute_command: bool = Field(False, description="Allow `aws ecs execute-command` into the container")
    log_retention_days: RetentionDays = Field(
        defaults.LOG_RETENTION_DAYS, description="Keep the container's logs this long"
    )

    @property
    def processor(self) -> Architecture:
        """The processor of its tasks."""
        return self.architecture or (PLATFORMS[self.platform] if self.platform else "arm64")

    @property
    def pulls_from_ecr(self) -> bool:
        """The same; what is built is pushed there."""
        return self.build is not None or super().pulls_from_ecr


class Url(Section):
    """A backend that exists already."""

    kind: Literal["url"] = Field("url", description="Something that exists")
    url: BackendUrl = Field(description="Where requests go: http(s)://host[:port][/base]")
    cidrs: list[Cidr] = Field(
        default_factory=list,
        description="Addresses of the backend, the forwarder's only way out; else the URL's address, else the VPC's",
    )
    security_group_id: SecurityGroupId | None = Field(
        None,
        description="Security group of the backend, in place of addresses; it is given one rule to admit the forwarder",
    )

    @property
    def over_ipv6(self) -> bool:
        """Whether it is called at an IPv6 address."""
        return any(":" in address for address in (urlsplit(self.url).hostname or "", *self.cidrs))


class Greeter(Section):
    """A small Lambda that answers with a greeting and where it runs."""

    kind: Literal["greeter"] = Field(description="The greeter Lambda")
    log_level: LogLevel = Field("INFO", description="Log level of the function")
    log_retention_days: RetentionDays = Field(defaults.LOG_RETENTION_DAYS, description="Keep its logs this long")


Backend = Ec2 | Fargate | Url | Greeter
KINDS: dict[str, type[Backend]] = {"ec2": Ec2, "fargate": Fargate, "url": Url, "greeter": Greeter}


def model_of(raw: Mapping[str, Any]) -> type[Backend] | None:
    """By `kind`, or else by the key that only one kind has."""
    kind = raw.get("kind", "url" if "url" in raw else "ec2")
    return KINDS.get(kind) if isinstance(kind, str) else None
