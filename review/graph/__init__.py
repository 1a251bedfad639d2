"""A program's declarations as plain data: resources with inputs and outputs, lookups, exports, config."""

from .graph import (
    REGION_ASSUMED,
    UNKNOWN,
    Asset,
    Graph,
    Invoke,
    Options,
    Resource,
    Secret,
    Unknown,
    nothing,
    reveal,
    revealed,
)

__all__ = [
    "REGION_ASSUMED",
    "UNKNOWN",
    "Asset",
    "Graph",
    "Invoke",
    "Options",
    "Resource",
    "Secret",
    "Unknown",
    "nothing",
    "reveal",
    "revealed",
]
