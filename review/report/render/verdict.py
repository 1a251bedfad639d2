"""The verdict on a stack, before any number, and on a change, in five sentences at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...graph.prose import count
from ..report import Report
from . import costs, outside, words
from .words import Tone

if TYPE_CHECKING:
    from ...compare.changes import Changes
    from ...rules import Rule

_CALLERS: Final = 4
"""Callers that are named; the others are counted."""
_GRAVEST: Final = (Tone.BAD, Tone.WARN, Tone.GOOD)


@dataclass(frozen=True)
class Callers:
    """A sentence on callers, and the paths that it lists, if it lists any."""

    tone: Tone
    said: str
    paths: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence and its list as one line."""
        return f"{self.said}: {', '.join(self.paths)}" if self.paths else self.said


@dataclass(frozen=True)
class Banner:
    """A headline, callers by sentence, and the rules that failed."""

    tone: Tone
    headline: str
    callers: tuple[Callers, ...]
    failed: tuple[Rule, ...]
    """The gravest first."""


def banner(report: Report) -> Banner:
    callers = tuple(_who_calls(report))
    failed = tuple(found[0].rule for found, _ in words.by_rule(report, "failed"))
    unsure = words.rules_of(report, "inconclusive")
    headline = f"{count(len(failed), 'rule')} failed" if failed else "No rule failed"
    headline += f", {unsure} inconclusive" if unsure else ""
    tones = {one.tone for one in callers} | {Tone.BAD if failed else Tone.WARN if report.undecided else Tone.GOOD}
    return Banner(next(one for one in _GRAVEST if one in tones), headline, callers, failed)


def rule_names(found: Banner) -> str:
    """`NET-02 (critical), ENC-02 (high)`."""
    return ", ".join(f"{rule.id} ({rule.severity.value})" for rule in found.failed)


def _who_calls(report: Report) -> Iterator[Callers]:
    open_to_all = {one.name for one in report.anyone}
    for one, line in zip(report.anyone, words.open_to_anyone(report), strict=True):
        yield Callers(Tone.WARN if one.acknowledged else Tone.BAD, line)
    ways = outside.open_paths(report)
    for doubt in (False, True):
        names: dict[str, None] = {}
        for way in ways:
            hops = [hop for hop in way.hops if hop.name]
            counted = way.source == "internet" and bool(hops) and hops[0].name in open_to_all
            if bool(way.uncertainty) is doubt and not counted:
                demands = " → ".join(str(hop) for hop in hops if hop.label)
                names[f"{way.source} → {demands or (hops[0] if hops else way.target)}"] = None
        if names:
            more = [f"{len(names) - _CALLERS} more"] if len(names) > _CALLERS else []
            listed = (*list(names)[:_CALLERS], *more)
            doubted = Callers(Tone.WARN, "cannot tell whether this is open", listed)
            yield doubted if doubt else Callers(Tone.GOOD, "open", listed)
    if not ways or report.unread:
        yield Callers(Tone.WARN if report.unread else Tone.GOOD, outside.from_outside(report))


_NAMED: Final = 3
"""Things that a sentence names; the others are counted."""


def verdict(report: Report) -> Iterator[tuple[str, Tone, str]]:
    """A word, its tone and a sentence each, in this order; nothing if there is nothing to compare with."""
    changes = report.changes
    if changes is None:
        return
    calls = costs.difference(*changes.per_million, "per million requests")
    yield "money", Tone.PLAIN, f"{costs.fixed_difference(report.bill, changes)}; {calls}"
    yield "callers", *callers_sentence(changes)
    yield "calls", *_stops(changes)
    if changes.seen:
        yield "backend", Tone.WARN, f"it sees {_some(changes.seen, '; ')}"
    yield "rules", *_rules(report, changes)


def callers_sentence(changes: Changes) -> tuple[Tone, str]:
    found = changes.callers
    said = [
        f"{words}: {_some(lines)}"
        for words, lines in (
            ("may call from now on", found.admitted),
            ("may no longer call", found.shut_out),
            ("changed, and not judged", found.unjudged),
        )
        if lines
    ]
    tone = Tone.BAD if found.admitted else Tone.WARN if said else Tone.GOOD
    once = "once the update succeeds: " if said and changes.refused else ""
    return tone, once + "; ".join(said) if said else "the same as before, and no others"


def _stops(changes: Changes) -> tuple[Tone, str]:
    if changes.refused:
        return Tone.BAD, f"the update fails: {_some(changes.refused)}"
    if changes.interruptions:
        return Tone.WARN, _some(changes.interruptions)
    moved = len(changes.moved)
    said = f"not cut: {count(moved, 'path is', 'paths are')} led another way first" if moved else "nothing stops"
    return Tone.GOOD, said


def _rules(report: Report, changes: Changes) -> tuple[Tone, str]:
    said = []
    if changes.broken:
        said.append(f"newly broken: {_some(changes.broken, '; ')}")
    if changes.mended:
        said.append(f"{'once the update succeeds, ' if changes.refused else ''}mended: {_some(changes.mended, '; ')}")
    failing = report.of_status("failed")
    if not said and failing:
        rules = list(dict.fromkeys(f"{one.rule.id} ({one.rule.severity.value})" for one in failing))
        said.append(f"as before, {count(len(rules), 'rule fails', 'rules fail')}: {_some(rules)}")
    tone = Tone.BAD if changes.broken or (failing and not changes.mended) else Tone.GOOD
    return tone, "; ".join(said) or f"none is newly broken; {report.tally.passed} passed"


def _some(things: Sequence[str], between: str = ", ") -> str:
    more = len(things) - _NAMED
    return between.join(things[:_NAMED]) + (f"{between}and {more} more" if more > 0 else "")
