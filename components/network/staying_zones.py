"""Refuses a network whose subnets would move to other zones, in the preview.

The engine creates the subnet in the new zone before it deletes the old one, and AWS refuses a second subnet with the
same CIDR block, so each `pulumi up` would fail.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from ..facts import defaults, hook_names


class MovedZonesError(Exception):
    """A subnet of the network would move to another zone."""


def staying_zones(name: str) -> pulumi.ResourceHookBinding:
    """Hooks for the network. They raise MovedZonesError before an update of its arguments, also in a preview."""
    hook = pulumi.ResourceHook(
        f"{name}-{hook_names.SUBNETS_STAY}", refuse_moved, opts=pulumi.ResourceHookOptions(on_dry_run=True)
    )
    return pulumi.ResourceHookBinding(before_update=[hook])


def refuse_moved(args: pulumi.ResourceHookArgs) -> None:
    """Raises MovedZonesError if a subnet would have another zone in the same VPC."""
    old, new = args.old_inputs or {}, args.new_inputs or {}
    if new.get("zones_stay") or _vpc(old) != _vpc(new):
        return
    # The zones that the subnets are in: a lookup may have named others since.
    before = (args.old_outputs or old).get("zones") or []
    after = new.get("zones") or []
    for position, (was, wanted) in enumerate(zip(before, after, strict=False), start=1):
        if was != wanted:
            raise MovedZonesError(
                f"{args.name}: subnet {position} lies in {was} and cannot move to {wanted}. Keep {', '.join(before)} "
                "in this order, and add or remove zones at the end. For other zones, deploy a second stack, let "
                "callers use it, then destroy this one"
            )


def _vpc(inputs: Mapping[str, Any]) -> tuple[Any, Any]:
    return inputs.get("vpc_id"), inputs.get("cidr") or defaults.VPC_CIDR
