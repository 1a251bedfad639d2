"""Encryption of disks."""

from collections.abc import Iterator, Mapping

from ..aws.catalog import types
from ..graph import Resource
from ..graph.reading import items, peek, read, text, within
from ..reach import Reach
from .registry import Severity, rule


@rule("ENC-01", Severity.HIGH, on=types.BOOTED)
def disks_are_encrypted(reach: Reach, resource: Resource) -> Iterator[str]:
    """Every disk is encrypted.

    Why: A snapshot that is shared or copied by mistake is readable; encryption costs nothing.
    Remedy: Set encrypted on root_block_device and every other disk.
    https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
    """
    if resource.type in types.INSTANCE:
        template = reach.model.machines.template(resource)
        if not _is_true(read(resource, "rootBlockDevice", "encrypted")) and not (template and _disks(template)):
            yield f"the root disk of {resource.name} is not encrypted"
        yield from _others(resource, "ebsBlockDevices", ("encrypted",))
    else:
        if not _disks(resource):
            yield f"{resource.name} leaves the disks of its machines as the image has them, encrypted or not"
        yield from _others(resource, "blockDeviceMappings", ("ebs", "encrypted"))


def _others(resource: Resource, key: str, path: tuple[str, ...]) -> Iterator[str]:
    for disk in items(read(resource, key)):
        if isinstance(disk, Mapping) and not _is_true(within(disk, *path)) and within(disk, "ebs") != {}:
            name = text(within(disk, "deviceName")) or "a disk"
            yield f"{name} of {resource.name} is not encrypted"


def _disks(template: Resource) -> bool:
    """Whether a template has anything about its machines' disks."""
    return bool(items(peek(template, "blockDeviceMappings")))


def _is_true(value: object) -> bool:
    """Launch templates write booleans as text."""
    return str(value).lower() == "true"
