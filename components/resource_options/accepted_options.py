"""Pulumi's options of resources: what each does for a component, and those that would do nothing.

Pulumi hands four options of a component on to its resources, and applies others to the component's own entry in the
state, where nobody expects them. https://www.pulumi.com/docs/iac/concepts/resources/options/
"""

from collections.abc import Iterator, Mapping
from typing import Final

import pulumi

from ..arguments.faults import Fault

ACCEPTED: Final = frozenset(
    ("parent", "depends_on", "protect", "retain_on_delete", "deleted_with", "provider", "providers", "aliases")
) | {"transforms", "transformations", "hooks", "hide_diffs", "state_migrations"}
"""Options that have their documented effect on a component. `hooks` and `hide_diffs` are the component's own."""
_BY_TRANSFORM: Final = "set it for single resources in a transform"
REFUSED: Final[Mapping[str, str]] = {
    "ignore_changes": _BY_TRANSFORM,
    "replace_on_changes": _BY_TRANSFORM,
    "replacement_trigger": _BY_TRANSFORM,
    "replace_with": _BY_TRANSFORM,
    "delete_before_replace": _BY_TRANSFORM,
    "custom_timeouts": _BY_TRANSFORM,
    "additional_secret_outputs": "wrap the output: `pulumi.Output.secret(component.output)`",
    "import_": "set it for each resource that exists, in a transform",
    "id": "use the arguments that take resources which exist",
    "urn": "use a stack reference for the outputs of another stack",
    "version": "pass a provider of that version in `providers`",
    "plugin_download_url": "pass a provider from that address in `providers`",
    "env_var_mappings": "pass a provider that has it in `providers`",
}
"""Options that would do nothing, each with what to do instead."""


def find_option_faults(opts: pulumi.ResourceOptions | None) -> Iterator[Fault]:
    """Yields the options that would have no effect on the component's resources."""
    for name, remedy in REFUSED.items():
        if getattr(opts, name, None):
            yield Fault(f"opts.{name}", "set", "an option that Pulumi hands on to a component's resources", remedy)
