"""A landscape walked from end to end: its paths, and what the walk found out on the way."""

from __future__ import annotations

import functools

from ..graph import Resource
from . import types
from .exposure import INTERNET
from .inbound import Inbound
from .landscape import Landscape
from .nodes import Node
from .outbound import Outbound
from .path import Path, unique
from .people import People
from .roles import Roles


class Survey(Landscape):
    """Everything about one graph. Each part is worked out when it is first asked, and once."""

    @functools.cached_property
    def outbound(self) -> Outbound:
        return Outbound(self)

    @functools.cached_property
    def roles(self) -> Roles:
        return Roles(self.graph, self.nodes.interfaces)

    @functools.cached_property
    def people(self) -> People:
        return People(self, self.outbound, self.roles)

    @functools.cached_property
    def inbound(self) -> list[Path]:
        """Paths of requests."""
        return self._walk.paths()

    @functools.cached_property
    def backends(self) -> dict[str, Resource]:
        """Machines and functions that requests end at, by URN."""
        assert self.inbound is not None  # the walk has to be over
        return {resource.urn: resource for resource in self._walk.backends()}

    @functools.cached_property
    def called(self) -> set[tuple[str, str]]:
        """URNs of nodes that pass requests on, each with what it passes them to."""
        assert self.inbound is not None
        return self._walk.onward.called

    @functools.cached_property
    def behind_apis(self) -> set[str]:
        """URNs of what an API's requests pass on their way, open or not."""
        apis = (*types.REST_API, *types.HTTP_API)
        through = [
            path for path in self.inbound if any(hop.resource and hop.resource.type in apis for hop in path.hops)
        ]
        return {hop.resource.urn for path in through for hop in path.hops if hop.resource is not None}

    @functools.cached_property
    def public(self) -> set[str]:
        """URNs of what requests from the internet pass."""
        through = [path for path in self.inbound if path.open and INTERNET in path.source]
        return {hop.resource.urn for path in through for hop in path.hops if hop.resource is not None}

    @functools.cached_property
    def paths(self) -> list[Path]:
        """Requests first, then people, then ways out."""
        found = list(self.inbound)
        for node in self.nodes.compute():
            if node.resource.type not in types.FUNCTION:
                found += self.people.paths(node)
        for node in self.nodes.compute():
            if not node.forwards:
                found += self._ways_out(node)
        return unique(found)

    def _ways_out(self, node: Node) -> list[Path]:
        """That a function which only passes requests on has no way out is nobody's loss."""
        forwarders = {caller for caller, _ in self.called}
        return [path for path in self.outbound.paths(node) if path.open or node.resource.urn not in forwarders]

    @functools.cached_property
    def _walk(self) -> Inbound:
        return Inbound(self)
