"""Reachability, computed only from captured resources, for the graph of any program that declares AWS types.

`trace` finds every path from a source to a backend, how people get onto machines, and what machines can call.
"""

from .entrances import unread
from .path import Hop, Kind, Path
from .trace import Reach, trace

__all__ = ["Hop", "Kind", "Path", "Reach", "trace", "unread"]
