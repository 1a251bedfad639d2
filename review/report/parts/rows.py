"""Resources as rows: a component each, in the order in which one needs the other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from ...aws.model.model import AwsModel
from ...graph import Graph, Resource
from ...graph.graph import group_pairs
from ...reach.statements import Statements
from .diagram import list_needs
from .summary import Group, summarize, summarize_component

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


def list_rows(model: AwsModel, statements: Statements) -> list[Row]:
    """Components with their resources, then resources outside any component."""
    graph = model.graph
    components = [
        row for component in _sort_components(graph) for row in _list_component_rows(component, model, statements, 0)
    ]
    loose = list(_list_own(None, graph))
    if len(loose) <= _LOOSE:
        summaries = ((resource, summarize(Group([resource], model), statements)) for resource in loose)
        for resource, text in summaries:
            summary = text if text != resource.kind else ""
            components.append(Row(resource.name, resource.kind, 0, summary, 1, resource.urn))
        return components
    by_service = group_pairs((" ".join(re.split("[:/]", resource.type)[:2]), resource) for resource in loose)
    for service, group in sorted(by_service.items()):
        components.append(
            Row(f"({service})", "no component", 0, summarize(Group(group, model), statements), len(group))
        )
    return components


def _list_component_rows(component: Resource, model: AwsModel, statements: Statements, depth: int) -> Iterator[Row]:
    own = list(_list_own(component.urn, model.graph))
    part = statements.find_owner(component.urn)
    stated = part if part is not None and part.resource is component else None
    group = Group(own, model, stated)
    summary = summarize(group, statements) if own or stated else summarize_component(component)
    if component.remote:
        summary = "a component of another process: what is inside it cannot be seen here"
    yield Row(component.name, component.kind, depth, summary, len(own), component.urn)
    for inner in _list_inner(component.urn, model.graph):
        yield from _list_component_rows(inner, model, statements, depth + 1)


def is_created(resource: Resource) -> bool:
    """Whether a deployment creates it in a cloud: not a component, not a provider, not what is only read."""
    return resource.custom and not resource.existing and not resource.type.startswith("pulumi:providers:")


def _list_own(urn: str | None, graph: Graph) -> Iterator[Resource]:
    """Resources below a component that are in no component further down, children of other resources among them."""
    for child in graph.list_children(urn):
        if child.custom:
            if is_created(child):
                yield child
            yield from _list_own(child.urn, graph)


def _list_inner(urn: str | None, graph: Graph) -> Iterator[Resource]:
    """The nearest components below, those under ordinary resources among them."""
    for child in graph.list_children(urn):
        if child.custom:
            yield from _list_inner(child.urn, graph)
        else:
            yield child


def _sort_components(graph: Graph) -> list[Resource]:
    """Top-level components, each after those that its resources depend on; otherwise by name."""
    tops = {component.urn: component for component in _list_inner(None, graph)}
    needed = group_pairs((component.urn, used.urn) for component, used in list_needs(graph) if used.urn in tops)
    sorter = TopologicalSorter({urn: needed.get(urn, []) for urn in tops})
    try:
        sorter.prepare()
    except CycleError:
        # Components may need each other though their resources do not.
        return [tops[urn] for urn in sorted(tops)]
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered += ready
        sorter.done(*ready)
    return [tops[urn] for urn in ordered]
