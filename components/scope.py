"""Where a component's children are declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi


def named(name: str, tags: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """Tags for a child: a `Name` that the AWS console shows, then the caller's."""
    return {"Name": name, **tags}


def hook_name(component: pulumi.Resource, name: str, end: str) -> str:
    """Name of a resource hook. The engine takes each once, and components of several types may have the same name."""
    return f"{type(component).__name__}-{name}-{end}"


@dataclass(frozen=True, kw_only=True)
class TaggedArgs:
    """Arguments of a component whose resources carry tags."""

    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Tags of every resource."""


@dataclass(frozen=True)
class Scope:
    """The component that children belong to, the beginning of their names, and the tags that all of them carry."""

    name: str
    parent: pulumi.Resource
    tags: Mapping[str, pulumi.Input[str]]

    def child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child."""
        return pulumi.ResourceOptions(parent=self.parent, **options)

    def tagged(self, suffix: str) -> dict[str, pulumi.Input[str]]:
        """Tags of a child that people see as `<component>-<suffix>`."""
        return named(f"{self.name}-{suffix}", self.tags)
