"""The stack as a drawing: who calls whom, from the paths that were found, laid out from left to right."""

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from ..aws.catalog import types
from ..aws.model.model import AwsModel
from ..graph import Graph, Resource
from ..graph.prose import printable
from ..graph.reading import pointed, text
from ..reach.path import Hop, Kind, Path

UNCERTAIN: Final = "cannot tell"
"""On arrows of which the review does not know whether anything gets through."""


class Area(enum.Enum):
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
    tier: str = ""
    """Which subnets of the VPC it is in: a key of the diagram's tiers; empty if that is not known."""
    zones: tuple[str, ...] = ()
    """Availability zones that it is in, as far as they are known."""
    urn: str = ""
    """Of the resource that it shows."""
    fixed: float | None = 0.0
    """Dollars a month, whether or not anybody calls; None if a part of them is not known."""


@dataclass(frozen=True)
class Edge:
    """An arrow; `certain` is false if the review cannot tell whether anything gets through."""

    source: str
    target: str
    label: str = ""
    certain: bool = True
    kind: Kind = field(default=Kind.INBOUND, compare=False)
    """Of the path that it was first met on."""
    rules: tuple[str, ...] = field(default=(), compare=False)
    """Rules that let the traffic pass, those of security groups above all."""

    @property
    def text(self) -> str:
        return self.label if self.certain else ", ".join(filter(None, (self.label, UNCERTAIN)))


@dataclass
class Diagram:
    """Nodes in the order of their first mention, and the arrows between them."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    vpc: str = ""
    """Title of the VPC's frame."""
    tiers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Kinds of subnets, each with zone and range of those that hold a node."""
    ways: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    """Numbers of the paths that a node (its id) or an arrow (source, target, label) is part of."""
    places: dict[tuple[str, ...], int] = field(default_factory=dict)
    """Where the arrow of a path (source, target, label) is: a program may have thousands."""

    def ranks(self) -> dict[str, int]:
        """Column of each node: one past the furthest of those that have an arrow to it; circles are cut.

        A node that only the backend calls goes back to the left, below the way that led to it.
        """
        order = {name: at for at, name in enumerate(self.nodes)}
        inward = [edge for edge in self.edges if edge.kind is not Kind.OUTBOUND] or self.edges
        ranks = dict.fromkeys(self.nodes, 0)
        for edge in sorted(inward, key=lambda edge: order[edge.source]):
            if order[edge.target] > order[edge.source]:  # no other closes a circle
                ranks[edge.target] = max(ranks[edge.target], ranks[edge.source] + 1)
        known = {name for edge in inward for name in (edge.source, edge.target)}
        for edge in self.edges:
            if edge.target not in known:
                known.add(edge.target)
                ranks[edge.target] = ranks[edge.source] - 1
        lowest = min(ranks.values(), default=0)
        return {name: rank - lowest for name, rank in ranks.items()}


_IN_VPC: Final = (
    *(*types.MACHINES, *types.LOAD_BALANCER, *types.LISTENER, *types.TARGET_GROUP, *types.ENDPOINT),
    *(*types.INTERFACE, *types.NAT_GATEWAY, *types.CLOUD_MAP_SERVICE),
)
_REGIONAL: Final = ("Session Manager", "Instance Connect")


def draw(graph: Graph, paths: Iterable[Path], model: AwsModel | None = None) -> Diagram:
    """The diagram of the paths; of the components and what they need, if there is no path."""
    diagram = Diagram()
    for number, path in enumerate(paths):
        if path.open:
            _trace(diagram, path, graph, number)
    if not diagram.edges:
        _dependencies(diagram, graph)
    _settle(diagram, model or AwsModel(graph))
    return diagram


def priced(diagram: Diagram, graph: Graph, amounts: Iterable[tuple[Resource, float | None]]) -> Diagram:
    """The diagram with the fixed costs of each node: of its resource, and of its component where it comes first."""
    owners: dict[str, str] = {}
    for node in diagram.nodes.values():
        if (resource := graph.resources.get(node.urn)) is not None and node.id not in _REGIONAL:
            owners.setdefault(graph.top(resource).urn, node.id)
    owners |= {node.urn: node.id for node in diagram.nodes.values() if node.urn and node.id not in _REGIONAL}
    sums: dict[str | None, float | None] = defaultdict(float)
    for resource, amount in amounts:
        owner = owners.get(resource.urn) or owners.get(graph.top(resource).urn)
        before = sums[owner]
        sums[owner] = None if before is None or amount is None else before + amount
    return replace(diagram, nodes={name: replace(node, fixed=sums[name]) for name, node in diagram.nodes.items()})


def _settle(diagram: Diagram, model: AwsModel) -> None:
    """Note the subnets of what is in the VPC."""
    vpcs: dict[str, Resource] = {}
    held: dict[str, dict[str, str]] = {}
    for node in list(diagram.nodes.values()):
        resource = model.graph.resources.get(node.urn)
        subnets = _subnets(resource, model) if resource is not None and node.place is Area.VPC else ()
        if not subnets:
            continue
        public = {model.network.is_public(subnet) for subnet in subnets}
        tier = "public subnets" if public == {True} else "private subnets" if public == {False} else "subnets"
        zones = sorted({text(subnet.state.get("availabilityZone")) for subnet in subnets} - {""})
        diagram.nodes[node.id] = replace(node, tier=tier, zones=tuple(zones))
        for subnet in subnets:
            zone, cidr = text(subnet.state.get("availabilityZone")), text(subnet.state.get("cidrBlock"))
            held.setdefault(tier, {})[subnet.urn] = " ".join(filter(None, (zone, cidr))) or subnet.name
            vpcs |= {vpc.urn: vpc for vpc in [model.network.vpc(subnet)] if vpc is not None}
    diagram.tiers = {tier: tuple(sorted(set(subnets.values()))) for tier, subnets in held.items()}
    ranges = [text(vpc.state.get("cidrBlock")) for vpc in vpcs.values()]
    diagram.vpc = " ".join(filter(None, ("VPC", *ranges))) if len(vpcs) == 1 else "VPC"


def _subnets(resource: Resource, model: AwsModel) -> tuple[Resource, ...]:
    """Where a resource is. One box is for all NAT gateways, since each zone may have its own."""
    if resource.type not in types.NAT_GATEWAY:
        return model.nodes.of(resource).subnets
    gateways = model.graph.of_type(*types.NAT_GATEWAY)
    return tuple(hit for gateway in gateways for hit in pointed(model.graph, gateway, "subnetId", types=types.SUBNET))


def _trace(diagram: Diagram, path: Path, graph: Graph, number: int) -> None:
    at = _add(diagram, path.source, path.origin, graph, outside=True)
    diagram.ways.setdefault((at,), []).append(number)
    waiting: list[Hop] = []
    for hop in path.hops:
        if not hop.name:
            waiting.append(hop)
            continue
        target = _add(diagram, hop.name, hop.resource, graph, detail=hop.label)
        _link(diagram, (at, target), waiting, path, number)
        at, waiting = target, []
    if not path.hops or path.hops[-1].name != path.target:
        # The backend is the target of what comes in; what goes out ends in the world, or at one of AWS's services.
        reached = None if path.kind is Kind.OUTBOUND else path.backend
        outward = path.kind is Kind.OUTBOUND and path.target.startswith("internet")
        last = _add(diagram, path.target, reached, graph, outside=outward)
        _link(diagram, (at, last), waiting, path, number)


def _add(
    diagram: Diagram, label: str, resource: Resource | None, graph: Graph, *, detail: str = "", outside: bool = False
) -> str:
    known = diagram.nodes.get(label)
    if known is None or (detail and not known.detail):
        place = known.place if known else _place(label, resource, graph, outside=outside)
        urn = known.urn if known and known.urn else resource.urn if resource else ""
        diagram.nodes[label] = Node(label, label, place, detail, urn=urn)
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


def _link(diagram: Diagram, ends: tuple[str, str], traffic: list[Hop], path: Path, number: int) -> None:
    """Add an arrow; one that a certain path and an uncertain one share is certain."""
    rules = tuple(hop.rule for hop in traffic if hop.rule)
    edge = Edge(*ends, ", ".join(hop.label for hop in traffic if hop.label), kind=path.kind, rules=rules)
    for key in (ends[1:], (*ends, edge.label)):
        numbers = diagram.ways.setdefault(key, [])
        numbers += [number] if number not in numbers[-1:] else []
    if edge.source == edge.target:
        return
    certain, at = not path.uncertainty, diagram.places.setdefault((*ends, edge.label), len(diagram.edges))
    if at == len(diagram.edges):
        diagram.edges.append(replace(edge, certain=certain))
    elif certain and not diagram.edges[at].certain:
        diagram.edges[at] = edge


def _dependencies(diagram: Diagram, graph: Graph) -> None:
    edges = ((one.name, other.name) for one, other in needs(graph) if not (one.custom and other.custom))
    for pair in dict.fromkeys(edges):
        diagram.nodes |= {name: Node(name, name, Area.REGION) for name in pair}
        diagram.edges.append(Edge(*pair, "needs"))


def needs(graph: Graph) -> Iterator[tuple[Resource, Resource]]:
    """Each component, or resource outside any, with another one that something in it depends on."""
    for resource in graph:
        mine = graph.top(resource)
        for other in (graph.top(graph.resources[urn]) for urn in resource.dependencies if urn in graph.resources):
            if other.urn != mine.urn:
                yield mine, other


def mermaid(diagram: Diagram) -> str:
    """The diagram as a Mermaid flowchart. https://mermaid.js.org/syntax/flowchart.html"""
    ids = {node: f"n{number}" for number, node in enumerate(diagram.nodes)}
    lines = ["flowchart LR"]
    for place in Area:
        inside = [f"  {ids[node.id]}{_shape(node)}" for node in diagram.nodes.values() if node.place is place]
        if inside and place is not Area.OUTSIDE:
            head = f"  subgraph {place.name.lower()}[{place.value}]"
            inside = [head, *(f"  {line}" for line in inside), "  end"]
        lines += inside
    for edge in diagram.edges:
        arrow = "-->" if edge.certain else "-.->"
        label = f'|"{_safe(edge.text)}"|' if edge.text else ""
        lines.append(f"  {ids[edge.source]} {arrow}{label} {ids[edge.target]}")
    return "\n".join(lines)


def _shape(node: Node) -> str:
    text = _safe(node.label) + (f"<br/><small>{_safe(node.detail)}</small>" if node.detail else "")
    return f'(["{text}"])' if node.place is Area.OUTSIDE else f'["{text}"]'


# Entity codes of what could end a label, begin a comment, a directive or Markdown, be markup, or be a code itself.
# https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters
_CODES: Final = str.maketrans({sign: f"#{ord(sign)};" for sign in "#&\"'<>`|[]{}%;\\$"})


def _safe(text: str) -> str:
    """Text that ends no label of Mermaid's, and is no markup."""
    return printable(text).translate(_CODES)
