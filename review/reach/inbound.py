"""Every path by which a request reaches a backend, or is stopped on the way."""

from __future__ import annotations

from collections.abc import Iterator

from ..graph import Resource
from ..iam import Decision
from ..reading import output, peek, pointed, text
from . import guards, types
from .api import Api, ApiKind
from .exposure import INTERNET, Entry, Exposure
from .landscape import Landscape
from .network import Family
from .nodes import Node
from .onward import Onward
from .path import Hop, Path, unique
from .trail import Trail


class Inbound:
    """Walks from every source; what it saw on the way decides which nodes are backends."""

    def __init__(self, landscape: Landscape) -> None:
        self._land = landscape
        self.onward = Onward(landscape)
        self.exposure = Exposure(landscape)

    def paths(self) -> list[Path]:
        """By source: APIs and function URLs, balancers, then machines themselves."""
        designed = [*self._apis(), *self._function_urls()]
        balanced = [path for balancer in self._balancers() for path in self._through(balancer)]
        direct = [path for node in self._machines() for path in self._direct(node)]
        return unique([*designed, *balanced, *direct])

    def backends(self) -> list[Resource]:
        """Machines and functions that requests end at. Valid after `paths`; all compute where nothing leads to any."""
        reached = list(self.onward.reached.values())
        return reached or [node.resource for node in self._machines()]

    def _apis(self) -> Iterator[Path]:
        for api in self._land.apis.all:
            if api.kind is ApiKind.PRIVATE:
                yield from self._private(api)
            else:
                yield from self.onward.into_api(Trail(INTERNET), api)

    def _private(self, api: Api) -> Iterator[Path]:
        name = self._land.names.of(api.resource)
        nowhere = Trail(INTERNET).stopped(f"{name} is private: it has no address outside its endpoints")
        yield from self.onward.into_api(nowhere, api)
        endpoints = [hit for hit in self._land.graph.of_type(*types.ENDPOINT) if _serves_apis(hit)]
        for endpoint in endpoints:
            for trail in self._into_endpoint(endpoint):
                yield from self._by_endpoint(trail, api, endpoint)
        ours = {text(output(hit, "id")) for hit in endpoints} | {
            text(output(vpc, "id")) for vpc in self._land.graph.of_type(*types.VPC)
        }
        for endpoint_id, vpc_id in dict.fromkeys(guards.named_endpoints(api)):
            if (endpoint_id or vpc_id) not in ours:
                yield from self._by_foreign(api, endpoint_id, vpc_id)
        if api.calls and guards.strange_endpoint_decision(api, api.calls[0]) is Decision.ALLOW:
            yield from self.onward.into_api(Trail("any VPC endpoint of any account"), api)

    def _by_endpoint(self, trail: Trail, api: Api, endpoint: Resource) -> Iterator[Path]:
        vpc = self._land.network.vpc(endpoint)
        ids = text(output(endpoint, "id")), text(output(vpc, "id")) if vpc else text(peek(endpoint, "vpcId"))
        call = next(iter(api.calls), None)
        decision = guards.endpoint_decision(api, call, *ids) if call else Decision.SILENT
        name = self._land.names.of(endpoint)
        refused = f"the resource policy of {self._land.names.of(api.resource)} admits no call from {name}"
        doubt = f"whether the resource policy admits {name}" if decision is Decision.UNKNOWN else ""
        stop = refused if decision in (Decision.DENY, Decision.SILENT) else ""
        hop = Hop(endpoint, "", endpoint.name, name)
        yield from self.onward.into_api(trail.then(hop, stopped_by=stop, doubt=doubt), api)

    def _by_foreign(self, api: Api, endpoint_id: str, vpc_id: str) -> Iterator[Path]:
        decision = guards.endpoint_decision(api, api.calls[0], endpoint_id, vpc_id) if api.calls else Decision.SILENT
        if decision in (Decision.ALLOW, Decision.UNKNOWN):
            doubt = "" if decision is Decision.ALLOW else "whether the resource policy admits it"
            source = f"{endpoint_id or f'endpoints in {vpc_id}'} (outside this stack)"
            yield from self.onward.into_api(Trail(source, doubt=doubt), api)

    def _into_endpoint(self, endpoint: Resource) -> Iterator[Trail]:
        """Who can open a connection to an endpoint's port 443."""
        node = self._land.nodes.of(endpoint)
        for entry in (*self.exposure.from_inside(node), *self.exposure.from_members(node, set())):
            if entry.permit is None or entry.permit.carries("tcp", 443):
                yield Trail(entry.trail.source, origin=entry.trail.origin).then(self._https(entry))
        for caller in self._callers(endpoint):
            edge = self._land.connections.between(caller, node, 443)
            if edge.is_open:
                name = self._land.names.of(caller.resource)
                yield Trail(name, origin=caller.resource).across(edge)

    @staticmethod
    def _https(entry: Entry) -> Hop:
        hop = entry.trail.hops[-1]
        return Hop(hop.resource, "tcp 443", hop.rule)

    def _callers(self, endpoint: Resource) -> Iterator[Node]:
        """Machines of the endpoint's VPC that are nobody's backend and no gateway."""
        vpc = self._land.network.vpc(endpoint)
        for node in self._land.nodes.in_vpc(vpc) if vpc is not None else ():
            machine = node.resource.type in (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE)
            if machine and not node.forwards and not self._is_target(node.resource):
                yield node

    def _is_target(self, resource: Resource) -> bool:
        targets = self._land.balancers.all_targets()
        return resource.urn in targets or any(resource.urn == called for _, called in self.onward.called)

    def _function_urls(self) -> Iterator[Path]:
        for url in self._land.graph.of_type(types.FUNCTION_URL):
            asks = "IAM" if text(peek(url, "authorizationType")) == "AWS_IAM" else "anyone"
            for function in pointed(self._land.graph, url, "functionName", types=types.FUNCTION):
                yield from self.onward.into_function(Trail(INTERNET), function, url.name, f"its own URL, {asks}")

    def _balancers(self) -> Iterator[Node]:
        return (self._land.nodes.of(hit) for hit in self._land.graph.of_type(*types.LOAD_BALANCER))

    def _through(self, node: Node) -> Iterator[Path]:
        """Requests that come to a balancer from outside of what the API sends it."""
        facing = any(node.has_public_address(family) is not False for family in Family)
        strangers = [entry for entry in self.exposure.from_internet(node) if facing or not entry.trail.stopped_by]
        for entry in (
            *strangers,
            *self.exposure.from_inside(node),
            *self.exposure.from_members(node, self.onward.called),
        ):
            for listener in self._land.balancers.listeners(node.resource):
                port = peek(listener, "port")
                number = int(port) if isinstance(port, int | float) else None
                if entry.permit is None or entry.permit.carries("tcp", number):
                    trail = self._at(entry, number)
                    yield from self.onward.into_balancer(trail, None, node.resource, number, listener)

    @staticmethod
    def _at(entry: Entry, port: int | None) -> Trail:
        """The trail of an entry with the listener's port in place of the whole rule."""
        hop = entry.trail.hops[-1]
        started = Trail(entry.trail.source, origin=entry.trail.origin)
        label = f"tcp {port}" if port is not None else hop.label
        return started.then(
            Hop(hop.resource, label, hop.rule), stopped_by=entry.trail.stopped_by, doubt=entry.trail.doubt
        )

    def _machines(self) -> Iterator[Node]:
        """What runs somebody's code and can be connected to: not functions, and not what only passes packets on."""
        kinds = (*types.INSTANCE, *types.SCALING_GROUP, *types.SERVICE, *types.INTERFACE)
        for resource in self._land.graph.of_type(*kinds):
            node = self._land.nodes.of(resource)
            if node.interfaces:
                yield node

    def _direct(self, node: Node) -> Iterator[Path]:
        """Connections to a machine by network alone. Only open ways lead to what is no backend."""
        resource = node.resource
        backend = resource.urn in self.onward.reached or not self.onward.reached
        strangers = self.exposure.from_internet(node)
        for entry in strangers:
            if backend or not entry.trail.stopped_by:
                yield self._reached(entry, node)
        if not backend or node.forwards:
            return
        if not strangers:
            obstacle = self.exposure.public_obstacle(node)
            yield Trail(INTERNET).stopped(obstacle).end(self._land.names.of(resource), resource)
        for entry in (*self.exposure.from_inside(node), *self.exposure.from_members(node, self.onward.called)):
            yield self._reached(entry, node)

    def _reached(self, entry: Entry, node: Node) -> Path:
        name = self._land.names.of(node.resource)
        return entry.trail.then(Hop(node.resource, "", "", name)).end(name, node.resource)


def _serves_apis(endpoint: Resource) -> bool:
    return text(peek(endpoint, "serviceName")).endswith(".execute-api")
