"""Sentences that vouch for something, and the causes that can falsify them.

`Ledger.vouch` is the only code that makes a `Vouched`. Every sentence with which a report vouches is one: "the only way
in", a protection's word, a rule that passed. mypy refuses any other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from ..graph.prose import abbreviate_names
from .ways import Way, Ways


@dataclass(frozen=True, eq=False)
class Entry:
    """A cause that no answer rests on, and what it may do to which resources."""

    cause: str
    """`u (FunctionUrl)`, `canarySettings of live, which the review does not read,`."""
    ways: Ways
    at: Mapping[str, str]
    """Names of the resources by URN."""

    def describe(self, ways: Ways) -> str:
        """What the cause may do, of these effects: `u (FunctionUrl) may call f without the API`."""
        names = abbreviate_names([*dict.fromkeys(self.at.values())])
        effects = [way.format(names) for way in Way if way in self.ways & ways]
        return f"{self.cause} {' and '.join(effects)}".strip()

    def __str__(self) -> str:
        return self.describe(self.ways)


Places = frozenset[str] | None
"""URNs; None stands for every resource."""


@dataclass(frozen=True)
class Claim:
    """A sentence that would vouch, and by each effect that would falsify it, where."""

    words: str
    at: Mapping[Way, Places]
    question: str = ""
    """The sentence as a question, for a report that cannot tell: `whether this is the only way in`."""

    def is_falsified_by(self, entry: Entry) -> Ways:
        """The effects by which an entry can falsify the sentence."""
        found = (way for way in entry.ways if way in self.at and _meet(self.at[way], entry.at))
        return frozenset(found)


def _meet(places: Places, at: Mapping[str, str]) -> bool:
    return places is None or not places.isdisjoint(at)


class _Seal:
    """Only this module has one, so that no other code makes a `Vouched`."""


_SEAL: Final = _Seal()


@dataclass(frozen=True)
class Vouched:
    """A sentence that no entry of the ledger can falsify."""

    text: str
    _seal: _Seal = field(repr=False, compare=False)
    reason: ClassVar = ""
    """As that of a sentence which is withheld: nothing could falsify it."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Withheld:
    """A sentence that is not said, and what could falsify it."""

    claim: Claim
    because: tuple[str, ...]

    def __str__(self) -> str:
        return f"cannot tell {self.claim.question or f'whether {self.claim.words}'}"

    @property
    def reason(self) -> str:
        """The causes: `u (FunctionUrl) may call f without the API`."""
        more = f"; {len(self.because) - 1} more under “This does not rest on”" if len(self.because) > 1 else ""
        return f"{self.because[0]}{more}"


@dataclass(frozen=True, eq=False)
class Ledger:
    """The causes on which the answers about one graph do not rest."""

    entries: tuple[Entry, ...]
    unread: tuple[Entry, ...]
    """Resources that the review does not read, without an effect on those that it reads."""

    @classmethod
    def collect(cls, entries: Iterable[Entry]) -> "Ledger":
        found = list(entries)
        return cls(tuple(entry for entry in found if entry.ways), tuple(entry for entry in found if not entry.ways))

    @property
    def lines(self) -> list[str]:
        """The section "This does not rest on" of a report."""
        return [*map(str, (*self.entries, *self.unread))]

    def vouch(self, claim: Claim) -> Vouched | Withheld:
        """The sentence if nothing can falsify it."""
        found = ((entry, claim.is_falsified_by(entry)) for entry in self.entries)
        because = tuple(entry.describe(ways) for entry, ways in found if ways)
        return Withheld(claim, because) if because else Vouched(claim.words, _SEAL)
