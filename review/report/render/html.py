"""The report as one page that needs no network: the diagram drawn, tables, and a search over all of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...compare.render import text_lines
from ...graph import UNKNOWN, Origin, Secret
from ...graph.prose import count
from ...reach.path import Kind
from ..report import Report, disclaimer, long_disclaimer, shown
from . import costs, outside, words
from .drawing import escape, svg
from .verdict import Callers, banner

if TYPE_CHECKING:
    from ...reach.path import Path as Way
    from ...rules import Finding

_HERE = Path(__file__).parent
_NOT_COPIED = (shown(Secret(None)), shown(UNKNOWN))
_NONE_OPEN = '<p class="soft">No rule is inconclusive or waived.</p>'
_TITLE = re.compile(r"<h1>(.*?)</h1>")


def page(fragments: Sequence[str], origin: Origin = Origin.PROGRAM) -> str:
    """A whole page of one or more stacks. What programs wrote is in it as text, never as markup."""
    style = "".join((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "diagram.css"))
    script = (_HERE / "page.js").read_text(encoding="utf-8")
    named = [html.unescape(title) for part in fragments for title in _TITLE.findall(part)]
    body = "\n".join(
        part.replace('<section class="stack"', f'<section class="stack" id="stack-{at}"', 1)
        for at, part in enumerate(fragments)
    )
    contents = "".join(f'<li><a href="#stack-{at}">{escape(name)}</a></li>' for at, name in enumerate(named))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{escape(" and ".join(named) if len(named) < 3 else f"{len(named)} stacks")} · Gatehouse review</title>
<style>
{style}</style>
</head>
<body>
<header class="page"><p class="soft">{escape(disclaimer(origin))}</p>
<div class="search"><output class="soft"></output>
<input type="search" placeholder="search in all of it: press /" aria-label="search" aria-keyshortcuts="/">
</div></header>
{f'<nav aria-label="stacks"><ul>{contents}</ul></nav>' if len(named) > 1 else ""}
<main>
{body}
</main>
<footer><p class="caveat">{escape(long_disclaimer(origin))}</p></footer>
<script>
{script}</script>
</body>
</html>
"""


def notice(title: str, sentence: str, message: str = "") -> str:
    """A stack's part of a page that is one sentence, and perhaps a message of several lines."""
    lines = _lines(message) if message else ""
    return f'<section class="stack"><h1>{escape(title)}</h1><p class="warn">{escape(sentence)}</p>{lines}</section>'


def _lines(text: str) -> str:
    return "<pre>" + "\n".join(map(escape, text.splitlines())) + "</pre>"


def _each(element: str, texts: Iterable[str]) -> str:
    """`element` for each text, which takes the place of its braces."""
    return "".join(element.format(escape(text)) for text in texts)


def fragment(report: Report) -> str:
    named = " · ".join(escape(part) for part in (report.project, report.stack, report.topology, report.region) if part)
    failed = _rules(report, "failed")
    against = f"{report.changes.counts}, against {report.changes.against}" if report.changes else ""
    number = count(words.rules_of(report, "failed"), "rule")
    parts = [
        f'<section class="stack"><h1>{named}</h1>',
        _each('<p class="bad">{}</p>', report.region_notes),
        _banner(report),
        _cards(report),
        _section("What failed", number, failed),
        _section("What changes", against, _changes(report)),
        _drawing(report),
        _section("Who can reach the backend", "", _paths(report)),
        _section(words.built(report), words.headline(report), _built(report)),
        _section("What it costs a month", costs.basis(report.bill), _costs(report)),
        _section("Rules", words.verdict(report), _rules(report, "inconclusive", "waived") or _NONE_OPEN),
        _section("Notes", "", _each("<p>{}</p>", report.notes)),
        _section("What it exports", "… marks values known only after deployment", _exports(report)),
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _banner(report: Report) -> str:
    """The verdict before any number; failed rules link to their findings."""
    found = banner(report)
    links = ", ".join(
        f'<a href="#{_anchor(report, rule.id)}">{escape(rule.id)}</a> ({rule.severity.value})' for rule in found.failed
    )
    callers = "".join(f'<li class="{caller.tone.value}">{_callers(caller)}</li>' for caller in found.callers)
    return (
        f'<div class="banner {found.tone.value}" role="status"><p><b>{escape(found.headline)}</b>'
        f'{f": {links}" if links else ""}</p><ul class="plain">{callers}</ul></div>'
    )


def _callers(callers: Callers) -> str:
    """Several paths as a list, one path in its sentence."""
    if len(callers.paths) < 2:
        return escape(callers.sentence)
    return f"{escape(callers.said)}:<ul>{_each('<li>{}</li>', callers.paths)}</ul>"


def _anchor(report: Report, rule: str) -> str:
    """The place of a rule's findings in the page, which may hold several stacks."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"{report.project}-{report.stack}-{rule}")


def _section(title: str, aside: str, body: str) -> str:
    if not body:
        return ""
    beside = f' <span class="soft">{escape(aside)}</span>' if aside else ""
    return f"<details open><summary><h2>{title}</h2>{beside}</summary>\n{body}</details>"


def _drawing(report: Report) -> str:
    """The picture, scaled to the screen as far as its text stays legible. Below that it scrolls in its own box."""
    drawn = svg(report.diagram)
    if not drawn:
        return ""
    return (
        f'<ul class="chains" aria-label="open paths">{"".join(_chain(path) for path in report.paths if path.open)}</ul>'
        '<p class="hint caveat" hidden>The picture continues to the right: scroll it.</p>'
        f'<div class="drawing" tabindex="0" role="region" aria-label="picture of {escape(report.stack)}">{drawn}</div>'
        '<p class="caption caveat" aria-live="polite">A box or an arrow that is pointed at, or has the focus, lights '
        "its paths and shows here what lets them pass.</p>"
    )


def _chain(path: Way) -> str:
    """A path as boxes one after the other, for screens that the picture does not fit on."""
    hops = ((hop.name, hop.label) for hop in path.hops)
    parts = [(path.source, ""), *hops, *((target, "") for target in path.end())]
    boxes = (
        f"<span class=box>{escape(name)}{f' <small>{escape(label)}</small>' if label else ''}</span>"
        if name
        else f"<small>{escape(label)}</small>"
        for name, label in parts
    )
    doubt = f" <small>cannot tell: {escape(path.uncertainty)}</small>" if path.uncertainty else ""
    return f"<li>{' → '.join(boxes)}{doubt}</li>"


def _changes(report: Report) -> str:
    changes = report.changes
    if report.not_compared:
        return f'<p class="warn">What was there before has a fault of its own:</p>{_lines(report.not_compared)}'
    if changes is None:
        return ""
    return _lines("\n".join(f"{sign} {text}" for sign, text in text_lines(changes)))


def _cards(report: Report) -> str:
    """Tiles: a number, and words of a line or two. What makes a number up is in the section of the costs."""
    bill = report.bill
    fixed = costs.fixed_costs(bill)
    together = costs.in_all(bill)
    cards = [(together[1], "a month without calls")] if together else []
    cards += [(amount, f"a month, {what}") for what, amount, _ in fixed if amount != "?" or not together]
    cards += [(amount, what) for what, amount, _ in costs.call_costs(bill)]
    if bill.worst:
        cards.append((costs.dollars(bill.worst.usd), "a month at the limit of its rates"))
    cards.append((f"{report.resources:,}", "resource" if report.resources == 1 else "resources"))
    tiles = (
        f"<div class=card><b{' class=warn' if '?' in big or 'not' in big else ''}>{escape(big)}</b>"
        f"<span>{escape(small)}</span></div>"
        for big, small in cards
    )
    return f'<div class="cards">{"".join(tiles)}</div>'


_NUMBERS = ("quantity", "price", "a month", "resources")
"""Titles of columns that hold numbers."""


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]], sums: Sequence[tuple[str, str]] = ()) -> str:
    """A table, if it has rows. Cells are already escaped. `sums` are (label, amount) for the last column of numbers."""
    if not rows:
        return ""
    # Narrow screens show no head, and put its word before a number instead.
    kinds = [f' class="number" data-head="{title}"' if title in _NUMBERS else "" for title in titles]
    top = "".join(f"<th{kind}>{title}</th>" for title, kind in zip(titles, kinds, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True)) + "</tr>"
        for row in rows
    )
    last = max((at for at, kind in enumerate(kinds) if kind), default=0)
    rest = "<td></td>" * (len(titles) - last - 1)
    foot = "".join(
        f'<tr><td colspan="{last}">{escape(what)}</td><td{kinds[last]}>{amount}</td>{rest}</tr>'
        for what, amount in sums
    )
    foot = f"<tfoot>{foot}</tfoot>" if foot else ""
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody>{foot}</table></div>'


def _built(report: Report) -> str:
    rows = [
        (
            f'<span style="padding-left:{row.depth * 1.2:g}em">{escape(row.name)}</span>',
            escape(row.kind),
            escape(row.summary),
            str(row.resources or ""),
        )
        for row in report.rows
    ]
    hidden = '<p class="warn">{}: declared inside an apply, so a real preview does not show it</p>'
    return _table(("name", "kind", "what it is", "resources"), rows) + _each(hidden, report.hidden)


def _exports(report: Report) -> str:
    """Outputs; made-up values cannot be selected or copied, since they cannot be called."""
    copy = '<button type="button" class="copy">copy</button>'
    rows = [
        (
            escape(export.name),
            f"<span>{escape(export.text)}</span>{'' if export.text in _NOT_COPIED else copy}"
            if export.known
            else f'<span class="made-up">… {escape(export.text)}</span>',
        )
        for export in report.exports
        if not export.empty
    ]
    empty = ", ".join(escape(export.name) for export in report.exports if export.empty)
    return _table(("output", "value"), rows) + (f'<p class="caveat">empty: {empty}</p>' if empty else "")


def _costs(report: Report) -> str:
    rows = [
        (
            escape(line.component),
            escape(line.label),
            costs.quantity(line),
            escape(line.unit),
            costs.unit_price(line),
            "?" if line.amount is None else costs.money(line.amount),
            f'<span class="soft">{escape(line.source)}</span>',
        )
        for line in costs.together(report.bill.lines)
    ]
    said = [detail for _, amount, detail in costs.fixed_costs(report.bill) if amount == "?"]
    said += [f"at the limit all month: {costs.worst_month(report)}"] if report.bill.worst else []
    titles = ("component", "item", "quantity", "unit", "price", "a month", "source")
    table = _table(titles, rows, costs.sums(report.bill)) or "<p>Nothing here has a price.</p>"
    return table + _each('<p class="caveat">{}</p>', [*said, *costs.caveats(report.bill)])


def _paths(report: Report) -> str:
    numbers = {id(path): number for number, path in enumerate(report.paths)}
    listed = "".join(_path(report, path, numbers[id(path)]) for kind in Kind for path in words.ways(report, kind))
    unread = (f"{token} ({', '.join(names)})" for token, names in report.unread)
    closed = f"<p><b>{escape(outside.from_outside(report))}</b></p>"
    limitations = _each("<li>{}</li>", report.limitations)
    listing = f'<p>Limitations</p><ul class="soft">{limitations}</ul>' if limitations else ""
    paths = f'<ol class="paths">{listed}</ol>' if listed else ""
    return closed + paths + listing + _each('<p class="warn">not understood: {}</p>', unread)


def _path(report: Report, path: Way, number: int) -> str:
    only = " <b>the only way in</b>" if path.kind is Kind.INBOUND and outside.is_only(report, path) else ""
    why = "".join(f"<li>{escape(name)}: {escape(rule)}</li>" for name, rule in words.reasons(path)) if path.open else ""
    kind = "open" if path.open else "closed"
    lights = f' data-ways="{number}" tabindex="0"' if path.open else ""
    return f'<li class="{kind}"{lights}>{escape(str(path))}{only}{f"<ul>{why}</ul>" if why else ""}</li>'


def _rules(report: Report, *statuses: str) -> str:
    tones = {"failed": "fail", "inconclusive": "unsure", "waived": "waived"}
    return "".join(
        f'<div id="{_anchor(report, findings[0].rule.id)}">' * (status == "failed")
        + "".join(_finding(finding, tones[status]) for finding in findings)
        + (f'<p class="soft">{more} of {escape(findings[0].rule.id)}</p>' if more else "")
        + "</div>" * (status == "failed")
        for status in statuses
        for findings, more in words.by_rule(report, status)
    )


def _finding(finding: Finding, tone: str) -> str:
    rule = finding.rule
    reason = f"<p>waived: “{escape(finding.reason)}”</p>" if finding.reason else ""
    page, named = words.rule_page(finding), f"<b>{escape(rule.id)}</b>"
    named = f'<a href="{escape(page)}">{named}</a>' if page else named
    status = f"{escape(finding.status.value)}, {escape(rule.severity.value)}"
    return (
        f'<div class="finding {tone}"><p>{named} {status} · {escape(words.about(finding))}</p>'
        f'<p>{escape(finding.message)}</p><p class="soft">{escape(rule.why)}</p><p>→ {escape(words.remedy(finding))} '
        f'<a href="{escape(rule.source)}" rel="noreferrer">AWS on it</a></p>{reason}</div>'
    )
