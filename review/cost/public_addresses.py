"""How many public IPv4 addresses AWS gives to something besides Elastic IPs, which are resources of their own.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
"""

from collections.abc import Iterable
from typing import Any, Final

from ..aws.catalog import types
from ..graph import UNKNOWN, Graph, Resource
from ..graph.reading import as_list, find_referenced, find_referring, find_values, get_declared_input, get_value
from .charge import Context

_WANTED: Final = "associatePublicIpAddress"


def count_of_machine(resource: Resource, context: Context) -> int | None:
    """Of each machine of an instance, or of a scaling group: by its own setting, its template's, or its subnets'."""
    graph, inputs = context.model.graph, context.model.machines.merge_settings(resource)
    if find_referring(graph, resource, types.ADDRESS, "instance"):
        return 0
    if any(get_value(inputs, key) is not None for key in ("primaryNetworkInterface", "networkInterface")):
        return 0
    setting = next(iter(find_values(inputs.get("networkInterfaces"), _WANTED)), inputs.get(_WANTED))
    if setting is not None:
        return _read_flag(setting)
    keys = [key for key in ("subnetId", "vpcZoneIdentifiers") if resource.inputs.get(key) is not None]
    return _count_in_subnets(graph, resource, keys)


def count_of_service(resource: Resource) -> int | None:
    """Of each task."""
    setting = get_declared_input(resource, "networkConfiguration", "assignPublicIp")
    return 0 if setting is None else _read_flag(setting)


def count_of_load_balancer(resource: Resource) -> int | None:
    """One in each zone, unless it is internal, or has Elastic IPs."""
    internal = get_declared_input(resource, "internal")
    if internal is UNKNOWN or _read_flag(internal) == 0:
        zones = as_list(get_declared_input(resource, "subnets"))
        mapped = as_list(get_declared_input(resource, "subnetMappings"))
        if internal is UNKNOWN or UNKNOWN in (*zones, *mapped):
            return None
        return len(zones) + sum(get_value(mapping, "allocationId") is None for mapping in mapped) or None
    return 0


def _read_flag(value: Any) -> int | None:
    return None if value is UNKNOWN else int(str(value).lower() == "true")


def _count_in_subnets(graph: Graph, resource: Resource, keys: Iterable[str]) -> int | None:
    subnets = [found for key in keys for found in find_referenced(graph, resource, key, types=types.SUBNET)]
    if not subnets or any(subnet.existing for subnet in subnets):
        return None
    setting = get_declared_input(subnets[0], "mapPublicIpOnLaunch")
    return 0 if setting is None else _read_flag(setting)
