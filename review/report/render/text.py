"""The report for a terminal: plain lines in a pipe, colour on a screen."""

import shutil
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from ...graph.prose import HARD_SPACE, format_count, make_printable
from ...reach.path import Kind, Path
from ..report import Report, describe_source
from ..tone import Tone
from . import costs, outside, words
from .verdict import format_rule_names, make_banner

if TYPE_CHECKING:
    from ...compare.comparison import Comparison

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
    """With all members of each need, exports, and what is named by its number otherwise."""


def format_plain(report: Report, width: int = PIPE_WIDTH, parts: Parts = Parts()) -> str:  # it is frozen
    """The report as text without any style."""
    return "".join(f"{_join_spans(line).rstrip()}\n" for line in format_lines(report, width, parts))


def _join_spans(line: Line) -> str:
    return "".join(span.text for span in line)


def show(report: Report, to: TextIO, colour: bool, parts: Parts) -> None:
    """Write the report, with colour if asked."""
    width = min(max(shutil.get_terminal_size((PIPE_WIDTH, 0)).columns, 60), 160) if to.isatty() else PIPE_WIDTH
    if not colour:
        to.write(format_plain(report, width, parts))
        return
    # Imported here: most runs are in a pipe, and have no use for it.
    try:
        from rich.console import Console
        from rich.text import Text
    except ModuleNotFoundError:
        # The environment of a program of one's own need not have it.
        to.write(format_plain(report, width, parts))
        return
    console = Console(file=to, highlight=False, force_terminal=True, width=width)
    for line in format_lines(report, width, parts):
        console.print(Text.assemble(*((span.text, span.style) for span in line)), soft_wrap=True)


def format_lines(report: Report, width: int, parts: Parts) -> Iterator[Line]:
    """All lines of the report. What a program wrote neither breaks a line nor steers the terminal."""
    for line in _list_lines(report, width, parts):
        yield [Span(make_printable(span.text), span.style) for span in line]


def _list_lines(report: Report, width: int, parts: Parts) -> Iterator[Line]:
    yield from _justify(Span(words.format_title(report), "bold"), Span(describe_source(report.origin), "dim"), width)
    for note in report.region_notes:
        yield from _wrap([], note, width, "bold red")
    for section in _list_sections(parts):
        if body := list(section(report, width)):
            yield []
            yield from body


def _list_sections(parts: Parts) -> list[Section]:
    if parts.only_changes:
        return [_format_changes]
    return [
        _format_all_changes if parts.verbose else _format_changes,
        _format_verdict,
        _format_built,
        _format_all_costs if parts.verbose else _format_costs,
        _format_worst_month,
        _format_full_reach if parts.verbose else _format_reach,
        _format_ledger,
        _format_rules,
        _format_notes,
        *([_format_exports] if parts.verbose else []),
    ]


def _justify(left: Span, right: Span, width: int) -> Iterator[Line]:
    """Both at the edges of one line, or on lines of their own if they do not fit."""
    padding = width - len(left.text) - len(right.text)
    if padding >= 2 or not right.text:
        yield [left, Span(" " * padding), right]
    else:
        yield from _wrap([], left.text, width, left.style)
        yield from _wrap([], right.text, width, right.style)


def _format_head(title: str, aside: str, width: int) -> Iterator[Line]:
    return _justify(Span(title, "bold cyan"), Span(aside, "dim"), width)


def _wrap(first: list[Span], text: str, width: int, style: str = "") -> Iterator[Line]:
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


def _format_verdict(report: Report, width: int) -> Iterator[Line]:
    headline = make_banner(report)
    yield from _wrap([Span("VERDICT   ", "bold cyan")], headline.headline, width, _TONES[headline.tone])
    if headline.failed:
        yield from _indent(f"failed: {format_rule_names(headline)}", width, "bold red")
    for caller in headline.callers:
        yield from _indent(caller.sentence, width, _TONES[caller.tone])


def _format_all_changes(report: Report, width: int) -> Iterator[Line]:
    return _format_changes(report, width, verbose=True)


def _format_changes(report: Report, width: int, *, verbose: bool = False) -> Iterator[Line]:
    changes = report.changes
    if report.not_compared:
        yield from _format_head("WHAT CHANGES   not known: what was there before has a fault of its own", "", width)
        for line in report.not_compared.splitlines():
            yield [Span("  "), Span(line, "yellow")]
    if changes is not None:
        from ...compare.render import format_text_lines

        yield from _format_head(f"WHAT CHANGES   {changes.counts}", f"against {changes.against}", width)
        for sign, whole in format_text_lines(changes):
            text = whole if verbose or whole != changes.scope else _shorten_scope(changes)
            start = [Span(f"    {sign} ", _SIGNS[sign])] if sign else [Span("  ")]
            yield from _wrap(start, text, width, "" if sign else "bold")


def _shorten_scope(changes: "Comparison") -> str:
    """What was compared, in one line."""
    lacking = (
        f"; {format_count(len(changes.not_compared), 'part')} could not be compared" if changes.not_compared else ""
    )
    return f"Compared: {len(changes.compared)} parts of each version{lacking} (--verbose names them)"


def _format_built(report: Report, width: int) -> Iterator[Line]:
    yield from _format_head("WHAT WOULD BE BUILT", words.format_headline(report), width)
    names = [("  " * row.depth + ("└ " if row.depth else "") + row.name, row) for row in report.rows]
    first = max((len(name) for name, _ in names), default=0) + 2
    second = max((len(row.kind) for row in report.rows), default=0) + 2
    for name, row in names:
        number = str(row.resources or "")
        start = [Span("  "), Span(name.ljust(first), "bold"), Span(row.kind.ljust(second), "dim")]
        head, *body = _wrap(start, row.summary, width - 5)
        padding = max(width - sum(len(span.text) for span in head) - len(number), 2)
        yield [*head, Span(" " * padding), Span(number, "dim")]
        yield from body
    for name in report.hidden:
        yield [Span("  "), Span(f"{name}: declared inside an apply, so a real preview does not show it", "yellow")]


def _format_exports(report: Report, width: int) -> Iterator[Line]:
    if not report.exports:
        return
    yield from _format_head("WHAT IT EXPORTS", "… marks values known only after deployment", width)
    filled = [export for export in report.exports if not export.empty]
    first = max((len(export.name) for export in filled), default=0) + 2
    for export in filled:
        start = [Span("  "), Span(export.name.ljust(first)), Span("  " if export.known else "… ", "dim")]
        yield from _wrap(start, export.text, width, "" if export.known else "dim")
    if empty := [export.name for export in report.exports if export.empty]:
        yield from _indent(f"empty: {', '.join(empty)}", width, "dim")


def _format_all_costs(report: Report, width: int) -> Iterator[Line]:
    return _format_costs(report, width, verbose=True)


def _format_costs(report: Report, width: int, *, verbose: bool = False) -> Iterator[Line]:
    bill = report.bill
    yield from _format_head("WHAT IT COSTS A MONTH", costs.describe_basis(bill), width)
    entries = [
        *costs.list_fixed_costs(bill),
        *filter(None, [costs.find_fixed_total(bill)]),
        *costs.list_call_costs(bill),
    ]
    if bill.list_other_use():
        entries.append(
            ("by other use", costs.format_sum(bill.list_other_use()), costs.describe_items(bill.list_other_use()))
        )
    first = max(len(label) for label, _, _ in entries) + 2
    for label, amount, detail in entries:
        start = [Span("  "), Span(label.ljust(first)), Span(amount.rjust(_MONEY), "bold green"), Span("   ")]
        yield from _wrap(start, detail, width)
    for caveat in costs.list_caveats(bill, brief=not verbose):
        yield from _indent(caveat, width, "dim")


def _format_worst_month(report: Report, width: int) -> Iterator[Line]:
    if worst := costs.list_worst_month(report):
        yield from _format_head(
            "AT THE LIMIT ALL MONTH", "if callers send as much as throttles and quotas allow", width
        )
        for amount, meaning in worst:
            yield from _wrap([Span("  "), Span(amount.rjust(_MONEY), "bold"), Span("   ")], meaning, width)


def _format_full_reach(report: Report, width: int) -> Iterator[Line]:
    return _format_reach(report, width, verbose=True)


def _format_reach(report: Report, width: int, *, verbose: bool = False) -> Iterator[Line]:
    yield from _format_head("WHO CAN REACH THE BACKEND", "", width)
    yield from _indent(outside.describe_outside(report), width, "yellow" if report.ledger.entries else "bold")
    for kind in (Kind.INBOUND, Kind.PEOPLE, Kind.OUTBOUND):
        for path in words.list_paths(report, kind):
            yield from _format_path(report, path, width, verbose=verbose)
    if report.limitations:
        yield [Span("  limitations")]
        for line in report.limitations:
            yield from _wrap([Span("      ")], line, width, "dim")


def _format_ledger(report: Report, width: int) -> Iterator[Line]:
    if entries := report.ledger.lines:
        yield from _format_head("THIS DOES NOT REST ON", "", width)
        for entry in entries:
            yield from _wrap([Span("  ")], entry, width, "yellow")


def _format_path(report: Report, path: Path, width: int, *, verbose: bool) -> Iterator[Line]:
    only = outside.describe_only(report, path) if path.kind is Kind.INBOUND else ""
    yield from _indent(f"{path.describe(full=verbose)}   {only}".rstrip(), width, "" if path.open else "dim")


def _indent(text: str, width: int, style: str = "") -> Iterator[Line]:
    """A line of a list, whose continuations are indented, so that the next entry is seen to begin."""
    pieces = textwrap.wrap(text, width - 4, break_long_words=False, break_on_hyphens=False) or [""]
    yield from ([Span("    " if at else "  "), Span(piece, style)] for at, piece in enumerate(pieces))


def _format_rules(report: Report, width: int) -> Iterator[Line]:
    yield from _format_head(f"RULES   {words.format_verdict(report)}", "", width)
    for status, (word, style) in _STATUSES.items():
        for rules, why in words.list_withheld_rules(report) if status == "inconclusive" else ():
            start = [Span("  "), Span(word.ljust(11), style)]
            yield from _wrap(start, f"{rules}: {why}", width)
        for findings, more in words.group_by_rule(report, status):
            for finding in findings:
                severity = Span(f"{finding.rule.severity.value}  ", style)
                start = [Span("  "), Span(word.ljust(11), style), Span(f"{finding.rule.id}  ", "bold"), severity]
                yield from _wrap(start, f"{words.describe_subject(finding)}: {finding.message}", width)
                if finding.reason:
                    yield from _wrap([Span(" " * 13)], f"“{finding.reason}”", width, "dim")
            if more:
                yield [Span(" " * 13), Span(more, style)]
            if status == "failed":
                yield from _wrap([Span(" " * 13)], f"→ {findings[0].rule.remedy}", width, "dim")


_STATUSES: Final = {
    "failed": ("fail", "bold red"),
    "inconclusive": ("undecided", "yellow"),
    "waived": ("waived", "dim"),
}


def _format_notes(report: Report, width: int) -> Iterator[Line]:
    if report.notes:
        yield from _format_head("NOTES", "", width)
        for note in report.notes:
            yield from _wrap([Span("  ")], note, width)
