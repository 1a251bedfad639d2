"""Reachability of one graph: every path, and what tracing them showed, as a finished result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..aws import types
from ..aws.model import AwsModel
from ..graph import Resource
from .connections import Connections
from .exposure import INTERNET
from .inbound import Inbound
from .outbound import Outbound
from .path import Path, unique
from .people import People


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Who can reach what."""

    model: AwsModel
    connections: Connections
    outbound: Outbound
    people: People
    inbound: tuple[Path, ...]
    """Paths of requests."""
    backends: Mapping[str, Resource]
    """Machines and functions that requests end at, by URN."""
    called: frozenset[tuple[str, str]]
    """URNs of nodes that pass requests on, each with what it passes them to."""
    paths: tuple[Path, ...]
    """Requests first, then people, then egress."""

    @cached_property
    def behind_apis(self) -> frozenset[str]:
        """URNs of what an API's requests pass on their way, open or not."""
        apis = (*types.REST_API, *types.HTTP_API)
        through = (one for one in self.inbound if any(hop.resource and hop.resource.type in apis for hop in one.hops))
        return _passed(through)

    @cached_property
    def public(self) -> frozenset[str]:
        return _passed(path for path in self.inbound if path.open and INTERNET in path.source)


def trace(model: AwsModel) -> Reach:
    """Follow every path into, onto and out of what the model holds."""
    connections = Connections(model.groups, model.network, model.acls, model.nodes)
    outbound = Outbound(model, connections)
    people = People(model, connections, outbound)
    inbound = Inbound(model, connections)
    requests = inbound.paths()
    found = [*requests]
    for node in model.nodes.compute():
        if node.resource.type not in types.FUNCTION:
            found += people.paths(node)
    forwarders = {caller for caller, _ in inbound.onward.called}
    for node in model.nodes.compute():
        if not node.forwards:
            # A forwarding function without egress is expected.
            found += [path for path in outbound.paths(node) if path.open or node.resource.urn not in forwarders]
    return Reach(
        model=model,
        connections=connections,
        outbound=outbound,
        people=people,
        inbound=tuple(requests),
        backends={one.urn: one for one in inbound.backends()},
        called=frozenset(inbound.onward.called),
        paths=tuple(unique(found)),
    )


def _passed(paths: Iterator[Path]) -> frozenset[str]:
    return frozenset(hop.resource.urn for path in paths for hop in path.hops if hop.resource is not None)
