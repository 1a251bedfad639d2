"""The stack as a picture: the nodes and arrows of the report's diagram, and the ways that are closed."""

from __future__ import annotations

from typing import Any

from ..aws.model.model import AwsModel
from ..graph import Graph
from ..paths.path import Kind
from ..report.report import Report


def build_picture(report: Report) -> dict[str, Any]:
    """The diagram and the closed ways, in the words of the report."""
    diagram = report.diagram
    closed = [path for path in report.paths if not path.open and path.kind is not Kind.PEOPLE]
    return {
        "nodes": [
            {"id": node.id, "label": node.label, "detail": node.detail, "place": node.place.value, "fixed": node.fixed}
            for node in diagram.nodes.values()
        ],
        "edges": [
            {"source": edge.source, "target": edge.target, "label": edge.text, "certain": edge.certain}
            for edge in diagram.edges.values()
        ],
        "closed": [
            {"source": path.source, "target": path.target, "reason": path.blocked_by, "text": str(path)}
            for path in closed
        ],
    }


def list_node_names(report: Report, graph: Graph, model: AwsModel) -> dict[str, str]:
    """The node of the picture by each name that a hop of a request has: the node's own, or a resource's."""
    nodes = report.diagram.nodes.values()
    names = {node.id: node.id for node in nodes}
    for node in nodes:
        if (resource := graph.resources.get(node.urn)) is not None:
            names.setdefault(resource.name, node.id)
            names.setdefault(model.names.find(resource), node.id)
    return names
