"""Who can reach what, computed from captured resources alone, on the graph of any program that declares AWS types.

`paths` gives every path from a source to a backend, how people get onto machines, and what machines can call.
"""

from __future__ import annotations

from ..graph import Graph
from . import types
from .path import Hop, Kind, Path
from .survey import Survey

__all__ = ["Hop", "Kind", "Path", "Survey", "paths", "unknown_types"]


def paths(graph: Graph) -> list[Path]:
    """Inbound paths first, then people's, then outbound ones. Open paths and closed ones, each said why."""
    return Survey(graph).paths


def unknown_types(graph: Graph) -> dict[str, list[str]]:
    """Types that might carry traffic and are not understood, each with the names of its resources."""
    found: dict[str, list[str]] = {}
    for resource in graph:
        if (resource.custom or resource.remote) and not types.is_understood(resource.type):
            found.setdefault(resource.type, []).append(resource.name)
    return dict(sorted(found.items()))
