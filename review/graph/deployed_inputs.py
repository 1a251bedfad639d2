"""Inputs as AWS holds them: absent, known or unknown.

An input is unknown if it is set and does not resolve: an output, a value of another stack, an ID of something that this
program does not declare. Every input of a resource that is only read is unknown, and each that `ignore_changes` lists,
since AWS may hold another value.
"""

from collections.abc import Mapping
from typing import Any

from ..recording.resources import Resource
from ..recording.values import UNKNOWN
from .graph import Graph, collect_revealed_texts
from .ignored import is_ignored, list_root_keys
from .reading import find_referenced, find_values, get_declared_input


def get_deployed_input(resource: Resource, *path: str) -> Any:
    """The input as AWS holds it, secrets opened: None if absent, `UNKNOWN` if not known."""
    return get_declared_input(resource, *path) if is_declared(resource, path[0]) else UNKNOWN


def get_deployed_inputs(resource: Resource) -> Mapping[str, Any]:
    """All inputs as AWS holds them. Each that is only read, or in `ignore_changes`, is `UNKNOWN`."""
    keys = (*resource.inputs, *list_root_keys(resource.options.ignore_changes))
    return {key: resource.inputs[key] if is_declared(resource, key) else UNKNOWN for key in keys}


def resolve_references(
    graph: Graph, resource: Resource, path: tuple[str, ...], types: tuple[str, ...]
) -> tuple[list[str], bool]:
    """IDs that an input names and that the graph lacks, and whether all that it names is known."""
    resources = {named.urn for named in find_referenced(graph, resource, *path, types=types)}
    values = [value for value in find_values(resource.inputs, *path) if value is not None]
    by_value = {str(value): graph.find(str(value), *types) for value in values if value is not UNKNOWN}
    # A recorded dependency replaces a value that is not known.
    by_dependency = len(resources) - len({named.urn for named in by_value.values() if named is not None})
    known = values.count(UNKNOWN) <= by_dependency and is_declared(resource, path[0])
    return [value for value, named in by_value.items() if named is None], known


def is_declared(resource: Resource, key: str) -> bool:
    """Whether AWS holds the value that the graph has: the program gives it, or it was read from AWS."""
    return key in resource.read or not (resource.existing or is_ignored(resource, key))


def contains_unknown(value: Any) -> bool:
    return UNKNOWN in collect_revealed_texts([value])
