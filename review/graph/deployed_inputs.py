"""Inputs as AWS holds them: absent, known or unknown.

An input is unknown if it is set and does not resolve: an output, a value of another stack, an ID of something that this
program does not declare. Every input of a resource that is only read is unknown, and each that `ignore_changes` lists,
since AWS may hold another value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..recording.resources import Resource
from ..recording.values import UNKNOWN
from .graph import Graph, collect_revealed_texts
from .ignored import is_ignored, list_root_keys
from .reading import find_referenced, find_values, get_declared_input

T = TypeVar("T")

Words = tuple[str, ...]


@dataclass(frozen=True)
class InputList(Generic[T]):
    """The members of a list, as far as they are known."""

    resource: Resource
    path: Words
    known: tuple[T, ...]
    """For an answer that one of them is enough for."""
    is_complete: bool
    """Whether there are no others, for an answer that rests on their absence."""


def get_deployed_input(resource: Resource, *path: str) -> Any:
    """The input as AWS holds it, secrets opened: None if absent, `UNKNOWN` if not known."""
    return get_declared_input(resource, *path) if is_declared(resource, path[0]) else UNKNOWN


def get_deployed_inputs(resource: Resource) -> Mapping[str, Any]:
    """All inputs as AWS holds them. Each that is only read, or in `ignore_changes`, is `UNKNOWN`."""
    keys = (*resource.inputs, *list_root_keys(resource.options.ignore_changes))
    return {key: resource.inputs[key] if is_declared(resource, key) else UNKNOWN for key in keys}


def list_references(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...]) -> InputList[Resource]:
    """The resources that an input names. Not complete if it names something that this graph does not hold."""
    resources, unknown_ids, known = resolve_references(graph, resource, path, types)
    return InputList(resource, path, resources, known and not unknown_ids)


def resolve_references(
    graph: Graph, resource: Resource, path: Words, types: Words
) -> tuple[tuple[Resource, ...], list[str], bool]:
    """The resources that an input names, IDs that are not in the graph, and whether the list is complete."""
    resources = tuple({named.urn: named for named in find_referenced(graph, resource, *path, types=types)}.values())
    values = [value for value in find_values(resource.inputs, *path) if value is not None]
    by_value = {str(value): graph.find(str(value), *types) for value in values if value is not UNKNOWN}
    # A recorded dependency replaces a value that is not known.
    by_dependency = len(resources) - len({named.urn for named in by_value.values() if named is not None})
    known = values.count(UNKNOWN) <= by_dependency and is_declared(resource, path[0])
    return resources, [value for value, named in by_value.items() if named is None], known


def is_declared(resource: Resource, key: str) -> bool:
    """Whether AWS holds the value that the graph has: the program gives it, or it was read from AWS."""
    return key in resource.read or not (resource.existing or is_ignored(resource, key))


def contains_unknown(value: Any) -> bool:
    return UNKNOWN in collect_revealed_texts([value])
