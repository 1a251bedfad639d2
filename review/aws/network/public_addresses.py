"""Why something has no public address, or that it has one: by its own inputs, its template's, or its subnets'.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
"""

from typing import Final

from ...graph import UNKNOWN, Resource
from ...graph.evidence import Evidence, InputList, get_deployed_input, get_list, make_input_evidence, read_flag
from ...graph.reading import as_list, find_values

Place = InputList[Resource]
Private = tuple[Evidence, ...] | None
"""Evidence that something has no public address; None if it has one."""

_WANTED: Final = "associatePublicIpAddress"
_IPV6: Final = ("ipv6AddressCount", "ipv6Addresses", "ipv6PrefixCount", "ipv6Prefixes")


def list_evidence_unless(value: bool, resource: Resource, *path: str) -> Private:
    """Private by an input, unless it has this value. Without the input it is false."""
    return None if read_flag(resource, *path, absent=False) is value else (make_input_evidence(resource, *path),)


def list_launch_subnets(holder: Resource, place: Place) -> list[Resource]:
    """Subnets as they were when it was launched in them."""
    return [holder.as_made.get(subnet.urn, subnet) for subnet in place.known]


def list_evidence_without_ipv4(
    machine: Resource, template: Resource | None, named: tuple[Evidence, ...], place: Place
) -> Private:
    """Of a machine that has no Elastic IP. `named` are the inputs that name its template, in the graph or not."""
    if get_deployed_input(machine, _WANTED) is not None or not named:
        return _list_setting_or_subnet_evidence(machine, machine, (), place)
    if template is None:
        return named
    cards = find_values(get_deployed_input(template, "networkInterfaces"), _WANTED)
    if not cards:
        return _list_setting_or_subnet_evidence(machine, template, named, place)
    if cards[0] is UNKNOWN:
        return (UNKNOWN,)
    return None if str(cards[0]).lower() == "true" else (*named, get_list(template, "networkInterfaces").as_evidence())


def _list_setting_or_subnet_evidence(
    machine: Resource, holder: Resource, named: tuple[Evidence, ...], place: Place
) -> Private:
    """By the setting of the holder, else by the subnets. If none is named, the default VPC's give public addresses."""
    because = (*named, make_input_evidence(holder, _WANTED))
    if get_deployed_input(holder, _WANTED) is not None:
        return list_evidence_unless(True, holder, _WANTED) and because
    maps = [list_evidence_unless(True, subnet, "mapPublicIpOnLaunch") for subnet in list_launch_subnets(machine, place)]
    if None in maps or (place.is_complete and not place.known):
        return None
    return (*because, place.as_evidence(), *(item for why in maps for item in why or ()))


def list_evidence_without_ipv6(holder: Resource, template: Resource | None, place: Place) -> Private:
    """Of a machine, task or interface."""
    cards = as_list(get_deployed_input(template, "networkInterfaces")) if template is not None else []
    in_template = [value for key in _IPV6 for value in find_values(cards, key)]
    own = [value for key in _IPV6 for value in as_list(get_deployed_input(holder, key))]
    maps = [
        list_evidence_unless(True, resource, "assignIpv6AddressOnCreation")
        for resource in list_launch_subnets(holder, place)
    ]
    if None in maps or any(value not in (0, UNKNOWN) for value in (*own, *in_template)):
        return None
    inputs = [make_input_evidence(holder, key) for key in _IPV6]
    if template is not None:
        cards_known = get_list(template, "networkInterfaces").as_evidence()
        inputs.append(UNKNOWN if UNKNOWN in in_template else cards_known)
    return (place.as_evidence(), *(item for why in maps for item in why or ()), *inputs)
