"""The report for a terminal: plain lines in a pipe, colour on a screen."""

import shutil
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TextIO

from ...compare.render import text_lines
from ...graph.prose import HARD_SPACE, printable
from ...reach.path import Kind, Path
from ..report import Report, disclaimer
from ..tone import Tone
from . import costs, outside, words
from .verdict import banner, rule_names

PIPE_WIDTH: Final = 120
_MONEY: Final = 12
_BESIDE: Final = 30
"""Characters that a text needs beside another one."""
_BELOW: Final = 6
_SIGNS: Final = {"±": "bold red", "-": "red", "+": "green", "~": "yellow"}


@dataclass(frozen=True)
class Span:
    """A piece of a line, with rich's name of its style."""

    text: str
    style: str = ""


Line = list[Span]
Section = Callable[[Report, int], Iterator[Line]]


@dataclass(frozen=True)
class Parts:
    """The parts of the report that are shown."""

    only_changes: bool = False
    verbose: bool = False
    """With the rules of each path, and exports."""


def plain(report: Report, width: int = PIPE_WIDTH, parts: Parts = Parts()) -> str:  # it is frozen
    """The report as text without any style."""
    return "".join(f"{_text(line).rstrip()}\n" for line in lines(report, width, parts))


def _text(line: Line) -> str:
    return "".join(span.text for span in line)


def show(report: Report, to: TextIO, colour: bool, parts: Parts) -> None:
    """Write the report, with colour if asked."""
    width = min(max(shutil.get_terminal_size((PIPE_WIDTH, 0)).columns, 60), 160) if to.isatty() else PIPE_WIDTH
    if not colour:
        to.write(plain(report, width, parts))
        return
    # Imported here: most runs are in a pipe, and have no use for it.
    try:
        from rich.console import Console
        from rich.text import Text
    except ModuleNotFoundError:
        # The environment of a program of one's own need not have it.
        to.write(plain(report, width, parts))
        return
    console = Console(file=to, highlight=False, force_terminal=True, width=width)
    for line in lines(report, width, parts):
        console.print(Text.assemble(*((span.text, span.style) for span in line)), soft_wrap=True)


def lines(report: Report, width: int, parts: Parts) -> Iterator[Line]:
    """All lines of the report. What a program wrote neither breaks a line nor steers the terminal."""
    for line in _lines(report, width, parts):
        yield [Span(printable(span.text), span.style) for span in line]


def _lines(report: Report, width: int, parts: Parts) -> Iterator[Line]:
    yield from _spread(Span(words.title(report), "bold"), Span(disclaimer(report.origin), "dim"), width)
    for note in report.region_notes:
        yield from _wrapped([], note, width, "bold red")
    for section in _sections(parts):
        if body := list(section(report, width)):
            yield []
            yield from body


def _sections(parts: Parts) -> list[Section]:
    if parts.only_changes:
        return [_changes]
    if parts.verbose:
        return [_changes, _verdict, _built, _costs, _worst_month, _reach_in_full, _rules, _noted, _exported]
    return [_changes, _verdict, _built, _costs, _worst_month, _reach, _rules, _noted]


def _spread(left: Span, right: Span, width: int) -> Iterator[Line]:
    """Both at the edges of one line, or on lines of their own if they do not fit."""
    gap = width - len(left.text) - len(right.text)
    if gap >= 2 or not right.text:
        yield [left, Span(" " * gap), right]
    else:
        yield from _wrapped([], left.text, width, left.style)
        yield from _wrapped([], right.text, width, right.style)


def _head(title: str, aside: str, width: int) -> Iterator[Line]:
    return _spread(Span(title, "bold cyan"), Span(aside, "dim"), width)


def _wrapped(first: list[Span], text: str, width: int, style: str = "") -> Iterator[Line]:
    """`text` beside `first`, and under itself where it is too long; below `first` if there is little room beside it."""
    indent = sum(len(span.text) for span in first)
    longest = max(map(len, text.split()), default=0)
    if width - indent < min(_BESIDE, len(text)) or width - indent < longest <= width - _BELOW:
        yield first
        first = [Span(" " * _BELOW)]
        indent = _BELOW
    pieces = textwrap.wrap(text, max(width - indent, _BESIDE), break_long_words=False, break_on_hyphens=False) or [""]
    for at, piece in enumerate(pieces):
        yield [*([Span(" " * indent)] if at else first), Span(piece.replace(HARD_SPACE, " "), style)]


_TONES: Final = {
    Tone.BAD: "bold red",
    Tone.GOOD: "green",
    Tone.WARN: "bold yellow",
    Tone.PLAIN: "dim",
}


def _verdict(report: Report, width: int) -> Iterator[Line]:
    headline = banner(report)
    yield from _wrapped([Span("VERDICT   ", "bold cyan")], headline.headline, width, _TONES[headline.tone])
    if headline.failed:
        yield from _hanging(f"failed: {rule_names(headline)}", width, "bold red")
    for caller in headline.callers:
        yield from _hanging(caller.sentence, width, _TONES[caller.tone])


def _changes(report: Report, width: int) -> Iterator[Line]:
    changes = report.changes
    if report.not_compared:
        yield from _head("WHAT CHANGES   not known: what was there before has a fault of its own", "", width)
        for line in report.not_compared.splitlines():
            yield [Span("  "), Span(line, "yellow")]
    if changes is not None:
        yield from _head(f"WHAT CHANGES   {changes.counts}", f"against {changes.against}", width)
        for sign, text in text_lines(changes):
            start = [Span(f"    {sign} ", _SIGNS[sign])] if sign else [Span("  ")]
            yield from _wrapped(start, text, width, "" if sign else "bold")


def _built(report: Report, width: int) -> Iterator[Line]:
    yield from _head("WHAT WOULD BE BUILT", words.headline(report), width)
    names = [("  " * row.depth + ("└ " if row.depth else "") + row.name, row) for row in report.rows]
    first = max((len(name) for name, _ in names), default=0) + 2
    second = max((len(row.kind) for row in report.rows), default=0) + 2
    for name, row in names:
        number = str(row.resources or "")
        start = [Span("  "), Span(name.ljust(first), "bold"), Span(row.kind.ljust(second), "dim")]
        head, *body = _wrapped(start, row.summary, width - 5)
        gap = max(width - sum(len(span.text) for span in head) - len(number), 2)
        yield [*head, Span(" " * gap), Span(number, "dim")]
        yield from body
    for name in report.hidden:
        yield [Span("  "), Span(f"{name}: declared inside an apply, so a real preview does not show it", "yellow")]


def _exported(report: Report, width: int) -> Iterator[Line]:
    if not report.exports:
        return
    yield from _head("WHAT IT EXPORTS", "… marks values known only after deployment", width)
    filled = [export for export in report.exports if not export.empty]
    first = max((len(export.name) for export in filled), default=0) + 2
    for export in filled:
        start = [Span("  "), Span(export.name.ljust(first)), Span("  " if export.known else "… ", "dim")]
        yield from _wrapped(start, export.text, width, "" if export.known else "dim")
    if empty := [export.name for export in report.exports if export.empty]:
        yield from _hanging(f"empty: {', '.join(empty)}", width, "dim")


def _costs(report: Report, width: int) -> Iterator[Line]:
    bill = report.bill
    yield from _head("WHAT IT COSTS A MONTH", costs.basis(bill), width)
    entries = [*costs.fixed_costs(bill), *filter(None, [costs.in_all(bill)]), *costs.call_costs(bill)]
    if bill.other_use():
        entries.append(("by other use", costs.sum_of(bill.other_use()), costs.made_up_of(bill.other_use())))
    first = max(len(label) for label, _, _ in entries) + 2
    for label, amount, detail in entries:
        start = [Span("  "), Span(label.ljust(first)), Span(amount.rjust(_MONEY), "bold green"), Span("   ")]
        yield from _wrapped(start, detail, width)
    for caveat in costs.caveats(bill):
        yield from _hanging(caveat, width, "dim")


def _worst_month(report: Report, width: int) -> Iterator[Line]:
    if worst := costs.worst_month(report):
        yield from _head("AT THE LIMIT ALL MONTH", "if callers send as much as throttles and quotas allow", width)
        for amount, meaning in worst:
            yield from _wrapped([Span("  "), Span(amount.rjust(_MONEY), "bold"), Span("   ")], meaning, width)


def _reach_in_full(report: Report, width: int) -> Iterator[Line]:
    return _reach(report, width, verbose=True)


def _reach(report: Report, width: int, *, verbose: bool = False) -> Iterator[Line]:
    yield from _head("WHO CAN REACH THE BACKEND", "", width)
    yield from _hanging(outside.from_outside(report), width, "yellow" if report.referring else "bold")
    for kind in (Kind.INBOUND, Kind.PEOPLE, Kind.OUTBOUND):
        for path in words.ways(report, kind):
            yield from _path(report, path, width, verbose=verbose)
    if report.limitations:
        yield [Span("  limitations")]
        for line in report.limitations:
            yield from _wrapped([Span("      ")], line, width, "dim")
    for token, names in report.unread:
        yield from _hanging(f"not read: {token} ({', '.join(names)})", width, "yellow")


def _path(report: Report, path: Path, width: int, *, verbose: bool) -> Iterator[Line]:
    only = "   the only way in" if path.kind is Kind.INBOUND and outside.is_only(report, path) else ""
    yield from _hanging(str(path) + only, width, "" if path.open else "dim")
    if not verbose:
        return
    if path.kind is Kind.INBOUND and path.open:
        for name, rule in words.reasons(path):
            yield from _wrapped([Span("      "), Span(f"{name}: ", "dim")], rule, width, "dim")
    if because := words.rests_on(path):
        yield from _wrapped([Span("      "), Span("depends on: ", "dim")], because, width, "dim")


def _hanging(text: str, width: int, style: str = "") -> Iterator[Line]:
    """A line of a list, whose continuations are indented, so that the next entry is seen to begin."""
    pieces = textwrap.wrap(text, width - 4, break_long_words=False, break_on_hyphens=False) or [""]
    yield from ([Span("    " if at else "  "), Span(piece, style)] for at, piece in enumerate(pieces))


def _rules(report: Report, width: int) -> Iterator[Line]:
    yield from _head(f"RULES   {words.verdict(report)}", "", width)
    for status, (word, style) in _STATUSES.items():
        for findings, more in words.by_rule(report, status):
            for finding in findings:
                severity = Span(f"{finding.rule.severity.value}  ", style)
                start = [Span("  "), Span(word.ljust(11), style), Span(f"{finding.rule.id}  ", "bold"), severity]
                yield from _wrapped(start, f"{words.about(finding)}: {finding.message}", width)
                if finding.reason:
                    yield from _wrapped([Span(" " * 13)], f"“{finding.reason}”", width, "dim")
            if more:
                yield [Span(" " * 13), Span(more, style)]
            if status == "failed":
                yield from _wrapped([Span(" " * 13)], f"→ {findings[0].rule.remedy}", width, "dim")


_STATUSES: Final = {
    "failed": ("fail", "bold red"),
    "inconclusive": ("undecided", "yellow"),
    "waived": ("waived", "dim"),
}


def _noted(report: Report, width: int) -> Iterator[Line]:
    if report.notes:
        yield from _head("NOTES", "", width)
        for note in report.notes:
            yield from _wrapped([Span("  ")], note, width)
