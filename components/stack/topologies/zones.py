"""Which availability zones a stack is in, looked up by name and checked by id."""

from collections.abc import Mapping, Sequence

import pulumi

from ...facts.limits import VPC_LINK_ZONE_IDS
from ..settings.mistakes import ConfigError, Mistake, qualified
from . import lookups


def zone_names(wanted: int | Sequence[str], *, vpc_link: bool) -> list[str]:
    """The names of the zones to use, in an order that stays.

    A number takes only zones that VPC links serve, whether or not there is a link, so that a change of topology moves
    no subnet. Zones by name are taken as they are, unless there is a `vpc_link` that they do not serve.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html
    """
    region = lookups.region()
    ids = lookups.zones("available")
    usable = _usable(ids, region, all_zones=not (vpc_link or isinstance(wanted, int)))
    if isinstance(wanted, int):
        if wanted > len(usable):
            # A zone of an existing stack may have become unavailable. Its subnets stay.
            others = _usable(lookups.zones(None), region, all_zones=False)
            usable += [name for name in others if name not in usable]
        if wanted > len(usable):
            allowed = f"at most {len(usable)} in {region}: {', '.join(usable)}"
            raise ConfigError(pulumi.get_stack(), [Mistake(qualified("network.zones"), wanted, allowed)])
        return usable[:wanted]
    refused = [
        Mistake(
            qualified(f"network.zones[{index}]"),
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


def _usable(ids: Mapping[str, str], region: str, *, all_zones: bool) -> list[str]:
    """Those zones that VPC links serve, or all of them."""
    served = VPC_LINK_ZONE_IDS.get(region, tuple(ids.values()))
    return sorted(name for name, zone_id in ids.items() if zone_id in served or all_zones)
