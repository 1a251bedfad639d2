"""Limitations of a stack's egress: reach, speed, the loss of one zone or machine; and what streaming APIs do not do.

Read off routes, gateways and endpoint policies, so it holds for a network of anybody's.
"""

import contextlib
from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute.user_data import keeps_logs, read_boot_script
from ..aws.gateway.api import SLASH_LOST, Call, loses_slashes
from ..aws.gateway.definitions import read_definition
from ..aws.model import images
from ..aws.network.endpoints import is_interface
from ..aws.network.nodes import Node
from ..aws.network.route import Family, Gateway
from ..cost.prices import Prices
from ..facts import limits
from ..facts.instance_types import IMAGE_PLATFORM_TAG
from ..graph import Resource
from ..graph.evidence import get_deployed_input
from ..graph.graph import group_pairs
from ..graph.prose import join_names
from ..graph.reading import Doubt, as_list, as_mapping, as_text, find_referenced, get_declared_input, get_output
from ..paths import Reachability
from .page_errors import list_origins_without_errors

_SUSTAINED_MBIT: Final = {"t4g.nano": 32, "t4g.small": 128}
"""Sustained bandwidth of a NAT instance of the type; bursts are wider. Other types are not confirmed.

https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
"""


_ZONES_UNKNOWN: Final = (
    "AWS offers some services in some zones only; whether the endpoint's zones are among them is not known here. The"
    " deployment fails if they are not"
)

_ANSWERS_FOR_EVERY_API: Final = (
    "inside its VPC all execute-api names of the region lead to it, and public APIs answer 403 there, except at domains"
    " of their own; without private DNS (api.private.privateDns: false) their names keep their public addresses"
)
"""https://repost.aws/knowledge-center/api-gateway-vpc-connections"""


def list_limitations(reach: Reachability, prices: Prices) -> list[str]:
    """A sentence for each limitation, with the names of those that it applies to."""
    inside = (node for node in reach.model.nodes.list_compute() if node.interfaces and not node.forwards)
    # A function that only passes requests on needs no way out.
    senders = (
        node for node in inside if node.resource.type not in types.FUNCTION or node.resource.urn in reach.backends
    )
    borne = [
        (limitation, node.resource) for node in senders for limitation in _list_node_limitations(reach, node, prices)
    ]
    borne += [(limitation, resource) for resource, limitation in _list_zone_crossings(reach, prices)]
    borne += [
        (_ZONES_UNKNOWN, endpoint)
        for endpoint in reach.model.graph.list_by_type(*types.ENDPOINT)
        if is_interface(endpoint)
    ]
    borne += [
        (_ANSWERS_FOR_EVERY_API, endpoint.resource)
        for endpoint in reach.model.api_endpoints
        if get_deployed_input(endpoint.resource, "privateDnsEnabled") is True
    ]
    borne += list(_list_unknown_platforms(reach))
    for api in reach.model.apis.all:
        if loses_slashes(api):
            borne.append((SLASH_LOST, api.resource))
        if origins := list_origins_without_errors(as_mapping(read_definition(reach.model.graph, api.resource))):
            pages = (
                f"pages of {join_names(origins)} cannot read the errors of API Gateway itself, such as 401, 403 and 429"
            )
            borne.append((pages, api.resource))
        if streamed := [call for call in api.calls if call.integration.streams]:
            borne.append((_describe_streams(streamed), api.resource))
    groups = group_pairs((limitation, reach.model.names.find(resource)) for limitation, resource in borne)
    return [f"{join_names(dict.fromkeys(names))}: {limitation}" for limitation, names in groups.items()]


def _list_unknown_platforms(reach: Reachability) -> Iterator[tuple[str, Resource]]:
    """Images of registries, of which no one says for which processor they are built."""
    for resource in reach.model.graph.list_by_type(*images.RUNNERS):
        with contextlib.suppress(Doubt):
            tag = get_declared_input(resource, "tags", IMAGE_PLATFORM_TAG)
            runs_on, pulled = images.find_processor(resource), images.list_registry_images(reach.model, resource)
            if runs_on and pulled and not as_text(tag):
                sentence = f"whether {join_names(pulled)} is built for {runs_on} is not known here"
                yield f"{sentence}: `docker image inspect` shows it, and backend.platform names it", resource


def _describe_streams(calls: list[Call]) -> str:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html"""
    waits = [call.integration.seconds for call in calls]
    known = [seconds for seconds in waits if seconds is not None]
    longest = f"{max(known):g} s" if len(known) == len(waits) else "a time that is known only after deployment"
    sentence = (
        f"a streamed response ends after {longest}, or after {limits.STREAM_PAUSE_SECONDS} s without data; "
        f"past {limits.STREAM_UNTHROTTLED_MB} MB it is limited to {limits.STREAM_MB_PER_SECOND} MB/s, and each started "
        f"{limits.STREAM_UNTHROTTLED_MB} MB counts as a call; requests do not stream"
    )
    if any(call.integration.function is not None for call in calls):
        sentence += f"; Lambda is paid for while the stream is open, and ends it at {limits.LAMBDA_STREAM_MB} MB"
    return sentence


def _list_node_limitations(reach: Reachability, node: Node, prices: Prices) -> Iterator[str]:
    if node.resource.type in (*types.INSTANCE, *types.SCALING_GROUP):
        with contextlib.suppress(Doubt):
            if keeps_logs(read_boot_script(reach.model.machines, node.resource)):
                yield "its log stays on the instance and ends with it (backend.logs)"
    ways = {family: reach.outbound.find_internet_egress(node, family) for family in Family}
    if ways[Family.IPV4].open:
        yield from _list_route_limitations(reach, node, prices)
    elif ways[Family.IPV6].open:
        yield "hosts that have only IPv4 cannot be reached, such as GitHub and most services of other companies"
    else:
        ends = [
            (path.target, path.hops[-1].label if path.hops else "tcp")
            for path in reach.outbound.list_paths(node)
            if path.open
        ]
        reachable = [f"{end} ({label})" if label and not label.startswith("tcp") else end for end, label in ends]
        yield "nothing outside the network can be reached" + (f" but {join_names(reachable)}" if reachable else "")


def _list_route_limitations(reach: Reachability, node: Node, prices: Prices) -> Iterator[str]:
    """Limitations of the default routes' targets in zones and in speed."""
    zones: dict[str, set[str]] = {}
    targets: dict[str, tuple[Gateway, Resource]] = {}
    for subnet in node.subnets:
        route = reach.model.network.find_default_route(subnet, Family.IPV4)
        if route is not None and route.target is not None:
            targets[route.target.urn] = route.gateway, route.target
            zones.setdefault(route.target.urn, set()).add(_read_zone(subnet))
    for urn, (gateway, target) in targets.items():
        number = len(zones[urn] - {""})
        if gateway is Gateway.INTERFACE:
            yield _describe_nat_instance(reach, target)
        elif (
            gateway is Gateway.NAT
            and number > 1
            and as_text(get_declared_input(target, "availabilityMode")) != "regional"
        ):
            yield _describe_single_gateway(reach, target, number, prices)


def _describe_nat_instance(reach: Reachability, card: Resource) -> str:
    name = reach.model.names.find(card)
    machine = reach.model.nodes.attachments.find_instance(card)
    kind = as_text(get_declared_input(machine, "instanceType")) if machine is not None else ""
    sustained = _SUSTAINED_MBIT.get(kind)
    speed = f"{sustained} Mbit/s sustained" if sustained else f"what {kind or 'its type'} sustains"
    described = ", ".join(filter(None, (kind, _find_zone(reach, card))))
    named = f"{name} ({described})" if described else name
    return f"out through one machine, {named}: no more than {speed}, and nothing while it is down"


def _list_zone_crossings(reach: Reachability, prices: Prices) -> Iterator[tuple[Resource, str]]:
    """Requests inside the network that cross zones, which AWS bills in both directions.

    https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer_within_the_same_AWS_Region
    """
    nodes, find = reach.model.nodes, reach.model.graph.resources
    for caller, called in sorted(reach.called):
        function, machine = nodes.find(find[caller]), nodes.find(find[called])
        if function.resource.type in types.FUNCTION and machine.resource.type in types.INSTANCE:
            home = {_read_zone(subnet) for subnet in machine.subnets} - {""}
            away = {_read_zone(subnet) for subnet in function.subnets} - {""} - home
            if len(home) == 1 and away:
                there = f"{reach.model.names.find(machine.resource)} ({home.pop()})"
                price = _format_zone_price(prices, machine.resource.region)
                yield function.resource, f"data between {join_names(sorted(away))} and {there} crosses zones{price}"
    for balancer in reach.model.graph.list_by_type(*types.LOAD_BALANCER):
        balances_across_zones = (
            get_declared_input(balancer, "enableCrossZoneLoadBalancing") is True
            and len(as_list(get_declared_input(balancer, "subnets"))) > 1
        )
        if as_text(get_declared_input(balancer, "loadBalancerType")) == "network" and balances_across_zones:
            yield balancer, f"data to copies in other zones crosses zones{_format_zone_price(prices, balancer.region)}"


def _format_zone_price(prices: Prices, region: str) -> str:
    price = prices.find_price("cross-zone", region)
    return f", at ${price.first:g} a gigabyte each way" if price else ""


def _describe_single_gateway(reach: Reachability, gateway: Resource, zones: int, prices: Prices) -> str:
    home = _find_zone(reach, gateway)
    billed = _format_zone_price(prices, gateway.region)
    return (
        f"out of {zones} zones through one NAT gateway{f' ({home})' if home else ''}: data crosses zones{billed}, "
        "and a failure of that zone cuts all of them off"
    )


def _find_zone(reach: Reachability, resource: Resource) -> str:
    subnets = find_referenced(reach.model.graph, resource, "subnetId", types=types.SUBNET)
    return _read_zone(subnets[0]) if subnets else ""


def _read_zone(subnet: Resource) -> str:
    return as_text(get_output(subnet, "availabilityZone"))
