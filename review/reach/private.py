"""Ways to a private API: through the endpoints that its policy admits, and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from ..graph import Resource
from ..iam import Decision
from ..reading import output, peek, text
from . import guards, types
from .api import Api
from .exposure import INTERNET, Entry, Exposure
from .landscape import Landscape
from .nodes import Node
from .onward import Onward
from .path import Hop, Path
from .trail import Trail

_REFUSED = (Decision.DENY, Decision.SILENT)
_HTTPS = 443


class PrivateApis:
    """Walks from every endpoint to the private APIs of a landscape."""

    def __init__(self, landscape: Landscape, onward: Onward, exposure: Exposure) -> None:
        self._land = landscape
        self._onward = onward
        self._exposure = exposure
        self._doors = [hit for hit in landscape.graph.of_type(*types.ENDPOINT) if _serves_apis(hit)]

    def paths(self, api: Api) -> Iterator[Path]:
        """Closed from the internet; through endpoints of the stack, those of others, and any at all if it is open."""
        name = self._land.names.of(api.resource)
        nowhere = Trail(INTERNET).stopped(f"{name} is private: it has no address outside its endpoints", api.resource)
        yield from self._onward.into_api(nowhere, api)
        decisions = {door.urn: self._decision(api, door) for door in self._doors}
        admitted = [door for door in self._doors if decisions[door.urn] not in _REFUSED]
        for door in admitted or self._doors:
            for trail in self._into(door):
                yield from self._through(trail, door, api, decisions[door.urn])
        yield from self._by_foreign(api)
        if api.calls and guards.strange_endpoint_decision(api, api.calls[0]) is Decision.ALLOW:
            yield from self._onward.into_api(Trail("any VPC endpoint of any account"), api)

    def _decision(self, api: Api, door: Resource) -> Decision:
        vpc = self._land.network.vpc(door)
        vpc_id = text(output(vpc, "id")) if vpc is not None else text(peek(door, "vpcId"))
        call = next(iter(api.calls), None)
        if call is None:
            return Decision.SILENT
        return guards.endpoint_decision(api, call, text(output(door, "id")), vpc_id)

    def _through(self, trail: Trail, door: Resource, api: Api, decision: Decision) -> Iterator[Path]:
        name = self._land.names.of(door)
        refused = f"the resource policy of {self._land.names.of(api.resource)} admits no call from {name}"
        doubt = f"whether the resource policy admits {name}" if decision is Decision.UNKNOWN else ""
        hop = Hop(door, "", door.name, name)
        further = trail.then(hop, stopped_by=refused if decision in _REFUSED else "", doubt=doubt)
        yield from self._onward.into_api(further, api)

    def _by_foreign(self, api: Api) -> Iterator[Path]:
        """Endpoints and VPCs that the policy names and the stack does not hold."""
        vpcs = self._land.graph.of_type(*types.VPC)
        ours = {text(output(hit, "id")) for hit in (*self._doors, *vpcs)}
        for endpoint_id, vpc_id in dict.fromkeys(guards.named_endpoints(api)):
            if (endpoint_id or vpc_id) in ours or not api.calls:
                continue
            decision = guards.endpoint_decision(api, api.calls[0], endpoint_id, vpc_id)
            if decision not in _REFUSED:
                doubt = "" if decision is Decision.ALLOW else "whether the resource policy admits it"
                source = f"{endpoint_id or f'endpoints in {vpc_id}'} (outside this stack)"
                yield from self._onward.into_api(Trail(source, doubt=doubt), api)

    def _into(self, door: Resource) -> Iterator[Trail]:
        """Who can open a connection to an endpoint's port 443."""
        node = self._land.nodes.of(door)
        for entry in (*self._exposure.from_inside(node), *self._exposure.from_members(node, set())):
            if entry.permit is None or entry.permit.carries("tcp", _HTTPS):
                yield Trail(entry.trail.source, origin=entry.trail.origin).then(_over_https(entry))
        for caller in self._callers(door):
            edge = self._land.connections.between(caller, node, _HTTPS)
            if edge.is_open:
                yield Trail(self._land.names.of(caller.resource), origin=caller.resource).across(edge)

    def _callers(self, door: Resource) -> Iterator[Node]:
        """Machines of the endpoint's VPC that are nobody's backend and no gateway."""
        vpc = self._land.network.vpc(door)
        targets = self._land.balancers.all_targets() | {called for _, called in self._onward.called}
        for node in self._land.nodes.in_vpc(vpc) if vpc is not None else ():
            machine = node.resource.type in (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE)
            if machine and not node.forwards and node.resource.urn not in targets:
                yield node


def _over_https(entry: Entry) -> Hop:
    hop = entry.trail.hops[-1]
    return Hop(hop.resource, f"tcp {_HTTPS}", hop.rule)


def _serves_apis(endpoint: Resource) -> bool:
    return text(peek(endpoint, "serviceName")).endswith(".execute-api")
