"""The stack as a drawing: who calls whom, from the paths that were found, with the fixed cost of each box."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ..aws.catalog import types
from ..graph import Graph, Resource
from ..graph.prose import make_printable
from ..reach.path import Kind, Path

UNCERTAIN: Final = "cannot tell"
"""On arrows of which the review does not know whether anything gets through."""


class Area(enum.Enum):
    OUTSIDE = "outside"
    REGION = "AWS"
    VPC = "VPC"


@dataclass(frozen=True)
class Node:
    """A source, a component or a target."""

    id: str
    label: str
    place: Area
    details: tuple[str, ...] = ()
    """Smaller lines, one for each thing that is required of callers: an open route stands beside others."""
    urn: str = ""
    """URN of the resource that it shows."""
    fixed: float | None = 0.0
    """Dollars per month, also without calls; None if a part of them is not known."""

    @property
    def detail(self) -> str:
        return "\n".join(self.details)


@dataclass(frozen=True)
class Edge:
    """An arrow; `certain` is false if the review cannot tell whether anything gets through."""

    source: str
    target: str
    label: str = ""
    certain: bool = True

    @property
    def text(self) -> str:
        return self.label if self.certain else ", ".join(filter(None, (self.label, UNCERTAIN)))


@dataclass
class Diagram:
    """Nodes in the order of their first mention, and the arrows between them."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str, str], Edge] = field(default_factory=dict)
    """By source, target and label."""


_IN_VPC: Final = (
    *(*types.MACHINES, *types.LOAD_BALANCER, *types.LISTENER, *types.TARGET_GROUP, *types.ENDPOINT),
    *(*types.INTERFACE, *types.NAT_GATEWAY, *types.CLOUD_MAP_SERVICE),
)
_REST: Final = "all other parts"
_REGIONAL: Final = ("Session Manager", "Instance Connect")


def draw(graph: Graph, paths: Iterable[Path]) -> Diagram:
    """The diagram of the open paths; of the components and what they need, if there is no path."""
    diagram = Diagram()
    for path in paths:
        if path.open:
            _trace(diagram, path, graph)
    if not diagram.edges:
        components = ((user, used) for user, used in list_needs(graph) if not (user.custom and used.custom))
        for source, target in dict.fromkeys((user.name, used.name) for user, used in components):
            diagram.nodes |= {name: Node(name, name, Area.REGION) for name in (source, target)}
            diagram.edges[source, target, "needs"] = Edge(source, target, "needs")
    return diagram


def add_costs(diagram: Diagram, graph: Graph, amounts: Iterable[tuple[Resource, float | None]]) -> Diagram:
    """The diagram with the fixed costs of each node: of its resource, and of its component where it comes first.

    What belongs to no node is a box of its own, so that the picture has the whole sum.
    """
    owners: dict[str, str] = {}
    shown = [node for node in diagram.nodes.values() if node.urn and node.id not in _REGIONAL]
    for node in shown:
        if (resource := graph.resources.get(node.urn)) is not None:
            owners.setdefault(graph.find_top_component(resource).urn, node.id)
    for node in reversed(shown):
        owners[node.urn] = node.id
    sums: dict[str | None, float | None] = defaultdict(float)
    for resource, amount in amounts:
        owner = owners.get(resource.urn) or owners.get(graph.find_top_component(resource).urn)
        before = sums[owner]
        sums[owner] = None if before is None or amount is None else before + amount
    nodes = {name: replace(node, fixed=sums[name]) for name, node in diagram.nodes.items()}
    unplaced = sums[None]
    if unplaced is None or round(unplaced, 2):
        nodes[_REST] = Node(_REST, _REST, Area.REGION, fixed=unplaced)
    return replace(diagram, nodes=nodes)


def _trace(diagram: Diagram, path: Path, graph: Graph) -> None:
    """Add the nodes and arrows of a path."""
    at = _add(diagram, path.source, path.origin, graph, outside=True)
    traffic: list[str] = []
    for hop in path.hops:
        if not hop.name:
            traffic.append(hop.label)
            continue
        target = _add(diagram, hop.name, hop.resource, graph, detail=hop.label)
        _add_edge(diagram, at, target, traffic, certain=not path.uncertainty)
        at, traffic = target, []
    if not path.hops or path.hops[-1].name != path.target:
        # The backend is the target of what comes in; what goes out ends in the world, or at one of AWS's services.
        reached = None if path.kind is Kind.OUTBOUND else path.backend
        outward = path.kind is Kind.OUTBOUND and path.target.startswith("internet")
        last = _add(diagram, path.target, reached, graph, outside=outward)
        _add_edge(diagram, at, last, traffic, certain=not path.uncertainty)


def _add(
    diagram: Diagram, label: str, resource: Resource | None, graph: Graph, *, detail: str = "", outside: bool = False
) -> str:
    known = diagram.nodes.get(label)
    details = known.details if known else ()
    if known is None or (detail and detail not in details):
        place = known.place if known else _find_place(label, resource, graph, outside=outside)
        urn = known.urn if known and known.urn else resource.urn if resource else ""
        diagram.nodes[label] = Node(label, label, place, (*details, *filter(None, [detail])), urn)
    return label


def _find_place(label: str, resource: Resource | None, graph: Graph, *, outside: bool) -> Area:
    if label in _REGIONAL:
        return Area.REGION
    if resource is None:
        return Area.OUTSIDE if outside else Area.REGION
    inside = any(_is_in_vpc(one) for one in (resource, *graph.list_descendants(resource.urn)))
    return Area.VPC if inside and resource.kind != "ApiFront" else Area.REGION


def _is_in_vpc(resource: Resource) -> bool:
    return resource.type in _IN_VPC or resource.inputs.get("vpcConfig") is not None


def _add_edge(diagram: Diagram, source: str, target: str, traffic: list[str], *, certain: bool) -> None:
    """Add an arrow; one that a certain path and an uncertain one share is certain."""
    label = ", ".join(filter(None, traffic))
    known = diagram.edges.get((source, target, label))
    if source != target and (known is None or certain):
        diagram.edges[source, target, label] = Edge(source, target, label, certain)


def list_needs(graph: Graph) -> Iterator[tuple[Resource, Resource]]:
    """Each component, or resource outside any, with another one that something in it depends on."""
    for resource in graph:
        user = graph.find_top_component(resource)
        for used in (
            graph.find_top_component(graph.resources[urn]) for urn in resource.dependencies if urn in graph.resources
        ):
            if used.urn != user.urn:
                yield user, used


def format_mermaid(diagram: Diagram) -> str:
    """The diagram as a Mermaid flowchart. https://mermaid.js.org/syntax/flowchart.html"""
    ids = {node: f"n{number}" for number, node in enumerate(diagram.nodes)}
    lines = ["flowchart LR"]
    for place in Area:
        inside = [f"  {ids[node.id]}{_format_node(node)}" for node in diagram.nodes.values() if node.place is place]
        if inside and place is not Area.OUTSIDE:
            head = f"  subgraph {place.name.lower()}[{place.value}]"
            inside = [head, *(f"  {line}" for line in inside), "  end"]
        lines += inside
    for edge in diagram.edges.values():
        arrow = "-->" if edge.certain else "-.->"
        label = f'|"{_escape(edge.text)}"|' if edge.text else ""
        lines.append(f"  {ids[edge.source]} {arrow}{label} {ids[edge.target]}")
    return "\n".join(lines)


def _format_node(node: Node) -> str:
    lines = [_escape(node.label)]
    lines += [f"<small>{_escape(detail)}</small>" for detail in node.details]
    if node.fixed is None:
        lines.append("cost not known")
    elif round(node.fixed, 2):
        lines.append(_escape(f"${node.fixed:,.2f} a month"))
    text = "<br/>".join(lines)
    return f'(["{text}"])' if node.place is Area.OUTSIDE else f'["{text}"]'


# Entity codes of what could end a label, begin a comment, a directive or Markdown, be markup, or be a code itself.
# https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
_CODES: Final = str.maketrans({sign: f"#{ord(sign)};" for sign in "#&\"'<>`|[]{}%;\\$"})


def _escape(text: str) -> str:
    """Text that ends no label of Mermaid's, and is no markup."""
    return make_printable(text).translate(_CODES)
