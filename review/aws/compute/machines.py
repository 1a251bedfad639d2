"""Machines: type, disks and number, of an instance, of a launch template, and of a scaling group.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/launch-templates.html
"""

from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from ...graph import UNKNOWN, Graph, Resource
from ...graph.reading import (
    as_integer,
    as_text,
    find_first_referenced,
    find_values,
    get_declared_input,
)
from ..catalog import types

_TEMPLATE_PATHS: Final = (
    ("launchTemplate", "id"),
    ("launchTemplate", "name"),
    ("mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification", "launchTemplateId"),
    ("mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification", "launchTemplateName"),
    ("launchConfiguration",),
)
"""Inputs of a machine or a group that name its template."""


@dataclass(frozen=True)
class Disk:
    kind: str
    """`gp3`."""
    gigabytes: int | None
    """None if the image or a snapshot decides."""


class Machines:
    """The settings of each machine, its own or those of the template that it names."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def find_template(self, resource: Resource) -> Resource | None:
        """The launch template or configuration that an instance or a scaling group names."""
        templates = (
            find_first_referenced(self._graph, resource, *path, types=types.LAUNCH_TEMPLATE) for path in _TEMPLATE_PATHS
        )
        return next(filter(None, templates), None)

    def merge_settings(self, resource: Resource) -> Mapping[str, Any]:
        """Inputs of the machine; those of its template if it does not set them itself."""
        template = self.find_template(resource)
        # Not a copy, so that a recording graph sees each read.
        holders = (resource,) if template is None else (resource, template)
        return ChainMap(*(cast("dict[str, Any]", holder.inputs) for holder in holders))

    def find_instance_type(self, resource: Resource) -> str:
        """`t4g.nano`; empty if it is not known."""
        return as_text(self.merge_settings(resource).get("instanceType"))

    def count(self, resource: Resource) -> int | None:
        """Number of machines: 1, or the desired capacity of a scaling group within its limits. None if not known."""
        if resource.type not in types.SCALING_GROUP:
            return 1
        least, desired, most = (get_declared_input(resource, key) for key in ("minSize", "desiredCapacity", "maxSize"))
        low, high = as_integer(least), as_integer(most)
        count = low if desired is None else as_integer(desired)
        if count is None or UNKNOWN in (least, most):
            return count
        return max(low or 0, count if high is None else min(count, high))

    def list_disks(self, resource: Resource) -> Iterator[Disk]:
        """Its volumes; the root volume of the image if none is declared."""
        inputs = self.merge_settings(resource)
        roots, mapped = _list_blocks(inputs, "rootBlockDevice"), _list_blocks(inputs, "blockDeviceMappings", "ebs")
        implied: list[Mapping[str, Any]] = [] if roots or mapped else [{}]
        for disk in (*implied, *roots, *_list_blocks(inputs, "ebsBlockDevices"), *mapped):
            yield Disk(as_text(disk.get("volumeType")) or "gp3", as_integer(disk.get("volumeSize")))


def _list_blocks(inputs: Mapping[str, Any], *path: str) -> list[Mapping[str, Any]]:
    return [block for block in find_values(inputs, *path) if isinstance(block, Mapping)]
