"""Every path of a stack, joined from statements; each says only what the ledger lets it say."""

from collections.abc import Iterable

from ..graph import Graph
from .inbound import Inbound
from .outbound import Outbound
from .path import Path
from .statements import Statements


class Reach:
    """Requests, logins and egress of a graph's components."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.statements = Statements(graph)
        inbound, outbound = Inbound(self.statements), Outbound(self.statements)
        traced = [*inbound.list_paths(), *outbound.list_logins(), *outbound.list_paths()]
        self.paths = tuple(remove_duplicates(traced))
        """Requests first, then people, then egress."""


def trace(graph: Graph) -> Reach:
    """Returns the paths of a graph."""
    return Reach(graph)


def remove_duplicates(paths: Iterable[Path]) -> list[Path]:
    """Paths without those that read the same, in order."""
    return list({(path.kind, str(path)): path for path in paths}.values())
