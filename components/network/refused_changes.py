"""Refuses changes of a network that AWS would refuse half way, in the preview.

The engine creates the new subnet or NAT gateway before it deletes the old one. AWS refuses a second subnet with the
same CIDR block, and an Elastic IP address on a second NAT gateway, so each `pulumi up` would fail.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pulumi

from ..facts import defaults, egress_modes
from ..resource_hooks.refused_updates import RefusedUpdateError


def refuse_changes(args: pulumi.ResourceHookArgs) -> None:
    """Raises RefusedUpdateError for what AWS would refuse."""
    old, new = args.old_inputs or {}, args.new_inputs or {}
    same_vpc = old.get("vpc_id") == new.get("vpc_id")
    if same_vpc and (own := {*(old.get("endpoints") or ())} & {*(new.get("existing_endpoints") or ())}):
        raise RefusedUpdateError(
            f"{args.name}: this component declares the endpoints for {', '.join(sorted(own))}, and the update would "
            "delete them. Keep them in endpoints; existing_endpoints names endpoints that others declare"
        )
    if old.get("vpc_id") is not None or new.get("vpc_id") is not None:
        return
    # The zones that the subnets are in: a lookup may have named others since.
    before: Sequence[str] = (args.old_outputs or old).get("zones") or []
    after: Sequence[str] = new.get("zones") or []
    if _read_vpc_range(old) != _read_vpc_range(new):
        reasons = _check_gateway(old, new)
    elif new.get("zones_stay"):
        reasons = _check_added_zones(before, after[len(before) :])
    else:
        reasons = _check_zone_order(before, after)
    if reason := next(reasons, ""):
        raise RefusedUpdateError(f"{args.name}: {reason}")


def _read_vpc_range(inputs: Mapping[str, Any]) -> str:
    return inputs.get("cidr") or defaults.VPC_CIDR


def _check_gateway(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    gateway = egress_modes.NAT_GATEWAY
    if gateway in (old.get("egress") or ()) and gateway in (new.get("egress") or ()):
        yield (
            f"its range cannot change from {_read_vpc_range(old)} to {_read_vpc_range(new)} with egress {gateway}: "
            f"the address of the old gateway cannot be on a second one. Set the egress to {egress_modes.NAT_INSTANCE} "
            f"and run `pulumi up`, then change the range and run it, then set {gateway} again"
        )


def _check_zone_order(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for position, (was, wanted) in enumerate(zip(before, after, strict=False), start=1):
        if was != wanted:
            yield (
                f"subnet {position} lies in {was} and cannot move to {wanted}. Keep {', '.join(before)} in this order, "
                "and add or remove zones at the end. For other zones, deploy a second stack, let callers use it, then "
                "destroy this one"
            )


def _check_added_zones(before: Sequence[str], added: Sequence[str]) -> Iterator[str]:
    """A load balancer takes one subnet of a zone."""
    for zone in added:
        if zone in before:
            yield (
                f"a new subnet would lie in {zone}, as subnet {before.index(zone) + 1} does. Name the zones, beginning "
                f"with {', '.join(before)}"
            )
