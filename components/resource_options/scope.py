"""Where a component's children are declared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi


def build_tags(name: str, tags: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """Tags for a child: a `Name` that the AWS console shows, then the caller's."""
    return {"Name": name, **tags}


@dataclass(frozen=True)
class Scope:
    """The component that children belong to, the beginning of their names, and the tags that all of them carry."""

    name: str
    parent: pulumi.Resource
    tags: Mapping[str, pulumi.Input[str]]

    def child_options(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child."""
        return pulumi.ResourceOptions(parent=self.parent, **options)

    def build_tags(self, suffix: str) -> dict[str, pulumi.Input[str]]:
        """Tags of a child that people see as `<component>-<suffix>`."""
        return build_tags(f"{self.name}-{suffix}", self.tags)
