"""Which availability zones a stack is in, looked up by name and checked by id."""

from collections.abc import Mapping, Sequence

import pulumi

from ...network.zone_names import TooFewZonesError, list_usable_zones, list_zones, pick_zones
from ..settings.mistakes import ConfigError, Mistake, qualify
from . import lookups


def refuse_zones_without(instance_types: Mapping[str, tuple[str, int | None]], zones: Sequence[str]) -> None:
    """Raises ConfigError for instance types that a zone does not have: by key, the type and the number of its zones."""
    refused = []
    for key, (instance_type, count) in instance_types.items():
        offering = lookups.find_zones_offering(instance_type)
        for zone in zones[:count]:
            if offering is not None and zone not in offering:
                allowed = f"a type that {zone} has; {instance_type} is offered in {', '.join(offering) or 'no zone'}"
                refused.append(Mistake(qualify(key), instance_type, allowed, "choose another type, or other zones"))
    if refused:
        raise ConfigError(pulumi.get_stack(), refused)


def choose_zone_names(wanted: int | Sequence[str], *, vpc_link: bool) -> list[str]:
    """Returns the names of the zones to use, in an order that stays.

    Zones by name are taken as they are, unless there is a `vpc_link` that they do not serve.
    """
    region = lookups.find_region()
    if isinstance(wanted, int):
        try:
            return pick_zones(wanted, region)
        except TooFewZonesError as error:
            mistake = Mistake(qualify("network.zones"), wanted, str(error))
            raise ConfigError(pulumi.get_stack(), [mistake]) from None
    ids = list_zones("available")
    usable = list_usable_zones(ids, region, all_zones=not vpc_link)
    refused = [
        Mistake(
            qualify(f"network.zones[{index}]"),
            name,
            f"one of {', '.join(usable)}",
            "VPC links are not served there" if name in ids else f"{region} has no such zone open to this account",
        )
        for index, name in enumerate(wanted)
        if name not in usable
    ]
    if refused:
        raise ConfigError(pulumi.get_stack(), refused)
    return list(wanted)
