"""A graph that records which inputs are read, so that an input that nothing reads is known as such.

An input counts as read if its key is asked for, and all of a block if the block is walked through. A walk through all
inputs of a resource, in search of a text for example, asks for none of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .graph import Graph

Reads = set[tuple[str, str]]
"""URN and dotted path, lists without indexes."""


def record_reads(graph: Graph) -> tuple[Graph, Reads]:
    """The same graph, and the set that its reads are added to. A graph that records already is returned as it is."""
    if record_reads in graph.answered:
        return graph, graph.answered[record_reads][0]
    reads: Reads = set()
    resources = {
        urn: replace(resource, inputs=_Inputs(resource.inputs, resource.urn, reads)) if resource.custom else resource
        for urn, resource in graph.resources.items()
    }
    recording = replace(graph, resources=resources)
    recording.answered[record_reads] = reads, graph
    return recording, reads


def get_unrecorded(graph: Graph) -> Graph:
    """The graph whose reads are not noted, of one that records them."""
    original: Graph = graph.answered[record_reads][1] if record_reads in graph.answered else graph
    return original


class _Inputs(dict[str, Any]):
    """Inputs of a resource."""

    def __init__(self, values: Mapping[str, Any], urn: str, reads: Reads, path: str = "") -> None:
        super().__init__(values)
        self._urn, self._reads, self._path = urn, reads, path

    def __getitem__(self, key: str) -> Any:
        return self._record(key, super().__getitem__(key))

    def get(self, key: str, default: Any = None) -> Any:
        return self._record(key, super().get(key, default))

    def __contains__(self, key: object) -> bool:
        self._record(str(key), super().get(str(key)))
        return super().__contains__(key)

    def _record(self, key: str, value: Any) -> Any:
        path = f"{self._path}.{key}" if self._path else key
        if isinstance(value, dict):
            return _Block(value, self._urn, self._reads, path)
        if isinstance(value, list) and any(isinstance(member, dict) for member in value):
            return [_Block(part, self._urn, self._reads, path) if isinstance(part, dict) else part for part in value]
        self._reads.add((self._urn, path))
        return value


class _Block(_Inputs):
    """A block of inputs, of which a walk reads all."""

    def _record_all(self) -> None:
        self._reads.add((self._urn, self._path))

    def __iter__(self) -> Iterator[str]:
        self._record_all()
        return super().__iter__()

    def __len__(self) -> int:
        self._record_all()
        return super().__len__()

    def items(self) -> Any:
        self._record_all()
        return super().items()

    def values(self) -> Any:
        self._record_all()
        return super().values()

    def __eq__(self, other: object) -> bool:
        self._record_all()
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment] # as of a dict
