"""Ways to a private API: through the endpoints that its policy admits, and from nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..aws import access, types
from ..aws.api import Api
from ..aws.iam import Decision
from ..aws.model import AwsModel
from ..aws.nodes import Node
from ..aws.private_names import Name, names
from ..graph import Resource
from ..graph.reading import output, peek, text
from .connections import Connections
from .exposure import INTERNET, Entry, Exposure
from .onward import Onward
from .partial_path import PartialPath
from .path import Hop, Path

_REFUSED = (Decision.DENY, Decision.SILENT)
_HTTPS = 443


class PrivateApis:
    """Walks from every endpoint to the private APIs of a model."""

    def __init__(self, model: AwsModel, connections: Connections, onward: Onward, exposure: Exposure) -> None:
        self._model = model
        self._connections = connections
        self._onward = onward
        self._exposure = exposure
        self._doors = [hit for hit in model.graph.of_type(*types.ENDPOINT) if _serves_apis(hit)]

    def paths(self, api: Api) -> Iterator[Path]:
        """Closed from the internet; through endpoints of the stack, those of others, and any at all if it is open."""
        name = self._model.names.of(api.resource)
        nowhere = PartialPath(source=INTERNET).blocked(
            f"{name} is private: it has no address outside its endpoints", api.resource
        )
        yield from self._onward.into_api(nowhere, api)
        decisions = {door.urn: self._decision(api, door) for door in self._doors}
        admitted = [door for door in self._doors if decisions[door.urn] not in _REFUSED]
        for door in admitted or self._doors:
            for partial in self._into(door):
                yield from self._through(partial, door, api, decisions[door.urn])
        yield from self._by_foreign(api)
        if api.calls and access.strange_endpoint_decision(api, api.calls[0]) is Decision.ALLOW:
            yield from self._onward.into_api(PartialPath(source="any VPC endpoint of any account"), api)

    def _decision(self, api: Api, door: Resource) -> Decision:
        vpc = self._model.network.vpc(door)
        vpc_id = text(output(vpc, "id")) if vpc is not None else text(peek(door, "vpcId"))
        call = next(iter(api.calls), None)
        if call is None:
            return Decision.SILENT
        return access.endpoint_decision(api, call, text(output(door, "id")), vpc_id)

    def _through(self, partial: PartialPath, door: Resource, api: Api, decision: Decision) -> Iterator[Path]:
        name = self._model.names.of(door)
        refused = f"the resource policy of {self._model.names.of(api.resource)} admits no call from {name}"
        uncertainty = f"whether the resource policy admits {name}" if decision is Decision.UNKNOWN else ""
        called = names(self._model.graph, api, door, text(output(door, "id")))
        hop = Hop(door, _kinds(called), f"{door.name}, by {_written(called)}", name)
        further = partial.then(hop, blocked_by=refused if decision in _REFUSED else "", uncertainty=uncertainty)
        yield from self._onward.into_api(further, api)

    def _by_foreign(self, api: Api) -> Iterator[Path]:
        """Endpoints and VPCs that the policy names and the stack does not hold."""
        vpcs = self._model.graph.of_type(*types.VPC)
        ours = {text(output(hit, "id")) for hit in (*self._doors, *vpcs)}
        for endpoint_id, vpc_id in dict.fromkeys(access.named_endpoints(api)):
            if (endpoint_id or vpc_id) in ours or not api.calls:
                continue
            decision = access.endpoint_decision(api, api.calls[0], endpoint_id, vpc_id)
            if decision not in _REFUSED:
                uncertainty = "" if decision is Decision.ALLOW else "whether the resource policy admits it"
                source = f"{endpoint_id or f'endpoints in {vpc_id}'} (outside this stack)"
                partial = PartialPath(source=source, uncertainty=uncertainty)
                if called := names(self._model.graph, api, None, endpoint_id):
                    partial = partial.then(Hop(None, _kinds(called), _written(called)))
                yield from self._onward.into_api(partial, api)

    def _into(self, door: Resource) -> Iterator[PartialPath]:
        """Who can open a connection to an endpoint's port 443."""
        node = self._model.nodes.of(door)
        for entry in (*self._exposure.from_inside(node), *self._exposure.from_members(node, set())):
            if entry.permit is None or entry.permit.carries("tcp", _HTTPS):
                yield PartialPath(source=entry.partial.source, origin=entry.partial.origin).then(_over_https(entry))
        for caller in self._callers(door):
            edge = self._connections.between(caller, node, _HTTPS)
            if edge.is_open:
                yield PartialPath(source=self._model.names.of(caller.resource), origin=caller.resource).across(edge)

    def _callers(self, door: Resource) -> Iterator[Node]:
        """Machines of the endpoint's VPC that are nobody's backend and no gateway."""
        vpc = self._model.network.vpc(door)
        targets = self._model.balancers.all_targets() | {called for _, called in self._onward.called}
        for node in self._model.nodes.in_vpc(vpc) if vpc is not None else ():
            machine = node.resource.type in (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE)
            if machine and not node.forwards and node.resource.urn not in targets:
                yield node


def _kinds(called: Iterable[Name]) -> str:
    return ", ".join(name.kind for name in called)


def _written(called: Iterable[Name]) -> str:
    return " and ".join(name.text for name in called)


def _over_https(entry: Entry) -> Hop:
    hop = entry.partial.hops[-1]
    return Hop(hop.resource, f"tcp {_HTTPS}", hop.rule)


def _serves_apis(endpoint: Resource) -> bool:
    return text(peek(endpoint, "serviceName")).endswith(".execute-api")
