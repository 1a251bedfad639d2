"""The age of the machine images that instances started from, and that templates start further instances from.

A machine of Amazon Linux 2023 gets no update by itself: its packages are those of the release that its image belongs
to. So the age of the image is how far its patches lie back, unless somebody has updated the machine by hand.
https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades.html
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from ..aws.catalog import types
from ..graph import Graph, Resource
from ..graph.prose import format_count
from .check import Check, failed, not_read, passed
from .cloud import Cloud, NotRead

OLD_DAYS: Final = 90
"""Ours: Amazon Linux 2023 has a minor version each quarter, and releases with fixes between them.

https://docs.aws.amazon.com/linux/al2023/ug/release-cadence.html
"""
_CALL: Final = "ec2.DescribeImages"
_IMAGE_KEYS: Final = ("ami", "imageId")
"""Outputs of an instance and of a launch template with the ID of the image."""
_REMEDY: Final = "replace it, so that it starts from a newer image: docs/operating.md has the commands"


def check_images(graph: Graph, cloud: Cloud) -> Iterator[Check]:
    """A check of each instance and launch template that the stack owns."""
    now = datetime.now(UTC)
    for resource in graph.list_by_type(*types.BOOTED):
        if not resource.existing:
            yield _check(resource, cloud, now)


def _check(resource: Resource, cloud: Cloud, now: datetime) -> Check:
    image = next((resource.state[key] for key in _IMAGE_KEYS if key in resource.state), None)
    if not isinstance(image, str) or not image.startswith("ami-"):
        return not_read(resource.name, "the state does not have the ID of its machine image")
    try:
        days = (now - _read_creation_date(image, resource.region, cloud)).days
    except NotRead as problem:
        return not_read(resource.name, f"{_CALL}: {problem}")
    message = f"its machine image {image} is {format_count(days, 'day')} old"
    return failed(resource.name, message, _REMEDY) if days > OLD_DAYS else passed(resource.name, message)


def _read_creation_date(image: str, region: str, cloud: Cloud) -> datetime:
    """When the image was made. Raises NotRead."""
    found: Any = cloud.ask(_CALL, {"ImageIds": [image], "IncludeDeprecated": True}, region)
    try:
        return datetime.fromisoformat(found["Images"][0]["CreationDate"])
    except (IndexError, KeyError, TypeError, ValueError):
        raise NotRead(f"no date of {image}") from None
