"""The verdict on a change, in five sentences at most: money, callers, what stops, what the backend sees, rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...graph.prose import count, listed
from . import costs, words

if TYPE_CHECKING:
    from ...compare.callers import Caller
    from ...compare.changes import Changes
    from ..report import Report

_NAMED = 3
"""Things that a sentence names; the others are counted."""


def verdict(report: Report) -> Iterator[tuple[str, words.Tone, str]]:
    """A word, its tone and a sentence each, in this order; nothing if there is nothing to compare with."""
    changes = report.changes
    if changes is None:
        return
    calls = costs.difference(*changes.per_million, "per million requests")
    yield "money", words.Tone.PLAIN, f"{costs.fixed_difference(report.bill, changes)}; {calls}"
    yield "callers", *_callers(changes)
    yield "calls", *_stops(changes)
    if changes.seen:
        yield "backend", words.Tone.WARN, f"it sees {_some(changes.seen, '; ')}"
    yield "rules", *_rules(report, changes)


def _callers(changes: Changes) -> tuple[words.Tone, str]:
    said = []
    if changes.admitted:
        said.append("may call from now on: " + _some([_who(one, "without") for one in changes.admitted]))
    if changes.shut_out:
        said.append("may no longer call: " + _some([_who(one, "unless with") for one in changes.shut_out]))
    if changes.unclear:
        said.append(f"cannot tell for {_some(changes.unclear)}, which the review does not understand")
    tone = words.Tone.BAD if changes.admitted else words.Tone.WARN if said else words.Tone.GOOD
    return tone, "; ".join(said) or "the same as before, and no others"


def _who(caller: Caller, proviso: str) -> str:
    notes = [f"{proviso} {listed(caller.demands)}"] if caller.demands else []
    notes += [f"cannot tell: {caller.way.uncertainty}"] if caller.way.uncertainty else []
    return caller.pair + (f" ({'; '.join(notes)})" if notes else "")


def _stops(changes: Changes) -> tuple[words.Tone, str]:
    if changes.refused:
        return words.Tone.BAD, f"the update fails: {_some(changes.refused)}"
    if changes.interruptions:
        return words.Tone.WARN, _some(changes.interruptions)
    moved = len(changes.moved)
    said = f"not cut: {count(moved, 'path is', 'paths are')} led another way first" if moved else "nothing stops"
    return words.Tone.GOOD, said


def _rules(report: Report, changes: Changes) -> tuple[words.Tone, str]:
    said = []
    if changes.broken:
        said.append(f"newly broken: {_some(changes.broken, '; ')}")
    if changes.mended:
        said.append(f"mended: {_some(changes.mended, '; ')}")
    failing = report.of_status("failed")
    if not said and failing:
        rules = list(dict.fromkeys(f"{one.rule.id} ({one.rule.severity.value})" for one in failing))
        said.append(f"as before, {count(len(rules), 'rule fails', 'rules fail')}: {_some(rules)}")
    tone = words.Tone.BAD if changes.broken or (failing and not changes.mended) else words.Tone.GOOD
    return tone, "; ".join(said) or f"none is newly broken; {report.tally.passed} passed"


def _some(things: Sequence[str], between: str = ", ") -> str:
    more = len(things) - _NAMED
    return between.join(things[:_NAMED]) + (f"{between}and {more} more" if more > 0 else "")
