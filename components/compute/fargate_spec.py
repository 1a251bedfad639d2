"""FargateBackend's arguments as frozen values, and their mistakes."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..argument_types import Architecture
from ..facts import container_image, defaults, fargate_sizes
from ..faults import Fault
from .backend_spec import BackendSpec


@dataclass(frozen=True)
class Spot:
    """Copies that run on Fargate Spot."""

    on_demand: int = 1


@dataclass(frozen=True, kw_only=True)
class FargateSpec(BackendSpec):
    """The whole backend."""

    build: str | None = None
    cpu: int = defaults.FARGATE_CPU
    memory: int = defaults.FARGATE_MEMORY_MIB
    architecture: Architecture = "arm64"
    spot: Spot | None = None
    execute_command: bool = False
    log_retention_days: int = defaults.LOG_RETENTION_DAYS

    def faults(self) -> Iterator[Fault]:
        """Arguments that exclude each other, and sizes that AWS does not offer."""
        yield from super().faults()
        if self.image is not None and self.build is not None:
            yield Fault("build", self.build, "image or build, not both", "take one out")
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
