"""Faults of a finished graph that the engine would refuse, though mocks accept it."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from ..graph import Asset, Graph, revealed


def missing_files(graph: Graph, program: Path) -> list[str]:
    """Files and folders that inputs name and that do not exist, in graph order; a build may not have run."""
    return [
        f"{resource.name}{f' ({resource.source})' if resource.source else ''}: there is no file or folder {path!r} "
        "(seen from the program's folder), so the engine will refuse it"
        for resource in graph
        for path in _paths(revealed(resource.inputs))
        if not (program / path).exists()
    ]


def _paths(value: Any) -> Iterator[str]:
    """Paths of the assets in a value, at any depth, but of those that only the program saw."""
    if isinstance(value, Asset):
        yield from [value.path] if value.path and not value.copy else []
        value = revealed(value.members)
    for inner in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
        yield from _paths(inner)


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
