"""Hooks that end an update which a component refuses, also in a preview."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pulumi

from ..facts import hook_names
from .names import name_hook

Check = Callable[[Mapping[str, Any], Mapping[str, Any]], Iterator[str]]


class RefusedUpdateError(Exception):
    """The update cannot be made in this way."""


def build_update_hooks(component: pulumi.Resource, name: str, suffix: str, check: Check) -> pulumi.ResourceHookBinding:
    """Returns hooks that run `check` before an update, also in a preview. A reason that it yields ends both."""

    def refuse(args: pulumi.ResourceHookArgs) -> None:
        refuse_changes(check, args)

    options = pulumi.ResourceHookOptions(on_dry_run=True)
    hook = pulumi.ResourceHook(name_hook(component, name, suffix), refuse, opts=options)
    return pulumi.ResourceHookBinding(before_update=[hook])


def add_update_hooks(
    component: pulumi.Resource, name: str, check: Check, opts: pulumi.ResourceOptions | None
) -> pulumi.ResourceOptions:
    """The options of a component, with hooks that run `check`."""
    hooks = build_update_hooks(component, name, hook_names.REFUSES_CHANGES, check)
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(hooks=hooks))


def refuse_changes(check: Check, args: pulumi.ResourceHookArgs) -> None:
    """Raises RefusedUpdateError with the reasons that `check` yields.

    An output of an input's name says what exists: a lookup may name other zones now than the subnets are in.
    """
    before, outputs = args.old_inputs or {}, args.old_outputs or {}
    existing = {key: outputs.get(key, value) for key, value in before.items()}
    if reasons := "; ".join(check(existing, args.new_inputs or {})):
        raise RefusedUpdateError(f"{args.name}: {reasons}")
