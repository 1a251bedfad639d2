"""Reachability, computed only from captured resources, for the graph of a program with components of Gatehouse.

`trace` finds every path from a source to a backend, how people get onto machines, and what machines can call.
"""

from .path import Hop, Kind, Path
from .trace import Reach, trace

__all__ = ["Hop", "Kind", "Path", "Reach", "trace"]
