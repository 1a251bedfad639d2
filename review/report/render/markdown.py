"""The report as Markdown for a pull-request comment: the important parts first, the others folded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from ...graph.prose import make_printable
from ...reach.path import Kind
from ..diagram import format_mermaid
from ..report import Report, describe_source_in_full
from ..tone import Tone
from . import costs, outside, words
from .verdict import format_rule_names, make_banner

if TYPE_CHECKING:
    from ...rules import Finding

_ESCAPED: Final = str.maketrans(
    {**{sign: f"\\{sign}" for sign in "\\`*_~|[]#"}, "&": "&amp;", "<": "&lt;", ">": "&gt;"}
)
_LINKED: Final = re.compile(r"([@#](?=\w)|:(?=//)|\bwww(?=\.)|\bGH(?=-\d))", re.IGNORECASE)
"""Text that GitHub makes a mention, an issue or a link, escaped or not: https://github.com/github/cmark-gfm/issues/181"""


_FORMULA: Final = re.compile(r"\$(?!\d)")
"""Signs that could end a formula: https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting"""


def format_markdown(report: Report, *, only_changes: bool = False) -> str:
    """The whole report. After a comparison it is folded, or left out with `only_changes`."""
    head = [f"## {escape(words.format_title(report))}", *_format_changes(report)]
    if report.changes is None:
        blocks = [*head, *_format_report(report)]
    elif only_changes:
        blocks = head
    else:
        blocks = [*head, *_fold("The whole report", ["\n\n".join(_format_report(report))])]
    return "\n\n".join([*blocks, f"<sub>{describe_source_in_full(report.origin)}</sub>"]) + "\n"


def _format_report(report: Report) -> list[str]:
    return [
        *(f"⚠️ {escape(note)}" for note in report.region_notes),
        "\n".join(_format_summary(report)),
        *([f"```mermaid\n{format_mermaid(report.diagram)}\n```"] if report.diagram.edges else []),
        *_format_failures(report),
        *_fold("Who can reach the backend", _format_reach(report)),
        *_fold(
            "This does not rest on",
            (f"- {escape(line)}" for line in report.ledger.lines),
        ),
        *_fold("What it costs a month", _format_costs(report)),
        *_fold(f"What would be built: {words.format_headline(report)}", _format_built(report)),
        *_format_rules(report),
        *_fold("Notes", (f"- {escape(note)}" for note in report.notes)),
    ]


def escape(text: str) -> str:
    """Text that does not end a table's cell, start markup, mention anybody, or lead to an issue or a page."""
    return _FORMULA.sub("<span>$</span>", _LINKED.sub(r"\1<!-- -->", make_printable(text).translate(_ESCAPED)))


def _fold(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A folded section; nothing if it would be empty."""
    if body := "\n".join(lines).strip():
        yield f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _format_table(heads: str, rule: str, rows: Iterable[str]) -> Iterator[str]:
    """A table, with an empty line before it; nothing if it has no rows."""
    if listed := list(rows):
        yield from ("", heads, rule, *listed)


def _format_summary(report: Report) -> Iterator[str]:
    bill, headline = report.bill, make_banner(report)
    mark = "❌" if headline.failed else "⚠️" if report.undecided else "✅"
    yield f"{mark} **{headline.headline}**" + (f": {format_rule_names(headline)}" if headline.failed else "")
    yield ""
    yield from (f"- {_mark(caller.tone)}{escape(caller.sentence)}" for caller in headline.callers)
    yield f"- **Builds** {words.format_headline(report)}"
    for label, amount, detail in costs.list_fixed_costs(bill):
        yield f"- **{amount} a month** {label}" + (f": {escape(detail)}" if amount == "?" else "")
    if together := costs.find_fixed_total(bill):
        yield f"- **{together[1]} a month** {together[0]}"
    yield from (f"- **{amount}** {label}" for label, amount, _ in costs.list_call_costs(bill))
    for place, (amount, meaning) in enumerate(costs.list_worst_month(report)):
        yield f"- **{amount}** {'' if place else 'at the limit all month: '}{escape(meaning)}"
    ways_in = [path for path in words.list_paths(report, Kind.INBOUND) if path.open]
    yield f"- **Who can reach the backend**: {escape(outside.describe_outside(report))}"
    for path in ways_in[:5]:
        only = outside.describe_only(report, path)
        yield f"- {escape(str(path))}{f' ({escape(only)})' if only else ''}"
    if len(ways_in) > 5:
        yield f"- and {len(ways_in) - 5} more paths from outside"
    yield f"- **Rules**: {words.format_verdict(report)}"


def _mark(tone: Tone) -> str:
    return f"{words.MARKS[tone]} " if words.MARKS[tone] else ""


def _format_changes(report: Report) -> Iterator[str]:
    changes = report.changes
    if report.not_compared:
        yield "### Not compared: what was there before has a fault of its own"
        # Indented, since no text ends such a block.
        yield "\n".join(f"    {make_printable(line)}" for line in report.not_compared.splitlines())
    if changes is not None:
        from ...compare.render import format_markdown_blocks

        yield from format_markdown_blocks(changes, escape)


def _format_failures(report: Report) -> Iterator[str]:
    if groups := words.group_by_rule(report, "failed"):
        yield "\n".join(["### Rules that failed", *(_format_failure(findings, more) for findings, more in groups)])


def _format_failure(findings: list[Finding], more: str) -> str:
    rule = findings[0].rule
    lines = [f"{escape(words.describe_subject(finding))}: {escape(finding.message)}" for finding in findings]
    lines += [more] if more else []
    title = f"- **{_link_rule(findings[0])}** ({rule.severity.value}) {'<br>'.join(lines)}"
    return f"{title}<br>→ {escape(rule.remedy)} ([why]({rule.source}))"


def _link_rule(finding: Finding) -> str:
    page = words.find_rule_page(finding)
    return f"[{finding.rule.id}]({page})" if page else finding.rule.id


def _format_reach(report: Report) -> Iterator[str]:
    for kind in Kind:
        for path in words.list_paths(report, kind):
            yield f"- {escape(path.describe(full=True))}"
    yield from (f"- limitation: {escape(line)}" for line in report.limitations)


def _format_costs(report: Report) -> Iterator[str]:
    bill = report.bill
    yield escape(f"{costs.describe_basis(bill)}.")
    rows = (
        f"| {escape(line.component)} | {escape(line.label)} | {costs.format_quantity(line)} | {line.unit} | "
        f"{costs.format_unit_price(line)} | {'?' if line.amount is None else costs.format_dollars(line.amount)} |"
        for line in costs.merge_lines(bill.lines)
    )
    yield from _format_table(
        "| component | item | quantity | unit | price | a month |", "|---|---|--:|---|--:|--:|", rows
    )
    yield ""
    yield from (f"- {escape(caveat)}" for caveat in costs.list_caveats(bill))


def _format_built(report: Report) -> Iterator[str]:
    rows = (
        f"| {'&nbsp;&nbsp;' * row.depth}{escape(row.name)} | {escape(row.kind)} | {escape(row.summary)} |"
        f" {row.resources or ''} |"
        for row in report.rows
    )
    yield from _format_table("| name | kind | what it is | resources |", "|---|---|---|--:|", rows)
    if report.hidden:
        yield ""
        yield f"Declared inside an `apply`, so a real preview does not show: {escape(', '.join(report.hidden))}."
    exports = (
        f"| {escape(export.name)} | {'' if export.known else '… '}{escape(export.text)} |" for export in report.exports
    )
    yield from _format_table("| output | value |", "|---|---|", exports)


def _format_rules(report: Report) -> Iterator[str]:
    lines = [f"- inconclusive **{rules}**: {escape(why)}" for rules, why in words.list_withheld_rules(report)]
    for findings, more in (*words.group_by_rule(report, "inconclusive"), *words.group_by_rule(report, "waived")):
        lines += map(_format_finding, findings)
        lines += [f"  - {more}"] if more else []
    yield from _fold("Rules that are waived or undecided", lines)


def _format_finding(finding: Finding) -> str:
    reason = f" — “{escape(finding.reason)}”" if finding.reason else ""
    status = f"{finding.status.value}, {finding.rule.severity.value}"
    about = f"{status} **{_link_rule(finding)}** {escape(words.describe_subject(finding))}"
    return f"- {about}: {escape(finding.message)}{reason}"
