"""Mistakes of a NAT instance's machine, for NatInstance and for the network that declares one."""

from collections.abc import Iterator
from typing import Final

from ..arguments.faults import Fault
from ..facts import defaults, instance_types, limits

_CHEAP: Final = "use a type such as t4g.nano"


def find_machine_faults(instance_type: str, image_id: object, disk_gib: int | None) -> Iterator[Fault]:
    """Yields an instance type that cannot boot the default image, and an image without the size of its disk."""
    if image_id is None and (other := instance_types.describe_boot_obstacle(instance_type)):
        yield Fault("instance_type", instance_type, other, _CHEAP)
    if instance_types.is_accelerated(instance_type):
        yield Fault("instance_type", instance_type, "an instance type without GPU or other accelerator", _CHEAP)
    if image_id is not None and disk_gib is None:
        remedy = (
            f"{limits.MACHINE_IMAGE_GIB} GiB hold a standard Amazon Linux image, {defaults.NAT_INSTANCE_DISK_GIB} a "
            "minimal one"
        )
        yield Fault("disk_gib", None, "the size of the disk for the image of image_id", remedy)
