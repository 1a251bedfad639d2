"""The machine image of an instance: today's Amazon Linux, or one that is named, with what its own facts demand."""

from __future__ import annotations

import pulumi

from ..arguments.errors import ArgumentError
from ..aws_lookups.machine_images import FoundImage, find_image, find_newest_image
from ..facts import instance_types, machine_images
from .hardware import Hardware


def find_machine_image(
    hardware: Hardware, parent: pulumi.Resource, *, minimal: bool = False
) -> pulumi.Output[FoundImage]:
    """Returns the image. Raises ArgumentError for a named one that the instance cannot start from, if that is known."""
    if hardware.image_id is None:
        architecture = instance_types.find_architecture(hardware.instance_type)
        newest = find_newest_image(architecture, parent, minimal=minimal)
        return newest.apply(lambda image_id: FoundImage(image_id, machine_images.ROOT_DEVICE))
    return find_image(hardware.image_id, parent).apply(
        lambda found: _require_bootable(found, hardware, type(parent).__name__)
    )


def _require_bootable(found: FoundImage, hardware: Hardware, component: str) -> FoundImage:
    if found.root_gib is not None and hardware.disk_gib < found.root_gib:
        want = f"at least {found.root_gib}: the disk holds the snapshot of {found.id}"
        raise ArgumentError(component, "disk_gib", hardware.disk_gib, want)
    if not found.root_device:
        want = "an image whose root device is an EBS volume: only that can be encrypted, sized and kept over a stop"
        raise ArgumentError(component, "image_id", found.id, want)
    processor = instance_types.find_architecture(hardware.instance_type)
    if found.architecture in machine_images.ARCHITECTURES and found.architecture != processor:
        want = f"an image for {processor}, the processor of {hardware.instance_type}; this one is for"
        raise ArgumentError(component, "image_id", found.id, f"{want} {found.architecture}")
    return found
