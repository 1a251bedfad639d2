"""The verdict on a stack, before any number: which rules failed, and who can call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...graph.prose import count
from ..report import Report
from . import outside, words
from .words import Tone

if TYPE_CHECKING:
    from ...rules import Rule

_NAMED: Final = 4
"""Callers that are named; the others are counted."""
_GRAVEST: Final = (Tone.BAD, Tone.WARN, Tone.GOOD)


@dataclass(frozen=True)
class Banner:
    """A headline, callers by sentence, and the rules that failed."""

    tone: Tone
    headline: str
    callers: tuple[tuple[Tone, str], ...]
    failed: tuple[Rule, ...]
    """The gravest first."""


def banner(report: Report) -> Banner:
    """The verdict on a stack."""
    callers = tuple(_callers(report))
    failed = tuple(found[0].rule for found, _ in words.by_rule(report, "failed"))
    unsure = words.rules_of(report, "inconclusive")
    headline = f"{count(len(failed), 'rule')} failed" if failed else "No rule failed"
    headline += f", {unsure} inconclusive" if unsure else ""
    tones = {tone for tone, _ in callers} | {Tone.BAD if failed else Tone.WARN if report.undecided else Tone.GOOD}
    return Banner(next(one for one in _GRAVEST if one in tones), headline, callers, failed)


def rule_names(found: Banner) -> str:
    """`NET-02 (critical), ENC-02 (high)`."""
    return ", ".join(f"{rule.id} ({rule.severity.value})" for rule in found.failed)


def _callers(report: Report) -> Iterator[tuple[Tone, str]]:
    open_to_all = {one.name for one in report.anyone}
    yield from ((Tone.WARN if report.acknowledged else Tone.BAD, line) for line in words.open_to_anyone(report))
    ways = outside.open_paths(report)
    first = {id(way): next((hop for hop in way.hops if hop.name), None) for way in ways}
    demands = {id(way): " → ".join(str(hop) for hop in way.hops if hop.name and hop.label) for way in ways}
    for doubt in (False, True):
        names = dict.fromkeys(
            f"{way.source} → {demands[id(way)] or first[id(way)] or way.target}"
            for way in ways
            if bool(way.uncertainty) is doubt
            and not ((hop := first[id(way)]) is not None and way.source == "internet" and hop.name in open_to_all)
        )
        if names:
            said = ", ".join(list(names)[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
            yield (Tone.WARN, f"cannot tell whether this is open: {said}") if doubt else (Tone.GOOD, f"open: {said}")
    if not ways or report.unread:
        yield Tone.WARN if report.unread else Tone.GOOD, outside.from_outside(report)
