"""Reachability, computed only from captured resources, for the graph of any program that declares AWS types.

`paths` gives every path from a source to a backend, how people get onto machines, and what machines can call.
"""

from ..aws.model import AwsModel
from ..graph import Graph
from .entrances import unread
from .path import Hop, Kind, Path
from .trace import Reach, trace

__all__ = ["Hop", "Kind", "Path", "Reach", "paths", "trace", "unread"]


def paths(graph: Graph) -> list[Path]:
    """Inbound paths first, then people's, then outbound ones. Open paths and closed ones, each with its reason."""
    return list(trace(AwsModel(graph)).paths)
