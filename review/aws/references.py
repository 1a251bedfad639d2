"""Who names whom: the resources of a type by what one of their inputs points at."""

from __future__ import annotations

from collections import defaultdict

from ..graph import Graph, Resource
from ..graph.reading import pointed


class References:
    """Answers from an index for each type and input, built on first use."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._found: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, list[Resource]]] = {}

    def to(self, resource: Resource, kinds: tuple[str, ...], *path: str) -> list[Resource]:
        """Resources of these types whose input at `path` names `resource`."""
        return self._index(kinds, path, resource.type).get(resource.urn, [])

    def _index(self, kinds: tuple[str, ...], path: tuple[str, ...], target: str) -> dict[str, list[Resource]]:
        key = (kinds, (*path, target))
        if key not in self._found:
            index: dict[str, list[Resource]] = defaultdict(list)
            for resource in self._graph.of_type(*kinds):
                for hit in pointed(self._graph, resource, *path, types=(target,)):
                    index[hit.urn].append(resource)
            self._found[key] = index
        return self._found[key]
