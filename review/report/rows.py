"""Resources as rows: a component each, in the order in which one needs the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from ..aws.model import AwsModel
from ..graph import Graph, Resource
from ..graph.graph import grouped
from .diagram import needs
from .summary import Group, of_component, summarize

_LOOSE = 12
"""Resources outside any component that are still listed one by one."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A component, a resource outside any, or all such resources of one service."""

    name: str
    kind: str
    depth: int
    summary: str
    resources: int
    """Resources of its own, those of components inside it not counted."""
    urn: str = ""


def rows(model: AwsModel) -> list[Row]:
    """Components with their resources, then resources outside any component."""
    graph = model.graph
    found = [row for component in _ordered(graph) for row in _component(component, model, 0)]
    loose = list(_own(None, graph))
    return found + (_one_by_one(loose, model) if len(loose) <= _LOOSE else _by_service(loose, model))


def _component(component: Resource, model: AwsModel, depth: int) -> Iterator[Row]:
    own = list(_own(component.urn, model.graph))
    if component.remote:
        summary = "a component of another process: what is inside it cannot be seen here"
    else:
        summary = summarize(Group(own, model)) if own else of_component(component)
    yield Row(
        name=component.name, kind=component.kind, depth=depth, summary=summary, resources=len(own), urn=component.urn
    )
    for inner in _inner(component.urn, model.graph):
        yield from _component(inner, model, depth + 1)


def is_created(resource: Resource) -> bool:
    """Whether a deployment creates it in a cloud: not a component, not a provider, not what is only read."""
    return resource.custom and not resource.existing and not resource.type.startswith("pulumi:providers:")


def _own(urn: str | None, graph: Graph) -> Iterator[Resource]:
    """Resources below a component that are in no component further down, children of other resources among them."""
    for child in graph.children(urn):
        if child.custom:
            if is_created(child):
                yield child
            yield from _own(child.urn, graph)


def _inner(urn: str | None, graph: Graph) -> Iterator[Resource]:
    """The nearest components below, those under ordinary resources among them."""
    for child in graph.children(urn):
        if child.custom:
            yield from _inner(child.urn, graph)
        else:
            yield child


def _one_by_one(loose: list[Resource], model: AwsModel) -> list[Row]:
    return [
        Row(
            name=one.name,
            kind=one.kind,
            depth=0,
            summary=summary if (summary := summarize(Group([one], model))) != one.kind else "",
            resources=1,
            urn=one.urn,
        )
        for one in loose
    ]


def _by_service(loose: list[Resource], model: AwsModel) -> list[Row]:
    by_service = grouped((" ".join(re.split("[:/]", one.type)[:2]), one) for one in loose)
    return [
        Row(
            name=f"({service})",
            kind="no component",
            depth=0,
            summary=summarize(Group(group, model)),
            resources=len(group),
        )
        for service, group in sorted(by_service.items())
    ]


def _ordered(graph: Graph) -> list[Resource]:
    """Top-level components, each after those that its resources depend on; otherwise by name."""
    tops = {component.urn: component for component in _inner(None, graph)}
    found = grouped((one.urn, other.urn) for one, other in needs(graph) if other.urn in tops)
    return [tops[urn] for urn in _sorted({urn: found.get(urn, []) for urn in tops})]


def _sorted(before: dict[str, list[str]]) -> list[str]:
    sorter = TopologicalSorter(before)
    try:
        sorter.prepare()
    except CycleError:
        # Components may need each other though their resources do not.
        return sorted(before)
    found: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        found += ready
        sorter.done(*ready)
    return found
