"""Paths as a report may print them: a no, and what a caller needs, only if the ledger has nothing against them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..ledger.ledger import Claim, Ledger, Places, Vouched, Withheld
from ..ledger.ways import ALL, Way
from .inbound import BACKENDS
from .path import Hop, Kind, Path, list_open_paths
from .statements import Statements

_IN_FRONT: Final = ("ApiFront", "ServerlessProxy", "PrivateIngress", "ServiceIngress", "ServiceRegistry", *BACKENDS)
"""Components that lead to a backend, whether or not a request passes them today."""
_CLOSED_BY: Final = frozenset({Way.ADMITS, Way.REPLACES})
_OPENED_BY: Final = {Kind.PEOPLE: {Way.GRANTS, Way.LEAVES}, Kind.INBOUND: set[Way]()}
"""Effects besides that may open a path which is closed; a way out of its own machine opens none for a caller."""


class Vouching:
    """Asks the ledger about each path."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.withheld: list[Withheld] = []
        """The words and the answers that are not said."""

    def vouch_path(self, path: Path) -> Path:
        """The path with the words and the answer that can be vouched for."""
        if not self._ledger.entries:
            return path
        hops = tuple(map(self._vouch_hop, path.hops))
        return self._vouch_no(replace(path, hops=hops))

    def _vouch(self, claim: Claim) -> Vouched | Withheld:
        vouched = self._ledger.vouch(claim)
        if isinstance(vouched, Withheld) and str(vouched) not in map(str, self.withheld):
            self.withheld.append(vouched)
        return vouched

    def _vouch_no(self, path: Path) -> Path:
        if not path.blocked_by:
            return path
        ways = _OPENED_BY.get(path.kind, {Way.LEAVES})
        vouched = self._vouch(Claim(path.blocked_by, dict.fromkeys(_CLOSED_BY | ways, path.rests_on)))
        if isinstance(vouched, Vouched):
            return path
        return replace(path, blocked_by="").doubt(f"whether {path.blocked_by}: {vouched.reason}")

    def _vouch_hop(self, hop: Hop) -> Hop:
        if not hop.needs or not hop.label:
            return hop
        vouched = self._vouch(Claim(hop.label, {Way.REPLACES: hop.rests_on}))
        if isinstance(vouched, Vouched):
            return hop
        return replace(hop, label=str(vouched), full_label=str(vouched))


def vouch_for_others(paths: tuple[Path, ...], statements: Statements, ledger: Ledger) -> Vouched | Withheld:
    """That no path from outside is open but those that the report lists."""
    found = len(list_open_paths(paths))
    words, question = {
        0: ("no path from outside is open", "whether a path from outside is open"),
        1: ("the only way in", "whether this is the only way in"),
    }.get(found, ("no other way in was found", "whether another way in is open"))
    passed = frozenset(_list_passed(paths)).union(*map(statements.list_members, statements.list_of(*_IN_FRONT)))
    at: dict[Way, Places] = dict.fromkeys(ALL - {Way.LEAVES}, passed or None)
    return ledger.vouch(Claim(words, {**at, Way.ADMITS: None}, question))


def _list_passed(paths: tuple[Path, ...]) -> Iterator[str]:
    """URNs of what requests pass or end at, whether or not they arrive."""
    for path in paths:
        if path.kind is Kind.INBOUND:
            yield from (urn for hop in path.hops for urn in hop.rests_on)
            yield from path.rests_on
