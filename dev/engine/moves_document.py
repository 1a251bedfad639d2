"""What dev/moves.json says of a move, beside the engine's steps.

A fresh review of a broken program agrees with the engine about the breakage; the record is the program's promise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from review.compare.engine.order import Verb

from .cli import ROOT, Outcome

RECORD: Final = ROOT / "dev" / "moves.json"
_OPERATIONS: Final[Mapping[str, str]] = {
    Verb.CREATE: "create",
    Verb.UPDATE: "update",
    Verb.DELETE: "delete",
    Verb.CREATE_REPLACEMENT: "create-replacement",
    Verb.DELETE_REPLACED: "delete-replaced",
    Verb.DELETE_FIRST: "delete-replaced",
}
_QUOTED: Final = re.compile("“(.+?)”")
_BEFORE: Final = re.compile("“([^”]+)” completes the new path before “([^”]+)”")


@dataclass(frozen=True)
class Row:
    """A move of the record."""

    calls: str
    replaced: frozenset[str]
    details: str

    @property
    def orders(self) -> list[list[str]]:
        """Steps of which each comes before the next one, in the record's words."""
        if self.calls == "refused":
            return []
        # Here the engine's steps have no types, only names.
        details = re.sub(r" \(\w+\)”", "”", self.details)
        pairs = [[*pair] for pair in _BEFORE.findall(details)]
        named = {step for pair in pairs for step in pair}
        return [*pairs, *([step] for step in _QUOTED.findall(details) if step not in named)]


@cache
def rows() -> Mapping[str, Row]:
    """The moves of the record, by name."""
    records: dict[str, dict[str, str]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return {
        name: Row(move["calls"], frozenset(move["replaced"].split(", ")) - {"nothing"}, move["details"])
        for name, move in records.items()
    }


def replaced_otherwise(row: Row, replaced: Iterable[str]) -> Iterator[str]:
    """Where the engine replaces other resources than the record says."""
    mine = set(replaced)
    for name in sorted(mine - row.replaced):
        yield f"{name} is replaced, and moves.json does not say so"
    for name in sorted(row.replaced - mine):
        yield f"{name} is not replaced, and moves.json says so"


def out_of_order(orders: Iterable[Sequence[str]], outcome: Outcome) -> Iterator[str]:
    """Where the engine's steps are not in these orders; each step is in the review's words."""
    at: dict[tuple[str, str], int] = {}
    for position, step in enumerate(outcome.steps):
        at.setdefault((step.operation, step.name), position)
    for order in orders:
        last, before = -1, ""
        for words in order:
            verb, _, name = words.rpartition(" ")
            number = at.get((_OPERATIONS.get(verb, verb), name))
            if number is None:
                yield f"“{words}” is no step of the engine"
            elif number < last:
                yield f"“{words}” comes before “{before}”"
            else:
                last, before = number, words
