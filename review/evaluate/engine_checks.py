"""Faults of a finished graph that the engine would refuse, though mocks accept it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from ..graph import Asset, Graph, Resource, Secret


def missing_files(graph: Graph, program: Path) -> list[str]:
    """Files and folders that inputs name and that do not exist, in graph order; a build may not have run."""
    return [text for resource in graph for text in _missing_files(resource, resource.inputs.values(), program)]


def _missing_files(resource: Resource, values: Any, program: Path) -> Iterator[str]:
    for value in values:
        if isinstance(value, Secret):
            yield from _missing_files(resource, [value.value], program)
        elif isinstance(value, Asset):
            if value.path and not (program / value.path).exists():
                at = f" ({resource.source})" if resource.source else ""
                yield (
                    f"{resource.name}{at}: there is no file or folder {value.path!r} (seen from the program's folder), "
                    "so the engine will refuse it"
                )
            yield from _missing_files(resource, value.members.values(), program)
        elif isinstance(value, Mapping):
            yield from _missing_files(resource, value.values(), program)
        elif isinstance(value, list):
            yield from _missing_files(resource, value, program)


def cycles(graph: Graph) -> list[str]:
    """The circle of resources that depend on each other, if there is one."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for resource in graph:
        above = [resource.parent] if resource.parent else []
        sorter.add(resource.urn, *resource.dependencies, *above)
    try:
        sorter.prepare()
    except CycleError as error:
        return ["resources depend on each other in a circle: " + " → ".join(error.args[1])]
    return []
