"""The stack as a picture: the nodes and arrows of the report's diagram, and the ways that are closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..reach.statements import Statements

if TYPE_CHECKING:
    from ..report.report import Report

_PEOPLE: Final = "people"
"""The kind of paths by which people log in."""


def build_picture(report: Report) -> dict[str, Any]:
    """The diagram and the closed ways, in the words of the report."""
    diagram = report.diagram
    closed = [path for path in report.paths if not path.open and path.kind.value != _PEOPLE]
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


def list_node_names(report: Report, statements: Statements) -> dict[str, str]:
    """The node of the picture by each name that a hop has: the node's own, a resource's or a component's."""
    names = {node.id: node.id for node in report.diagram.nodes.values()}
    for node in report.diagram.nodes.values():
        resource, part = statements.graph.resources.get(node.urn), statements.find_owner(node.urn)
        own = [*([resource.name] if resource else []), *([part.name] if part else [])]
        # A function of a component is a hop by its own name.
        own += [child.name for child in statements.graph.list_children(part.resource.urn)] if part else []
        for name in own:
            names.setdefault(name, node.id)
    return names
