"""Who can reach what, computed from captured resources alone, on the graph of any program that declares AWS types.

`paths` gives every path from a source to a backend, how people get onto machines, and what machines can call.
"""

from __future__ import annotations

from ..aws.catalog import is_understood
from ..aws.model import AwsModel
from ..graph import Graph
from .path import Hop, Kind, Path
from .trace import Reach, trace

__all__ = ["Hop", "Kind", "Path", "Reach", "paths", "trace", "unknown_types"]


def paths(graph: Graph) -> list[Path]:
    """Inbound paths first, then people's, then outbound ones. Open paths and closed ones, each said why."""
    return list(trace(AwsModel(graph)).paths)


def unknown_types(graph: Graph) -> dict[str, list[str]]:
    """Types that might carry traffic and are not understood, each with the names of its resources."""
    found: dict[str, list[str]] = {}
    for resource in graph:
        if (resource.custom or resource.remote) and not is_understood(resource.type):
            found.setdefault(resource.type, []).append(resource.name)
    return dict(sorted(found.items()))
