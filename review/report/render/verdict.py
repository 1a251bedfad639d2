"""The verdict on a stack, before any number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...graph.prose import format_count
from ...ledger.ledger import Withheld
from ...reach.path import list_open_paths
from ..report import Report
from ..tone import Tone
from . import outside, words

if TYPE_CHECKING:
    from ...rules import Rule

_CALLERS: Final = 4
"""Callers that are named; the others are counted."""
_GRAVEST: Final = (Tone.BAD, Tone.WARN, Tone.GOOD, Tone.PLAIN)


@dataclass(frozen=True)
class Callers:
    """A sentence on callers, and the paths that it lists, if it lists any."""

    tone: Tone
    text: str
    paths: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The sentence and its list as one line."""
        return f"{self.text}: {', '.join(self.paths)}" if self.paths else self.text


@dataclass(frozen=True)
class Banner:
    """A headline, callers by sentence, and the rules that failed."""

    tone: Tone
    headline: str
    callers: tuple[Callers, ...]
    failed: tuple[Rule, ...]
    """The gravest first."""


def make_banner(report: Report) -> Banner:
    callers = tuple(_list_callers(report))
    failed = tuple(findings[0].rule for findings, _ in words.group_by_rule(report, "failed"))
    unsure = words.count_rules(report, "inconclusive")
    headline = f"{format_count(len(failed), 'rule')} failed" if failed else "No rule failed"
    headline += f", {unsure} undecided" if unsure else ""
    tones = {caller.tone for caller in callers} | {Tone.BAD if failed else Tone.WARN if report.undecided else Tone.GOOD}
    return Banner(next(tone for tone in _GRAVEST if tone in tones), headline, callers, failed)


def format_rule_names(headline: Banner) -> str:
    """`NET-02 (critical), ENC-02 (high)`."""
    return ", ".join(f"{rule.id} ({rule.severity.value})" for rule in headline.failed)


def _list_callers(report: Report) -> Iterator[Callers]:
    open_to_all = {endpoint.name for endpoint in report.anyone}
    for endpoint, line in zip(report.anyone, words.describe_open_endpoints(report), strict=True):
        yield Callers(Tone.WARN if endpoint.acknowledged else Tone.BAD, line)
    ways = list_open_paths(report.paths)
    for uncertain in (False, True):
        names: dict[str, None] = {}
        for way in ways:
            hops = [hop for hop in way.hops if hop.name]
            counted = way.source == "internet" and bool(hops) and hops[0].name in open_to_all
            if bool(way.uncertainty) is uncertain and not counted:
                demands = " → ".join(str(hop) for hop in hops if hop.label)
                names[f"{way.source} → {demands or (hops[0] if hops else way.target)}"] = None
        if names:
            more = [f"{len(names) - _CALLERS} more"] if len(names) > _CALLERS else []
            listed = (*list(names)[:_CALLERS], *more)
            undecided = Callers(Tone.WARN, "cannot tell whether a call arrives", listed)
            yield undecided if uncertain else Callers(Tone.GOOD, "callers", listed)
    withheld = isinstance(report.others, Withheld)
    if not ways or withheld:
        yield Callers(Tone.WARN if withheld else Tone.GOOD, outside.describe_outside(report))
    yield from (Callers(Tone.PLAIN, sentence) for sentence in report.unseen_callers)
