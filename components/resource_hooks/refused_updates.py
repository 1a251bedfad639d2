"""Updates that a component refuses in the preview, because AWS or its provider would refuse them half way."""

from collections.abc import Callable

import pulumi

from ..facts import hook_names
from .names import name_hook


class RefusedUpdateError(Exception):
    """The update cannot be made in this way."""


def build_update_hooks(name: str, refuse: Callable[[pulumi.ResourceHookArgs], None]) -> pulumi.ResourceHookBinding:
    """Returns hooks that run `refuse` before an update, also in a preview. Its RefusedUpdateError ends both."""
    hook = pulumi.ResourceHook(name, refuse, opts=pulumi.ResourceHookOptions(on_dry_run=True))
    return pulumi.ResourceHookBinding(before_update=[hook])


def add_update_hooks(
    component: pulumi.Resource,
    name: str,
    refuse: Callable[[pulumi.ResourceHookArgs], None],
    opts: pulumi.ResourceOptions | None,
) -> pulumi.ResourceOptions:
    """The options of a component, with hooks that run `refuse`."""
    hooks = build_update_hooks(name_hook(component, name, hook_names.NETWORK_STAYS), refuse)
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=hooks))
