"""Lines on what both reports state in sentences: open calls, paths, the table of calls, rules, and costs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from ..aws.gateway.api import SLASH_LOST, Call
from ..cost import Estimate
from ..graph.prose import few
from ..reach.anyone import by_path
from ..rules.check import Finding, Status
from ..rules.registry import Severity
from .facts import CallRow, Facts
from .lines import Group, Line, Sign
from .resources import Resources, key_of

_USUAL: Final = ("anywhere", "none", "unknown", "whole", "the API's own")  # values of a new call that need no words
_STATUSES: Final = {
    Status.FAILED: ("fails", "no longer fails"),
    Status.WAIVED: ("fails and is waived", "is no longer waived"),
    Status.INCONCLUSIVE: ("cannot be judged", "can be judged now"),
}


def open_lines(before: Facts, after: Facts) -> Iterator[Line]:
    known = {
        True: " (acknowledged in protection.acknowledgePublic)",
        False: " (not acknowledged in protection.acknowledgePublic)",
    }
    for call in dict.fromkeys((*before.open_calls, *after.open_calls)):
        was, now = before.open_calls.get(call), after.open_calls.get(call)
        if was != now:
            sign = Sign.GONE if now is None else Sign.NEW if was is None else Sign.CHANGED
            text = call if now is None else f"{call}{known[now]}"
            yield Line(Group.OPEN, sign, text, call, fails=sign is Sign.NEW and not now)


def path_lines(before: Facts, after: Facts) -> Iterator[Line]:
    for key in dict.fromkeys((*before.paths, *after.paths)):
        old, new = before.paths.get(key, frozenset()), after.paths.get(key, frozenset())
        gone, come, ends = sorted(old - new), sorted(new - old), f"{key[1]} → {key[2]}"
        if len(gone) == len(come) == 1:
            yield Line(Group.PATHS, Sign.CHANGED, f"{come[0]} (before: {gone[0]})", ends)
        else:
            yield from (Line(Group.PATHS, Sign.GONE, text, ends) for text in gone)
            yield from (Line(Group.PATHS, Sign.NEW, text, ends) for text in come)


class CallLines(NamedTuple):
    lines: Sequence[Line]
    columns: Mapping[str, frozenset[str]]
    """Columns that differ, by the key of a resource that declares such calls. New and gone calls have all columns."""


def call_lines(before: Facts, after: Facts) -> CallLines:
    """The table of calls, as far as it differs. Calls of one API that differ alike have one line."""
    alike: dict[tuple[Sign, str, str, str], list[Call]] = {}
    by_resource: dict[str, frozenset[str]] = {}
    for key in dict.fromkeys((*before.calls, *after.calls)):
        rows = [side.calls[key] for side in (before, after) if key in side.calls]
        sign, difference, columns = _difference(before.calls.get(key), after.calls.get(key))
        if columns & {"requires", "authorizer", "scopes"}:
            columns |= {"security"}  # An OpenAPI document has these three in one input.
        if columns:
            alike.setdefault((sign, key.api, key.stage, difference), []).append(rows[-1].call)
        for resource in frozenset[str]().union(*(row.declared_by for row in rows)):
            by_resource[resource] = by_resource.get(resource, frozenset()) | columns
    lines = []
    for (sign, api, stage, difference), calls in alike.items():
        named = by_path(calls, below=" (and below)")
        lines.append(Line(Group.CALLS, sign, f"{few(named)} of {api} ({stage}): {difference}", few(named)))
    return CallLines(lines, by_resource)


def slash_lines(before: Facts, after: Facts) -> Iterator[Line]:
    """APIs of one version that lose the slash at the end of a path, as in a move from public-proxy to vpc-link."""
    for name in sorted(before.slashes_lost ^ after.slashes_lost):
        sign = Sign.NEW if name in after.slashes_lost else Sign.GONE
        yield Line(Group.CALLS, sign, f"{name}: {SLASH_LOST}", name)


def _difference(old: CallRow | None, new: CallRow | None) -> tuple[Sign, str, frozenset[str]]:
    """The sign of a call, the words for it, and the columns in which it differs."""
    if old is not None and new is not None:
        columns = [column for column, value in new.cells.items() if value != old.cells[column]]
        difference = "; ".join(f"{column}: {old.cells[column]} → {new.cells[column]}" for column in columns)
        return Sign.CHANGED, difference, frozenset(columns)
    row = new or old
    cells = row.cells if row is not None else {}
    difference = ", ".join(f"{column} {value}" for column, value in cells.items() if value not in _USUAL)
    return Sign.NEW if old is None else Sign.GONE, difference, frozenset(cells)


def rule_lines(before: Facts, after: Facts, resources: Resources) -> Iterator[Line]:
    """Findings of one report that the other has not. Other words for the same finding are no difference."""
    later = {key_of(old.urn): key_of(new.urn) for old, new in resources.pairs}
    for status, words in _STATUSES.items():
        old, new = _findings(before, status, later), _findings(after, status, {})
        for is_new, more in ((True, _more(new, old)), (False, _more(old, new))):
            for text, finding in more:
                rule = f"{finding.rule.id} ({finding.rule.severity.value})"
                fails = (
                    is_new and status is Status.FAILED and finding.rule.severity in (Severity.HIGH, Severity.CRITICAL)
                )
                sign = Sign.GONE if not is_new else Sign.NEW if status is Status.FAILED else Sign.CHANGED
                urns = (finding.resource.urn,) if finding.resource is not None and is_new else ()
                yield Line(Group.RULES, sign, f"{rule} {words[not is_new]}: {text}", rule, urns, fails)


Findings = dict[tuple[str, str], dict[str, Finding]]


def _findings(facts: Facts, status: Status, later: Mapping[str, str]) -> Findings:
    """Texts of findings of a status by the rule with its route, and by the key of the resource's URN."""
    by_place: Findings = {}
    for finding in facts.findings:
        if finding.status is status:
            resource = finding.resource
            key = key_of(resource.urn) if resource is not None else ""
            for route, message in (finding.by_route or {"": finding.message}).items():
                place = f"{finding.rule.id} {route}", later.get(key, key)
                name = f"{resource.name}: " if resource is not None and resource.name not in message else ""
                by_place.setdefault(place, {})[f"{name}{message}"] = finding
    return by_place


def _more(these: Findings, others: Findings) -> Iterator[tuple[str, Finding]]:
    """Findings at places where the others have fewer."""
    for place, here in sorted(these.items()):
        there = others.get(place, {})
        if len(here) > len(there):
            yield from ((text, finding) for text, finding in here.items() if text not in there)


def money_lines(before: Facts, after: Facts) -> Iterator[Line]:
    old, new = _sums(before.bill), _sums(after.bill)
    for label in dict.fromkeys((*old, *new)):
        was, now = _dollars(old.get(label, 0.0)), _dollars(new.get(label, 0.0))
        if was != now:
            yield Line(Group.MONEY, Sign.CHANGED, f"{was} → {now} {label}", f"{was} → {now} {label}")


def _sums(bill: Estimate) -> dict[str, float | None]:
    worst = bill.worst.usd if bill.worst is not None else 0.0
    return {
        "a month without calls": bill.fixed_total(),
        "per million requests": bill.per_million,
        "a month for calls, if they come at the limit all month": worst,
        **{f"a month without calls, of which for {name}": amount for name, amount in bill.components().items()},
    }


def _dollars(amount: float | None) -> str:
    return "not known" if amount is None else f"${amount:,.2f}"
