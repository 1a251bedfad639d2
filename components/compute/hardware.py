"""An instance's hardware and image."""

from dataclasses import dataclass

import pulumi

from ..arguments.words import CpuCredits
from ..facts import limits


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """One EC2 instance."""

    instance_type: str
    image_id: pulumi.Input[str] | None = None
    """None for the newest Amazon Linux 2023."""
    disk_gib: int = limits.MACHINE_IMAGE_GIB
    cpu_credits: CpuCredits = "standard"
    """`standard` or `unlimited`, for types that run on credits."""
