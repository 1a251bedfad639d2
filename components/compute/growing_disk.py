"""Refuses a smaller disk for an instance that keeps its own, in the preview.

The provider changes the size in place, and EBS only ever makes a volume larger, so each `pulumi up` would fail.
https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modify-volume.html
"""

from collections.abc import Mapping
from typing import Any, Final

import pulumi

from ..facts import hook_names
from ..resource_hooks.names import name_hook
from ..resource_hooks.refused_updates import RefusedUpdateError, build_update_hooks
from ..resource_options.scope import Scope

_BLOCK: Final = "rootBlockDevice"


def build_disk_hooks(scope: Scope) -> pulumi.ResourceHookBinding:
    """Returns hooks for an instance."""
    return build_update_hooks(name_hook(scope.parent, scope.name, hook_names.ONLY_GROWS), refuse_smaller)


def refuse_smaller(args: pulumi.ResourceHookArgs) -> None:
    """Raises RefusedUpdateError if the new root volume is smaller than the old one."""
    old, new = _read_disk_size(args.old_inputs), _read_disk_size(args.new_inputs)
    if old is not None and new is not None and new < old:
        raise RefusedUpdateError(
            f"{args.name}: its disk cannot become smaller ({old:g} → {new:g} GiB), EBS only makes volumes larger. Set "
            f"the size back to {old:g}, or run `pulumi up --replace '{args.urn}'` for a new instance with an empty disk"
        )


def _read_disk_size(inputs: Mapping[str, Any] | None) -> float | None:
    size = ((inputs or {}).get(_BLOCK) or {}).get("volumeSize")
    return float(size) if isinstance(size, int | float) else None
