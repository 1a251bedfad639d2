"""Availability zones that a network takes if only their number is given."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from ..aws_lookups.lookup import look_up_now
from ..facts.limits import VPC_LINK_ZONE_IDS


class TooFewZonesError(ValueError):
    """The region has fewer zones than are wanted. The text states how many it has."""


def pick_zones(wanted: int, region: str, parent: pulumi.Resource | None = None) -> list[str]:
    """Returns the names of so many zones, in an order that stays. Raises TooFewZonesError.

    Only zones that VPC links serve, whether or not there is a link, so that a link that is added moves no subnet.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html
    """
    usable = list_usable_zones(list_zones("available", parent), region)
    if wanted > len(usable):
        # A zone of an existing stack may have become unavailable. Its subnets stay.
        others = list_usable_zones(list_zones(None, parent), region)
        usable += [name for name in others if name not in usable]
    if wanted > len(usable):
        raise TooFewZonesError(f"at most {len(usable)} in {region}: {', '.join(usable)}")
    return usable[:wanted]


def list_zones(state: str | None, parent: pulumi.Resource | None = None) -> dict[str, str]:
    """Zone names of the region that need no opt-in, each with its ID."""
    filters = [aws.GetAvailabilityZonesFilterArgs(name="opt-in-status", values=["opt-in-not-required"])]
    arguments = {"state": state, "filters": filters}
    found = look_up_now(aws.get_availability_zones, arguments, parent, "names", "zone_ids")
    return dict(zip(found.names, found.zone_ids, strict=True))


def list_usable_zones(ids: Mapping[str, str], region: str, *, all_zones: bool = False) -> list[str]:
    """Returns those zones that VPC links serve, or all of them."""
    served = VPC_LINK_ZONE_IDS.get(region, tuple(ids.values()))
    return sorted(name for name, zone_id in ids.items() if zone_id in served or all_zones)
