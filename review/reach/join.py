"""Every path of a stack, joined from statements; each says only what the ledger lets it say."""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final

from ..graph import Graph
from ..ledger.entries import list_entries
from ..ledger.ledger import Claim, Ledger, Vouched, Withheld
from ..ledger.ways import Way
from .inbound import Inbound
from .open_calls import OpenEndpoint, list_open_endpoints
from .outbound import Outbound
from .path import Path
from .statements import Statements
from .vouching import Vouching, vouch_for_others

_PROGRAMS: Final = ("ServerlessProxy", "ApiFunction", "Greeter")


class Reach:
    """Requests, logins and egress of a graph's components."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.statements = Statements(graph)
        self.ledger: Final = Ledger.collect(list_entries(graph))
        """The causes on which no answer rests."""
        self.vouching: Final = Vouching(self.ledger)
        inbound, outbound = Inbound(self.statements), Outbound(self.statements)
        traced = [*inbound.list_paths(), *outbound.list_logins(), *outbound.list_paths()]
        self.paths: Final = tuple(_remove_duplicates(map(self.vouching.vouch_path, traced)))
        """Requests first, then people, then egress."""

    @cached_property
    def others(self) -> Vouched | Withheld:
        """That no path from outside is open but those that are listed."""
        return vouch_for_others(self.paths, self.statements, self.ledger)

    @cached_property
    def open_endpoints(self) -> tuple[OpenEndpoint, ...]:
        """Calls that anyone on the internet may make."""
        return tuple(list_open_endpoints(self.statements))

    def list_uncounted_calls(self) -> Iterator[str]:
        """Yields calls that the throttles of the APIs may not bound."""
        functions, apis = self._list_members(*_PROGRAMS), self._list_members("ApiFront")
        at = {Way.CALLS: None, Way.GRANTS: functions, Way.REPLACES: apis}
        claim = Claim("the throttles limit all calls", at)
        if reason := self.ledger.vouch(claim).reason:
            yield f"calls that no throttle limits: {reason}"

    def _list_members(self, *kinds: str) -> frozenset[str]:
        return frozenset[str]().union(*map(self.statements.list_members, self.statements.list_of(*kinds)))


def trace(graph: Graph) -> Reach:
    """Returns the paths of a graph, which are traced once."""
    if trace not in graph.answered:
        graph.answered[trace] = Reach(graph)
    reach: Reach = graph.answered[trace]
    return reach


def _remove_duplicates(paths: Iterable[Path]) -> list[Path]:
    return list({(path.kind, str(path)): path for path in paths}.values())
