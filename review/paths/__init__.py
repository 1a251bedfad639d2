"""Reachability, computed only from captured resources, for the graph of a program with components of Gatehouse.

`trace_paths` finds every path from a source to a backend, how people get onto machines, and what machines can call.
"""

from .path import Hop, Kind, Path
from .reachability import Reachability, trace_paths

__all__ = ["Hop", "Kind", "Path", "Reachability", "trace_paths"]
