"""Why something has no public address, or that it has one: by its own inputs, its template's, or its subnets'.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
"""

from typing import Any, Final

from ...graph import UNKNOWN, Resource
from ...graph.evidence import Evidence, InputList, InputValue, get_deployed_input, get_input, get_list
from ...graph.reading import as_list, find_values

Place = InputList[Resource]
Private = tuple[Evidence, ...] | None
"""Evidence that something has no public address; None if it has one."""

_WANTED: Final = "associatePublicIpAddress"
_IPV6: Final = ("ipv6AddressCount", "ipv6Addresses", "ipv6PrefixCount", "ipv6Prefixes")


def list_evidence_unless(setting: InputValue[Any], value: bool, *, absent: bool = False) -> Private:
    """Private by an input, unless it has this value."""
    return None if setting.as_bool(absent=absent) is value else (setting.as_evidence(),)


def list_launch_subnets(holder: Resource, place: Place) -> list[Resource]:
    """Subnets as they were when it was launched in them."""
    return [holder.as_made.get(subnet.urn, subnet) for subnet in place.get_known()]


def list_evidence_without_ipv4(
    machine: Resource, template: Resource | None, named: tuple[Evidence, ...], place: Place
) -> Private:
    """Of a machine that has no Elastic IP. `named` are the inputs that name its template, in the graph or not."""
    requested = get_input(machine, _WANTED)
    if requested.get(absent=None, unknown=UNKNOWN) is not None or not named:
        return _list_setting_or_subnet_evidence(machine, requested, (requested.as_evidence(),), place)
    if template is None:
        return named
    cards = find_values(get_deployed_input(template, "networkInterfaces"), _WANTED)
    if not cards:
        requested = get_input(template, _WANTED)
        return _list_setting_or_subnet_evidence(machine, requested, (*named, requested.as_evidence()), place)
    if cards[0] is UNKNOWN:
        return (UNKNOWN,)
    return None if str(cards[0]).lower() == "true" else (*named, get_list(template, "networkInterfaces").as_evidence())


def _list_setting_or_subnet_evidence(
    machine: Resource, requested: InputValue[Any], because: tuple[Evidence, ...], place: Place
) -> Private:
    """By the setting, else by the subnets. Where none is named, the default VPC's give public addresses."""
    if requested.get(absent=None, unknown=UNKNOWN) is not None:
        return list_evidence_unless(requested, True) and because
    maps = [
        list_evidence_unless(get_input(subnet, "mapPublicIpOnLaunch"), True)
        for subnet in list_launch_subnets(machine, place)
    ]
    if None in maps or place.get_all(unknown=None) == ():
        return None
    return (*because, place.as_evidence(), *(item for why in maps for item in why or ()))


def list_evidence_without_ipv6(holder: Resource, template: Resource | None, place: Place) -> Private:
    """Of a machine, task or interface."""
    cards = as_list(get_deployed_input(template, "networkInterfaces")) if template is not None else []
    in_template = [value for key in _IPV6 for value in find_values(cards, key)]
    own = [value for key in _IPV6 for value in as_list(get_deployed_input(holder, key))]
    maps = [
        list_evidence_unless(get_input(resource, "assignIpv6AddressOnCreation"), True)
        for resource in list_launch_subnets(holder, place)
    ]
    if None in maps or any(value not in (0, UNKNOWN) for value in (*own, *in_template)):
        return None
    inputs = [get_input(holder, key).as_evidence() for key in _IPV6]
    if template is not None:
        cards_known = get_list(template, "networkInterfaces").as_evidence()
        inputs.append(UNKNOWN if UNKNOWN in in_template else cards_known)
    return (place.as_evidence(), *(item for why in maps for item in why or ()), *inputs)
