"""The stack as a drawing: who calls whom, from the paths that were found, laid out from left to right."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ..aws import types
from ..graph import Graph, Resource
from ..reach.path import Kind, Path

UNCERTAIN: Final = "cannot tell"
"""On arrows of which the review does not know whether anything gets through."""


class Area(enum.Enum):
    """Where a node is."""

    OUTSIDE = "outside"
    REGION = "AWS"
    VPC = "VPC"


@dataclass(frozen=True)
class Node:
    """A source, a component or a target. `detail` is a second, smaller line."""

    id: str
    label: str
    place: Area
    detail: str = ""


@dataclass(frozen=True)
class Edge:
    """An arrow; `certain` is false if the review cannot tell whether anything gets through."""

    source: str
    target: str
    label: str = ""
    certain: bool = True

    @property
    def text(self) -> str:
        """The label as it is drawn."""
        return self.label if self.certain else ", ".join(filter(None, (self.label, UNCERTAIN)))


@dataclass
class Diagram:
    """Nodes in the order of their first mention, and the arrows between them."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def ranks(self) -> dict[str, int]:
        """Column of each node: one past the furthest of those that have an arrow to it; circles are cut."""
        ranks: dict[str, int] = dict.fromkeys(self.nodes, 0)
        for _ in range(len(self.nodes)):
            changed = False
            for edge in self.edges:
                if ranks[edge.target] <= ranks[edge.source] < len(self.nodes) - 1 and not self._back(edge):
                    ranks[edge.target] = ranks[edge.source] + 1
                    changed = True
            if not changed:
                break
        return ranks

    def _back(self, edge: Edge) -> bool:
        order = list(self.nodes)
        return order.index(edge.target) <= order.index(edge.source)


_IN_VPC: Final = (
    *types.INSTANCE,
    *types.SCALING_GROUP,
    *types.SERVICE,
    *types.LOAD_BALANCER,
    *types.LISTENER,
    *types.TARGET_GROUP,
    *types.ENDPOINT,
    *types.INTERFACE,
    *types.NAT_GATEWAY,
    *types.CLOUD_MAP_SERVICE,
)
_REGIONAL: Final = ("Session Manager", "Instance Connect")


def draw(graph: Graph, paths: Iterable[Path]) -> Diagram:
    """The diagram of the paths; of the components and what they need, where there is no path."""
    diagram = Diagram()
    for path in paths:
        if path.open:
            _trace(diagram, path, graph)
    if not diagram.edges:
        _dependencies(diagram, graph)
    return diagram


def _trace(diagram: Diagram, path: Path, graph: Graph) -> None:
    at = _add(diagram, path.source, path.origin, graph, source=True)
    waiting: list[str] = []
    for hop in path.hops:
        if not hop.name:
            waiting.append(hop.label)
            continue
        target = _add(diagram, hop.name, hop.resource, graph, detail=hop.label)
        _link(diagram, at, target, waiting, certain=not path.uncertainty)
        at, waiting = target, []
    if not path.hops or path.hops[-1].name != path.target:
        # The backend is the target of what comes in; what goes out ends in the world, or at one of AWS's services.
        reached = None if path.kind is Kind.OUTBOUND else path.backend
        outward = path.kind is Kind.OUTBOUND and path.target.startswith("internet")
        _link(
            diagram,
            at,
            _add(diagram, path.target, reached, graph, outward=outward),
            waiting,
            certain=not path.uncertainty,
        )


def _add(
    diagram: Diagram,
    label: str,
    resource: Resource | None,
    graph: Graph,
    *,
    detail: str = "",
    source: bool = False,
    outward: bool = False,
) -> str:
    known = diagram.nodes.get(label)
    if known is None or (detail and not known.detail):
        place = known.place if known else _place(label, resource, graph, outside=source or outward)
        diagram.nodes[label] = Node(label, label, place, detail)
    return label


def _place(label: str, resource: Resource | None, graph: Graph, *, outside: bool) -> Area:
    if label in _REGIONAL:
        return Area.REGION
    if resource is None:
        return Area.OUTSIDE if outside else Area.REGION
    if resource.type in _IN_VPC or resource.inputs.get("vpcConfig") is not None:
        return Area.VPC
    component = graph.top(resource)
    inside = component.urn != resource.urn and any(one.type in _IN_VPC for one in graph.descendants(component.urn))
    return Area.VPC if inside and not resource.type.startswith("aws:apigateway") else Area.REGION


def _link(diagram: Diagram, source: str, target: str, labels: list[str], *, certain: bool) -> None:
    """Add an arrow; one that a certain path and an uncertain one share is certain."""
    edge = Edge(source, target, ", ".join(label for label in labels if label))
    doubted = replace(edge, certain=False)
    if source == target or edge in diagram.edges:
        return
    if doubted not in diagram.edges:
        diagram.edges.append(edge if certain else doubted)
    elif certain:
        diagram.edges[diagram.edges.index(doubted)] = edge


def _dependencies(diagram: Diagram, graph: Graph) -> None:
    for source, target in dict.fromkeys(_needs(graph)):
        for resource in (source, target):
            diagram.nodes.setdefault(resource, Node(resource, resource, Area.REGION))
        diagram.edges.append(Edge(source, target, "needs"))


def _needs(graph: Graph) -> Iterator[tuple[str, str]]:
    for resource in graph:
        mine = graph.top(resource)
        for urn in resource.dependencies:
            other = graph.top(graph.resources[urn]) if urn in graph.resources else mine
            if other.urn != mine.urn and not (other.custom and mine.custom):
                yield mine.name, other.name


def mermaid(diagram: Diagram) -> str:
    """The diagram as a Mermaid flowchart. https://mermaid.js.org/syntax/flowchart.html"""
    ids = {node: f"n{number}" for number, node in enumerate(diagram.nodes)}
    lines = ["flowchart LR"]
    for place in Area:
        inside = [node for node in diagram.nodes.values() if node.place is place]
        if inside and place is not Area.OUTSIDE:
            lines.append(f"  subgraph {place.name.lower()}[{place.value}]")
        indent = "  " if place is Area.OUTSIDE else "    "
        lines += [f"{indent}{ids[node.id]}{_shape(node)}" for node in inside]
        if inside and place is not Area.OUTSIDE:
            lines.append("  end")
    for edge in diagram.edges:
        arrow = "-->" if edge.certain else "-.->"
        label = f'|"{_safe(edge.text)}"|' if edge.text else ""
        lines.append(f"  {ids[edge.source]} {arrow}{label} {ids[edge.target]}")
    return "\n".join(lines)


def _shape(node: Node) -> str:
    text = _safe(node.label) + (f"<br/><small>{_safe(node.detail)}</small>" if node.detail else "")
    return f'(["{text}"])' if node.place is Area.OUTSIDE else f'["{text}"]'


def _safe(text: str) -> str:
    """Text that ends no label of Mermaid's, and is no markup."""
    return text.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
