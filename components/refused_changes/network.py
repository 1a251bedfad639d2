"""Changes of a network that AWS would refuse.

The engine creates the new subnet or NAT gateway before it deletes the old one. AWS refuses a second subnet with the
same CIDR block, and an Elastic IP address on a second NAT gateway, so each `pulumi up` would fail.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..facts import defaults, egress_modes


def list_network_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yields why an update of PrivateNetwork is refused."""
    same_vpc = before.get("vpc_id") == after.get("vpc_id")
    if same_vpc and (own := {*(before.get("endpoints") or ())} & {*(after.get("existing_endpoints") or ())}):
        yield (
            f"this component declares the endpoints for {', '.join(sorted(own))}, and the update would delete them. "
            "Keep them in endpoints; existing_endpoints names endpoints that others declare"
        )
    if before.get("vpc_id") is not None or after.get("vpc_id") is not None:
        return
    if _read_vpc_range(before) != _read_vpc_range(after):
        yield from _check_gateway(before, after)
        return
    was, wanted = before.get("zones") or (), after.get("zones") or ()
    # With a number, the subnets stay in their zones.
    if isinstance(was, list | tuple) and isinstance(wanted, list | tuple):
        if after.get("zones_stay"):
            yield from _check_added_zones(was, wanted[len(was) :])
        else:
            yield from _check_zone_order(was, wanted)


def _read_vpc_range(inputs: Mapping[str, Any]) -> str:
    return inputs.get("cidr") or defaults.VPC_CIDR


def _check_gateway(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    gateway = egress_modes.NAT_GATEWAY
    if gateway in (before.get("egress") or ()) and gateway in (after.get("egress") or ()):
        yield (
            f"its range cannot change from {_read_vpc_range(before)} to {_read_vpc_range(after)} with egress "
            f"{gateway}: the address of the old gateway cannot be on a second one. Set the egress to "
            f"{egress_modes.NAT_INSTANCE} and run `pulumi up`, then change the range and run it, then set {gateway} "
            "again"
        )


def _check_zone_order(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    for position, (was, wanted) in enumerate(zip(before, after, strict=False), start=1):
        if was != wanted:
            yield (
                f"subnet {position} lies in {was} and cannot move to {wanted}. Keep {', '.join(before)} in this order, "
                "and add or remove zones at the end. For other zones, deploy a second stack, let callers use it, then "
                "destroy this one"
            )
            return


def _check_added_zones(before: Sequence[str], added: Sequence[str]) -> Iterator[str]:
    """A load balancer takes one subnet of a zone."""
    for zone in added:
        if zone in before:
            yield (
                f"a new subnet would lie in {zone}, as subnet {before.index(zone) + 1} does. Name the zones, beginning "
                f"with {', '.join(before)}"
            )
