"""Who can reach what, computed from captured resources alone, on the graph of any program that declares AWS types.

`paths` gives every path from a source to a backend, how people get onto machines, and what machines can call.
"""

from __future__ import annotations

from ..graph import Graph
from . import types
from .inbound import Inbound
from .landscape import Landscape
from .outbound import Outbound
from .path import Hop, Kind, Path, unique
from .people import People

__all__ = ["Hop", "Kind", "Landscape", "Path", "paths", "unknown_types"]


def paths(graph: Graph, landscape: Landscape | None = None) -> list[Path]:
    """Inbound paths first, then people's, then outbound ones. Open paths and closed ones, each said why."""
    landscape = landscape or Landscape(graph)
    inbound = Inbound(landscape)
    found = inbound.paths()
    outbound = Outbound(landscape)
    people = People(landscape, outbound)
    machines = [node for node in landscape.nodes.compute() if node.resource.type not in types.FUNCTION]
    found += [path for node in machines for path in people.paths(node)]
    forwarders = {caller for caller, _ in inbound.onward.called}
    for node in landscape.nodes.compute():
        if not node.forwards:
            ways = outbound.paths(node)
            found += [way for way in ways if way.open or node.resource.urn not in forwarders]
    return unique(found)


def unknown_types(graph: Graph) -> dict[str, list[str]]:
    """Types that might carry traffic and are not understood, each with the names of its resources."""
    found: dict[str, list[str]] = {}
    for resource in graph:
        if (resource.custom or resource.remote) and not types.is_understood(resource.type):
            found.setdefault(resource.type, []).append(resource.name)
    return dict(sorted(found.items()))
