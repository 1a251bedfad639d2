"""Refuses a smaller disk for an instance that keeps its own, in the preview.

The provider changes the size in place, and EBS only ever makes a volume larger, so each `pulumi up` would fail.
https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modify-volume.html
"""

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from ..facts import hook_names
from ..scope import Scope

_BLOCK: Final = "rootBlockDevice"


class SmallerDiskError(Exception):
    """The root volume of an instance cannot become smaller."""


def growing_disk(scope: Scope) -> pulumi.ResourceHookBinding:
    """Hooks for an instance. They raise SmallerDiskError before an update, also in a preview."""
    hook = pulumi.ResourceHook(
        f"{scope.name}-{hook_names.ONLY_GROWS}", refuse_smaller, opts=pulumi.ResourceHookOptions(on_dry_run=True)
    )
    return pulumi.ResourceHookBinding(before_update=[hook])


def refuse_smaller(args: pulumi.ResourceHookArgs) -> None:
    """Raises SmallerDiskError if the new root volume is smaller than the old one."""
    old, new = _size(args.old_inputs), _size(args.new_inputs)
    if old is not None and new is not None and new < old:
        raise SmallerDiskError(
            f"{args.name}: its disk cannot become smaller ({old:g} → {new:g} GiB), EBS only makes volumes larger. Set "
            f"the size back to {old:g}, or run `pulumi up --replace '{args.urn}'` for a new instance with an empty disk"
        )


def _size(inputs: Mapping[str, Any] | None) -> float | None:
    size = ((inputs or {}).get(_BLOCK) or {}).get("volumeSize")
    return float(size) if isinstance(size, int | float) else None
