"""Updates that a component refuses in the preview, because AWS or its provider would refuse them half way."""

from collections.abc import Callable

import pulumi


class RefusedUpdateError(Exception):
    """The update cannot be made in this way."""


def refusing(name: str, refuse: Callable[[pulumi.ResourceHookArgs], None]) -> pulumi.ResourceHookBinding:
    """Hooks that run `refuse` before an update, also in a preview. Its RefusedUpdateError ends both."""
    hook = pulumi.ResourceHook(name, refuse, opts=pulumi.ResourceHookOptions(on_dry_run=True))
    return pulumi.ResourceHookBinding(before_update=[hook])
