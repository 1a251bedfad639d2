"""Facts that the name of an EC2 instance type holds.

https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
"""

import re
from typing import Final, Literal

# Family, generation, attributes, size: `g` among the attributes is AWS's own processor, which is arm64. New families
# come each year. Sizes have kept to these words, so another word is a slip.
_NAME: Final = re.compile(
    r"(?P<family>[a-z]+(?:-[a-z0-9]+)?)(?P<generation>\d+)(?P<attributes>[a-z0-9-]*)\."
    r"(?:nano|micro|small|medium|large|(?:[2-9]|[1-9]\d+)?xlarge|metal(?:-\d+xl)?)"
)
SIZES: Final = "nano, micro, small, medium, large, xlarge, 2xlarge and so on, metal, metal-24xl and so on"
_FIRST_ARM_FAMILY: Final = "a"
_INTEL_MAC: Final = "mac1.metal"
_BURSTABLE: Final = "t"
# Series with GPUs, FPGAs, video or machine learning chips, by the naming page. Other series have none.
_ACCELERATED: Final = frozenset(("cg", "dl", "f", "g", "gr", "inf", "p", "trn", "vt"))
WITHOUT_ACCELERATOR: Final = (
    "an instance type without GPU or other accelerator: Amazon Linux has no driver for it, and the device is not passed"
    " to a container"
)


IMAGE_PLATFORM_TAG: Final = "image-platform"
"""Tag that names the platform of an image: `linux/arm64`."""


Architecture = Literal["arm64", "x86_64"]
"""Processor architectures, as AWS names them in image parameters."""


def find_architecture(instance_type: str) -> Architecture:
    """Raises ValueError for text that is no instance type."""
    name = _parse(instance_type)
    apple = name["family"].startswith("mac") and instance_type != _INTEL_MAC
    arm = "g" in name["attributes"] or name["family"] == _FIRST_ARM_FAMILY or apple
    return "arm64" if arm else "x86_64"


def is_burstable(instance_type: str) -> bool:
    """Whether it runs on CPU credits. Raises ValueError for text that is no instance type."""
    return _parse(instance_type)["family"] == _BURSTABLE


def is_accelerated(instance_type: str) -> bool:
    """Whether it has GPUs or other accelerators. Raises ValueError for text that is no instance type."""
    return _parse(instance_type)["family"] in _ACCELERATED


def describe_boot_obstacle(instance_type: str) -> str:
    """Why no ordinary instance of the type runs Amazon Linux 2023; empty if one does."""
    name = _parse(instance_type)
    if name["family"] == _FIRST_ARM_FAMILY:
        return "another type: Amazon Linux 2023 does not run on the first Graviton processor"
    return "another type: this one runs only on a dedicated host" if name["family"].startswith("mac") else ""


def _parse(instance_type: str) -> re.Match[str]:
    match = _NAME.fullmatch(instance_type)
    if match is None:
        raise ValueError(f"an instance type is named like t4g.micro, and sizes are {SIZES}")
    return match
