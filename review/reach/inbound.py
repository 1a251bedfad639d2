"""Every path by which a request reaches a backend, or is stopped on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..graph import Resource
from ..reading import peek, pointed, port_of, text
from . import types
from .api import ApiKind
from .exposure import INTERNET, Entry, Exposure
from .landscape import Landscape
from .network import Family
from .nodes import Node
from .onward import Onward
from .path import Hop, Kind, Path, unique
from .private import PrivateApis
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
        private = PrivateApis(self._land, self.onward, self.exposure)
        for api in self._land.apis.all:
            if api.kind is ApiKind.PRIVATE:
                yield from private.paths(api)
            else:
                yield from self.onward.into_api(Trail(INTERNET), api)

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
                number = port_of(peek(listener, "port"))
                protocol = self._land.balancers.protocol(listener)
                if entry.permit is None or entry.permit.carries(protocol, number):
                    trail = self._at(entry, number, protocol)
                    yield from self.onward.into_balancer(trail, None, node.resource, number, listener)

    @staticmethod
    def _at(entry: Entry, port: int | None, protocol: str) -> Trail:
        """The trail of an entry with the listener's port in place of the whole rule."""
        hop = entry.trail.hops[-1]
        started = Trail(entry.trail.source, origin=entry.trail.origin)
        label = f"{protocol} {port}" if port is not None else hop.label
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
        kind = Kind.PEOPLE if entry.permit is not None and entry.permit.is_shell else Kind.INBOUND
        trail = replace(entry.trail, kind=kind)
        return trail.then(Hop(node.resource, "", "", name)).end(name, node.resource)
