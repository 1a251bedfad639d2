"""What the children of a component share: parent, beginning of the name, and tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi


def build_tags(name: str, tags: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """Returns the tags of a child: a `Name`, which the AWS console shows, and the caller's tags."""
    return {"Name": name, **tags}


@dataclass(frozen=True)
class Scope:
    """The component that children belong to, the beginning of their names, and the tags that all of them carry."""

    name: str
    parent: pulumi.Resource
    tags: Mapping[str, pulumi.Input[str]]

    def child_options(self, **options: Any) -> pulumi.ResourceOptions:
        """Returns the options of a child."""
        return pulumi.ResourceOptions(parent=self.parent, **options)

    def build_tags(self, suffix: str) -> dict[str, pulumi.Input[str]]:
        """Returns the tags of the child `<component>-<suffix>`."""
        return build_tags(f"{self.name}-{suffix}", self.tags)
