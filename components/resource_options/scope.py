"""What the children of a component share: parent, beginning of the name, and tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi


def build_tags(name: str, tags: Mapping[str, pulumi.Input[str]]) -> dict[str, pulumi.Input[str]]:
    """Returns the tags of a child: a `Name`, which the AWS console shows, and the caller's tags."""
    return {"Name": name, **tags}


def find_default_tags(parent: pulumi.Resource) -> dict[str, pulumi.Input[str]]:
    """Returns the tags of `aws:defaultTags`, if the component uses the default provider.

    The provider adds its default tags to resources, but not to what AWS creates from a launch template or for an Auto
    Scaling group. The default tags of a provider that the program passes cannot be read.
    https://github.com/terraform-aws-modules/terraform-aws-autoscaling/issues/162
    """
    if parent.get_provider("aws:ec2/instance:Instance") is not None:
        return {}
    hidden = pulumi.runtime.is_config_secret("aws:defaultTags")
    return {key: pulumi.Output.secret(value) if hidden else value for key, value in read_default_tags().items()}


def read_default_tags() -> dict[str, str]:
    """Returns the tags of `aws:defaultTags`. The provider refuses a value that is no map."""
    try:
        block = pulumi.Config("aws").get_object("defaultTags")
    except pulumi.ConfigTypeError:
        return {}
    tags = block.get("tags") if isinstance(block, Mapping) else None
    return {str(key): str(value) for key, value in (tags.items() if isinstance(tags, Mapping) else ())}


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

    def build_launched_tags(self, suffix: str) -> dict[str, pulumi.Input[str]]:
        """Returns the tags of what AWS creates itself, with the provider's default tags."""
        return {**find_default_tags(self.parent), **self.build_tags(suffix)}
