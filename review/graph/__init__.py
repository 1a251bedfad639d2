"""A program's declarations as plain data: resources with inputs and outputs, lookups, exports, config."""

from .graph import (
    REGION_ASSUMED,
    STACK_REFERENCE,
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
    texts,
)

__all__ = [
    "REGION_ASSUMED",
    "STACK_REFERENCE",
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
    "texts",
]
