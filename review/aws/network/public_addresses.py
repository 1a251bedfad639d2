"""Why something has no public address, or that it has one: by its own inputs, its template's, or its subnets'.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
"""

from typing import Any, Final

from ...graph import UNKNOWN, Resource
from ...graph.given import Entries, Gap, Given, Ground, get_input, held_input, list_entries
from ...graph.reading import all_values_at, as_list

Place = Entries[Resource]
Private = tuple[Ground, ...] | None
"""Grounds for the statement that something has no public address; None if it has one."""

_WANTED: Final = "associatePublicIpAddress"
_IPV6: Final = ("ipv6AddressCount", "ipv6Addresses", "ipv6PrefixCount", "ipv6Prefixes")


def list_grounds_unless(setting: Given[Any], value: bool, *, absent: bool = False) -> Private:
    """Private by an input, unless it has this value."""
    return None if setting.flag(absent=absent) is value else (setting.as_ground(),)


def list_launch_subnets(holder: Resource, place: Place) -> list[Resource]:
    """Subnets as they were when it was launched in them."""
    return [holder.as_made.get(subnet.urn, subnet) for subnet in place.some()]


def list_grounds_without_ipv4(
    machine: Resource, template: Resource | None, named: tuple[Ground, ...], place: Place
) -> Private:
    """Of a machine that has no Elastic IP. `named` are the inputs that name its template, in the graph or not."""
    requested = get_input(machine, _WANTED)
    if requested.value(absent=None, unknown=UNKNOWN) is not None or not named:
        return _list_setting_or_subnet_grounds(machine, requested, (requested.as_ground(),), place)
    if template is None:
        return named
    cards = all_values_at(held_input(template, "networkInterfaces"), _WANTED)
    if not cards:
        requested = get_input(template, _WANTED)
        return _list_setting_or_subnet_grounds(machine, requested, (*named, requested.as_ground()), place)
    if cards[0] is UNKNOWN:
        return (Gap(f"{template.name}.{_WANTED}"),)
    return (
        None if str(cards[0]).lower() == "true" else (*named, list_entries(template, "networkInterfaces").as_ground())
    )


def _list_setting_or_subnet_grounds(
    machine: Resource, requested: Given[Any], because: tuple[Ground, ...], place: Place
) -> Private:
    """By the setting, else by the subnets. Where none is named, the default VPC's give public addresses."""
    if requested.value(absent=None, unknown=UNKNOWN) is not None:
        return list_grounds_unless(requested, True) and because
    maps = [
        list_grounds_unless(get_input(subnet, "mapPublicIpOnLaunch"), True)
        for subnet in list_launch_subnets(machine, place)
    ]
    if None in maps or place.every(unknown=None) == ():
        return None
    return (*because, place.as_ground(), *(ground for why in maps for ground in why or ()))


def list_grounds_without_ipv6(holder: Resource, template: Resource | None, place: Place) -> Private:
    """Of a machine, task or interface."""
    cards = as_list(held_input(template, "networkInterfaces")) if template is not None else []
    in_template = [value for key in _IPV6 for value in all_values_at(cards, key)]
    own = [value for key in _IPV6 for value in as_list(held_input(holder, key))]
    maps = [
        list_grounds_unless(get_input(resource, "assignIpv6AddressOnCreation"), True)
        for resource in list_launch_subnets(holder, place)
    ]
    if None in maps or any(value not in (0, UNKNOWN) for value in (*own, *in_template)):
        return None
    inputs = [get_input(holder, key).as_ground() for key in _IPV6]
    if template is not None:
        cards_known = list_entries(template, "networkInterfaces").as_ground()
        inputs.append(Gap(f"{template.name}.networkInterfaces") if UNKNOWN in in_template else cards_known)
    return (place.as_ground(), *(ground for why in maps for ground in why or ()), *inputs)
