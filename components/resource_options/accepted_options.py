"""Pulumi's options of resources: what each does for a component, and those that would do nothing.

Pulumi hands four options of a component on to its resources, and applies others to the component's own entry in the
state, where nobody expects them. https://www.pulumi.com/docs/iac/concepts/resources/options/
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import pulumi

from ..arguments.faults import Fault


class Option(NamedTuple):
    """An option of `pulumi.ResourceOptions`."""

    effect: str
    """What it does for the component's resources, or what to do instead."""
    accepted: bool = True


_BY_TRANSFORM: Final = "set it for single resources in a transform"
OPTIONS: Final[Mapping[str, Option]] = {
    "parent": Option("the component is a child of that resource"),
    "depends_on": Option("all its resources are created after these, and deleted before them"),
    "protect": Option("protects all its resources from deletion"),
    "retain_on_delete": Option("all its resources stay in AWS when they are deleted from the stack"),
    "deleted_with": Option("none of its resources is deleted by itself if that resource is deleted"),
    "provider": Option("all its resources use it"),
    "providers": Option("its resources use the one of their package"),
    "aliases": Option("earlier names or parents of the component; its resources keep their identity"),
    "transforms": Option("changes inputs and options of the component and of each of its resources"),
    "transformations": Option("as `transforms`, only in Python"),
    "hooks": Option("run when the component is created, updated or deleted; for its resources, use a transform"),
    "hide_diffs": Option("hides inputs of the component in the preview; for its resources, use a transform"),
    "state_migrations": Option("changes the states of the component and of its resources; experimental"),
    "ignore_changes": Option(_BY_TRANSFORM, accepted=False),
    "replace_on_changes": Option(_BY_TRANSFORM, accepted=False),
    "replacement_trigger": Option(_BY_TRANSFORM, accepted=False),
    "replace_with": Option(_BY_TRANSFORM, accepted=False),
    "delete_before_replace": Option(_BY_TRANSFORM, accepted=False),
    "custom_timeouts": Option(_BY_TRANSFORM, accepted=False),
    "additional_secret_outputs": Option("wrap the output: `pulumi.Output.secret(component.output)`", accepted=False),
    "import_": Option("set it for each resource that exists, in a transform", accepted=False),
    "id": Option("use the arguments that take resources which exist", accepted=False),
    "urn": Option("use a stack reference for the outputs of another stack", accepted=False),
    "version": Option("pass a provider of that version in `providers`", accepted=False),
    "plugin_download_url": Option("pass a provider from that address in `providers`", accepted=False),
    "env_var_mappings": Option("pass a provider that has it in `providers`", accepted=False),
}
"""Every option of the pinned SDK, in the order of the documents' table."""


def find_option_faults(opts: pulumi.ResourceOptions | None) -> Iterator[Fault]:
    """Yields the options that would have no effect on the component's resources."""
    for name, option in OPTIONS.items():
        if not option.accepted and getattr(opts, name, None):
            yield Fault(
                f"opts.{name}", "set", "an option that Pulumi hands on to a component's resources", option.effect
            )
