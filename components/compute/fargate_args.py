"""FargateBackend's arguments, with their defaults and their mistakes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..arguments.faults import Fault
from ..arguments.local_files import BASE_WORDS, describe_places, find_local_path
from ..arguments.names import Command, EnvironmentName, Image, NotEmpty, SubnetIds, TopicArn
from ..arguments.numbers import Copies, SpotCopies
from ..arguments.secrets import SecretText
from ..arguments.words import Architecture
from ..facts import container_image, defaults, fargate_sizes
from .backend_args import BackendArgs, BackendLogsArgs, FargateScalingArgs


@dataclass(frozen=True, kw_only=True)
class FargateSpotArgs:
    """Copies that run on Fargate Spot."""

    on_demand: SpotCopies = 1
    """This many copies never run on Spot. About 1 % of the others do not either. Defaults to 1."""


@dataclass(frozen=True, kw_only=True)
class FargateBackendArgs(BackendArgs):
    """Arguments of FargateBackend. One of `image` and `build` is required."""

    subnet_ids: SubnetIds
    """Private subnets; tasks get no public address."""
    image: Image | None = None
    """Container image, public or from ECR. It must be built for `architecture`. Required without `build`.

    An image that is an output must be in ECR.
    """
    build: NotEmpty | None = None
    """Folder with a Dockerfile, relative to Pulumi.yaml or else to the working directory; needs Docker where Pulumi
    runs. Its image is pushed to an ECR repository for this backend."""
    cpu: int = defaults.FARGATE_CPU
    """CPU units; 1024 are one vCPU. Defaults to 256."""
    memory: int = defaults.FARGATE_MEMORY_MIB
    """Memory in MiB. Defaults to 512. AWS allows only certain sizes for each `cpu`."""
    architecture: Architecture = "arm64"
    """Processor; `arm64` is a fifth cheaper. The image must be built for it. Defaults to `arm64`."""
    count: Copies | None = None
    """Number of copies. It cannot be 0 (docs/choosing.md). Defaults to 1."""
    scaling: FargateScalingArgs | None = None
    """Scale between bounds, instead of `count`. Defaults to none."""
    spot: FargateSpotArgs | None = None
    """Run copies on Fargate Spot, which costs less. Defaults to none. AWS interrupts a copy with two minutes' notice
    and needs spare capacity. A change of Spot or `on_demand` replaces the service once the new one serves."""
    environment: Mapping[EnvironmentName, SecretText] = field(default_factory=dict)
    """Environment of the container, in plain text."""
    command: Command = ()
    """Arguments for the entry point of the image, in place of its own command."""
    execute_command: bool = False
    """Allow `aws ecs execute-command` into the container. Defaults to false."""
    alarm_topic_arn: TopicArn | None = None
    """ARN of the SNS topic for alarms. If omitted, there are no alarms: when too few tasks run, or none."""
    logs: BackendLogsArgs = field(default_factory=BackendLogsArgs)
    """The container's log in CloudWatch."""

    def find_faults(self) -> Iterator[Fault]:
        """Yields arguments that exclude each other, and sizes that AWS does not offer."""
        yield from super().find_faults()
        if self.image is not None and self.build is not None:
            yield Fault("build", self.build, "image or build, not both", "take one out")
        if self.build is not None and not find_local_path(self.build).is_dir():
            remedy = f"create {describe_places(self.build)}, or correct the path"
            yield Fault("build", self.build, f"a folder that exists, {BASE_WORDS}", remedy)
        if self.image is None and self.build is None:
            yield Fault("image", None, "image or build", "for example image: nginx:1.29")
        if isinstance(self.image, str) and container_image.parse(self.image).place is container_image.Place.S3:
            allowed = "an image in a registry: Fargate loads no tarballs"
            yield Fault("image", self.image, allowed, "push it to ECR, or use EC2, which loads tarballs")
        try:
            fargate_sizes.check(self.cpu, self.memory)
        except ValueError as error:
            key = "memory" if self.cpu in fargate_sizes.MEMORY_FOR_CPU else "cpu"
            yield Fault(key, getattr(self, key), "a pair of cpu and memory that Fargate offers", str(error))
        if self.spot is not None and self.spot.on_demand >= self.maximum:
            allowed = f"fewer than the maximum number of copies, {self.maximum}"
            remedy = "lower it, raise count or scaling.maximum, or take out spot"
            yield Fault("spot.on_demand", self.spot.on_demand, allowed, remedy)
