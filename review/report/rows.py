"""What would be built, as rows: a component each, in the order in which one needs the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from ..aws.api import Api
from ..cost.parts import top
from ..graph import Graph, Resource
from .summary import Group, of_component, summarize

_LOOSE = 12
"""Resources outside any component that are still listed one by one."""


@dataclass(frozen=True)
class Row:
    """A component, a resource outside any, or all such resources of one service."""

    name: str
    kind: str
    depth: int
    summary: str
    resources: int
    """Resources of its own, those of components inside it not counted."""
    urn: str = ""


def rows(graph: Graph, apis: Iterable[Api]) -> list[Row]:
    """Components with what is inside them, then whatever stands outside any."""
    found = [row for component in _ordered(graph) for row in _component(component, graph, list(apis), 0)]
    loose = [resource for resource in graph.children(None) if resource.custom]
    return found + (_one_by_one(loose, graph, apis) if len(loose) <= _LOOSE else _by_service(loose, graph, apis))


def _component(component: Resource, graph: Graph, apis: list[Api], depth: int) -> Iterator[Row]:
    own = list(_own(component, graph))
    if component.remote:
        summary = "a component of another process: what is inside it cannot be seen here"
    else:
        summary = summarize(Group(own, graph, apis)) if own else of_component(component)
    yield Row(component.name, component.kind, depth, summary, len(own), component.urn)
    for child in graph.children(component.urn):
        if not child.custom:
            yield from _component(child, graph, apis, depth + 1)


def _own(component: Resource, graph: Graph) -> Iterator[Resource]:
    for child in graph.children(component.urn):
        if child.custom:
            yield child
            yield from _own(child, graph)


def _one_by_one(loose: list[Resource], graph: Graph, apis: Iterable[Api]) -> list[Row]:
    return [
        Row(
            one.name,
            one.kind,
            0,
            summary if (summary := summarize(Group([one], graph, apis))) != one.kind else "",
            1,
            one.urn,
        )
        for one in loose
    ]


def _by_service(loose: list[Resource], graph: Graph, apis: Iterable[Api]) -> list[Row]:
    by_service: dict[str, list[Resource]] = defaultdict(list)
    for resource in loose:
        package, _, rest = resource.type.partition(":")
        by_service[f"{package} {rest.partition('/')[0].partition(':')[0]}"].append(resource)
    return [
        Row(f"({service})", "no component", 0, summarize(Group(group, graph, apis)), len(group))
        for service, group in sorted(by_service.items())
    ]


def _ordered(graph: Graph) -> list[Resource]:
    """Top-level components, each after those that its resources depend on; otherwise by name."""
    tops = {component.urn: component for component in graph.children(None) if not component.custom}
    needs: dict[str, set[str]] = {urn: set() for urn in tops}
    for resource in graph:
        mine = top(resource, graph).urn
        for urn in resource.dependencies:
            other = top(graph.resources[urn], graph).urn if urn in graph.resources else mine
            if mine in tops and other in tops and other != mine:
                needs[mine].add(other)
    return [tops[urn] for urn in _sorted(needs)]


def _sorted(needs: dict[str, set[str]]) -> list[str]:
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError:
        # Components may need each other though their resources do not.
        return sorted(needs)
    found: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found += ready
        sorter.done(*ready)
    return found
