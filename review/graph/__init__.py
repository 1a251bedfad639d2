"""What a program declared, as plain data: resources with inputs and outputs, lookups, exports, config."""

from .graph import UNKNOWN, Asset, Graph, Invoke, Options, Resource, Secret, Unknown, nothing, reveal

__all__ = ["UNKNOWN", "Asset", "Graph", "Invoke", "Options", "Resource", "Secret", "Unknown", "nothing", "reveal"]
