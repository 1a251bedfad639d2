"""The report as Markdown for a pull-request comment: the important parts first, the others folded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ...compare.render import markdown_blocks
from ...graph.prose import printable
from ...reach.path import Kind
from ..diagram import mermaid
from ..report import Report, long_disclaimer
from ..tone import Tone
from . import costs, outside, words
from .verdict import banner, rule_names

if TYPE_CHECKING:
    from ...rules import Finding

_ESCAPED: Final = str.maketrans(
    {**{sign: f"\\{sign}" for sign in "\\`*_~|[]#"}, "&": "&amp;", "<": "&lt;", ">": "&gt;"}
)
_LINKED: Final = re.compile(r"([@#](?=\w)|:(?=//)|\bwww(?=\.)|\bGH(?=-\d))", re.IGNORECASE)
"""Text that GitHub makes a mention, an issue or a link, escaped or not: https://github.com/github/cmark-gfm/issues/181"""


_FORMULA: Final = re.compile(r"\$(?!\d)")
"""Signs that could end a formula: https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting"""


def markdown(report: Report, *, only_changes: bool = False) -> str:
    """The whole report. After a comparison it is folded, or left out with `only_changes`."""
    head = [f"## {safe(words.title(report))}", *_changes(report)]
    if report.changes is None:
        blocks = [*head, *_report(report)]
    elif only_changes:
        blocks = head
    else:
        blocks = [*head, *_folded("The whole report", ["\n\n".join(_report(report))])]
    return "\n\n".join([*blocks, f"<sub>{long_disclaimer(report.origin)}</sub>"]) + "\n"


def _report(report: Report) -> list[str]:
    return [
        *(f"⚠️ {safe(note)}" for note in report.region_notes),
        "\n".join(_summary(report)),
        *([f"```mermaid\n{mermaid(report.diagram)}\n```"] if report.diagram.edges else []),
        *_failures(report),
        *_folded("Who can reach the backend", _reach(report)),
        *_folded("What it costs a month", _costs(report)),
        *_folded(f"What would be built: {words.headline(report)}", _built(report)),
        *_rules(report),
        *_folded("Notes", (f"- {safe(note)}" for note in report.notes)),
    ]


def safe(text: str) -> str:
    """Text that does not end a table's cell, start markup, mention anybody, or lead to an issue or a page."""
    return _FORMULA.sub("<span>$</span>", _LINKED.sub(r"\1<!-- -->", printable(text).translate(_ESCAPED)))


def _folded(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A folded section; nothing if it would be empty."""
    if body := "\n".join(lines).strip():
        yield f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _table(heads: str, rule: str, rows: Iterable[str]) -> Iterator[str]:
    """A table, with an empty line before it; nothing if it has no rows."""
    if listed := list(rows):
        yield from ("", heads, rule, *listed)


def _summary(report: Report) -> Iterator[str]:
    bill, headline = report.bill, banner(report)
    mark = "❌" if headline.failed else "⚠️" if report.undecided else "✅"
    yield f"{mark} **{headline.headline}**" + (f": {rule_names(headline)}" if headline.failed else "")
    yield ""
    yield from (f"- {_mark(caller.tone)}{safe(caller.sentence)}" for caller in headline.callers)
    yield f"- **Builds** {words.headline(report)}"
    for label, amount, detail in costs.fixed_costs(bill):
        yield f"- **{amount} a month** {label}" + (f": {safe(detail)}" if amount == "?" else "")
    if together := costs.in_all(bill):
        yield f"- **{together[1]} a month** {together[0]}"
    yield from (f"- **{amount}** {label}" for label, amount, _ in costs.call_costs(bill))
    for place, (amount, meaning) in enumerate(costs.worst_month(report)):
        yield f"- **{amount}** {'' if place else 'at the limit all month: '}{safe(meaning)}"
    ways_in = [path for path in words.ways(report, Kind.INBOUND) if path.open]
    yield f"- **Who can reach the backend**: {safe(outside.from_outside(report))}"
    for path in ways_in[:5]:
        yield f"- {safe(str(path))}{' (the only way in)' if outside.is_only(report, path) else ''}"
    if len(ways_in) > 5:
        yield f"- and {len(ways_in) - 5} more paths from outside"
    yield f"- **Rules**: {words.verdict(report)}"


def _mark(tone: Tone) -> str:
    return f"{words.MARKS[tone]} " if words.MARKS[tone] else ""


def _changes(report: Report) -> Iterator[str]:
    changes = report.changes
    if report.not_compared:
        yield "### Not compared: what was there before has a fault of its own"
        # Indented, since no text ends such a block.
        yield "\n".join(f"    {printable(line)}" for line in report.not_compared.splitlines())
    if changes is not None:
        yield from markdown_blocks(changes, safe)


def _failures(report: Report) -> Iterator[str]:
    if groups := words.by_rule(report, "failed"):
        yield "\n".join(["### Rules that failed", *(_failure(findings, more) for findings, more in groups)])


def _failure(findings: list[Finding], more: str) -> str:
    rule = findings[0].rule
    lines = [f"{safe(words.about(finding))}: {safe(finding.message)}" for finding in findings]
    lines += [more] if more else []
    title = f"- **{_linked(findings[0])}** ({rule.severity.value}) {'<br>'.join(lines)}"
    return f"{title}<br>→ {safe(rule.remedy)} ([why]({rule.source}))"


def _linked(finding: Finding) -> str:
    page = words.rule_page(finding)
    return f"[{finding.rule.id}]({page})" if page else finding.rule.id


def _reach(report: Report) -> Iterator[str]:
    for kind in Kind:
        for path in words.ways(report, kind):
            yield f"- {safe(str(path))}"
            if path.open and kind is Kind.INBOUND:
                yield from (f"  - {safe(name)}: {safe(rule)}" for name, rule in words.reasons(path))
    yield from (f"- limitation: {safe(line)}" for line in report.limitations)
    for token, names in report.unread:
        yield f"- not read: {safe(token)} ({safe(', '.join(names))})"


def _costs(report: Report) -> Iterator[str]:
    bill = report.bill
    yield safe(f"{costs.basis(bill)}.")
    rows = (
        f"| {safe(line.component)} | {safe(line.label)} | {costs.quantity(line)} | {line.unit} | "
        f"{costs.unit_price(line)} | {'?' if line.amount is None else costs.money(line.amount)} |"
        for line in costs.together(bill.lines)
    )
    yield from _table("| component | item | quantity | unit | price | a month |", "|---|---|--:|---|--:|--:|", rows)
    yield ""
    yield from (f"- {safe(caveat)}" for caveat in costs.caveats(bill))


def _built(report: Report) -> Iterator[str]:
    rows = (
        f"| {'&nbsp;&nbsp;' * row.depth}{safe(row.name)} | {safe(row.kind)} | {safe(row.summary)} |"
        f" {row.resources or ''} |"
        for row in report.rows
    )
    yield from _table("| name | kind | what it is | resources |", "|---|---|---|--:|", rows)
    if report.hidden:
        yield ""
        yield f"Declared inside an `apply`, so a real preview does not show: {safe(', '.join(report.hidden))}."
    exports = (
        f"| {safe(export.name)} | {'' if export.known else '… '}{safe(export.text)} |" for export in report.exports
    )
    yield from _table("| output | value |", "|---|---|", exports)


def _rules(report: Report) -> Iterator[str]:
    lines: list[str] = []
    for findings, more in (*words.by_rule(report, "inconclusive"), *words.by_rule(report, "waived")):
        lines += map(_finding, findings)
        lines += [f"  - {more}"] if more else []
    yield from _folded("Rules that are waived or undecided", lines)


def _finding(finding: Finding) -> str:
    reason = f" — “{safe(finding.reason)}”" if finding.reason else ""
    status = f"{finding.status.value}, {finding.rule.severity.value}"
    about = f"{status} **{_linked(finding)}** {safe(words.about(finding))}"
    return f"- {about}: {safe(finding.message)}{reason}"
