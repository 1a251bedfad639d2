"""Lines on what both reports state in sentences: open calls, paths, the table of calls, rules, and costs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from ..cost import Estimate
from ..rules.check import Finding, Status
from ..rules.registry import Severity
from .facts import CallKey, CallRow, Facts
from .lines import Group, Line, Sign
from .resources import Resources, key_of
from .wording import few_words

_FAILING: Final = (Severity.HIGH, Severity.CRITICAL)
_ALWAYS_SAID: Final = ("requires", "goes to")
_USUAL: Final = {
    "from": "anywhere",
    "authorizer": "none",
    "scopes": "none",
    "throttle": "none",
    "timeout": "unknown",
    "response": "buffered",
    "API": "",
}
"""Values of a new call that need no words."""


def open_lines(before: Facts, after: Facts) -> Iterator[Line]:
    for call in before.open_calls:
        if call not in after.open_calls:
            yield Line(Group.OPEN, Sign.GONE, call, call)
    for call, acknowledged in after.open_calls.items():
        if call not in before.open_calls:
            known = "acknowledged in protection.acknowledgePublic" if acknowledged else "not acknowledged"
            yield Line(Group.OPEN, Sign.NEW, f"{call} ({known})", call, fails=not acknowledged)
        elif acknowledged != before.open_calls[call]:
            known = "is acknowledged now" if acknowledged else "is no longer acknowledged"
            yield Line(Group.OPEN, Sign.CHANGED, f"{call}: {known}", call)


def path_lines(before: Facts, after: Facts) -> Iterator[Line]:
    for key in dict.fromkeys((*before.paths, *after.paths)):
        old, new = before.paths.get(key, frozenset()), after.paths.get(key, frozenset())
        gone, come = sorted(old - new), sorted(new - old)
        ends = f"{key.source} → {key.target}"
        if len(gone) == len(come) == 1:
            yield Line(Group.PATHS, Sign.CHANGED, f"{come[0]} (before: {gone[0]})", ends)
        else:
            yield from (Line(Group.PATHS, Sign.GONE, text, ends) for text in gone)
            yield from (Line(Group.PATHS, Sign.NEW, text, ends) for text in come)


class CallLines(NamedTuple):
    """Lines on calls, and what they state: by call of an API, the columns in which it differs."""

    lines: list[Line]
    columns: Mapping[tuple[str, str], frozenset[str]]
    """By the key of the API's URN and the call. A call that is new or gone has all columns."""
    by_resource: Mapping[str, frozenset[str]]
    """The same columns by the key of a resource that declares such calls."""


def call_lines(before: Facts, after: Facts) -> CallLines:
    """The table of calls, as far as it differs. Calls of one API that differ alike have one line."""
    alike: dict[tuple[Sign, str, str, str], list[CallKey]] = {}
    columns: dict[tuple[str, str], frozenset[str]] = {}
    by_resource: dict[str, frozenset[str]] = {}
    for key in dict.fromkeys((*before.calls, *after.calls)):
        old, new = before.calls.get(key), after.calls.get(key)
        differing = _differing(old, new)
        if not differing:
            continue
        sign = Sign.NEW if old is None else Sign.GONE if new is None else Sign.CHANGED
        alike.setdefault((sign, key.api, key.stage, _in_words(old, new, differing)), []).append(key)
        for row in filter(None, (old, new)):
            at = row.api, key.call
            columns[at] = columns.get(at, frozenset()) | differing
            for resource in row.declared_by:
                by_resource[resource] = by_resource.get(resource, frozenset()) | differing
    lines = []
    for (sign, api, stage, said), keys in alike.items():
        calls = few_words([key.call for key in keys], 6)
        place = f"{calls} of {api}" + (f" ({stage})" if stage else "")
        subject = few_words([key.call for key in keys], 2)
        lines.append(Line(Group.CALLS, sign, f"{place}: {said}" if said else place, subject))
    return CallLines(lines, columns, by_resource)


def _differing(old: CallRow | None, new: CallRow | None) -> frozenset[str]:
    if old is None or new is None:
        row = old or new
        return frozenset(row.cells) if row is not None else frozenset()
    return frozenset(column for column in new.cells if new.cells[column] != old.cells[column])


def _in_words(old: CallRow | None, new: CallRow | None, differing: frozenset[str]) -> str:
    if old is None or new is None:
        row = new or old
        assert row is not None
        said = [
            f"{column} {value}"
            for column, value in row.cells.items()
            if column in _ALWAYS_SAID or value != _USUAL.get(column, value if column == "API" else "")
        ]
        return ", ".join(said)
    return "; ".join(
        f"{column}: {old.cells[column]} → {value}" for column, value in new.cells.items() if column in differing
    )


class _Place(NamedTuple):
    """A rule and the key of the resource that breaks it."""

    rule: str
    resource: str


_STATUS_WORDS: Final = {
    Status.FAILED: "fails",
    Status.WAIVED: "fails and is waived",
    Status.INCONCLUSIVE: "cannot be judged",
}


def rule_lines(before: Facts, after: Facts, resources: Resources) -> Iterator[Line]:
    """Findings of one report that the other has not. Other words for the same finding are no difference."""
    later = {key_of(old.urn): key_of(new.urn) for old, new in resources.pairs}
    for status, words in _STATUS_WORDS.items():
        old, new = _found(before.findings, status, later), _found(after.findings, status, {})
        for place, findings in sorted(_more(new, old).items()):
            for text, finding in findings.items():
                rule = f"{finding.rule.id} ({finding.rule.severity.value})"
                fails = status is Status.FAILED and finding.rule.severity in _FAILING
                urns = (finding.resource.urn,) if finding.resource is not None and place.resource else ()
                sign = Sign.NEW if status is Status.FAILED else Sign.CHANGED
                yield Line(Group.RULES, sign, f"{rule} {words}: {text}", f"{rule} of {_name(finding)}", urns, fails)
        for findings in (found for _, found in sorted(_more(old, new).items())):
            for text, finding in findings.items():
                rule = f"{finding.rule.id} ({finding.rule.severity.value})"
                no_longer = f"{rule} no longer {words}: {text}".replace("no longer cannot be judged", "is judged now")
                yield Line(Group.RULES, Sign.GONE, no_longer, f"{rule} of {_name(finding)}")


Found = dict[_Place, dict[str, Finding]]


def _found(findings: Iterable[Finding], status: Status, later: Mapping[str, str]) -> Found:
    """The findings of a status by place and by text."""
    found: Found = {}
    for finding in findings:
        if finding.status is status:
            urn = finding.resource.urn.partition("#")[0] if finding.resource is not None else ""
            place = _Place(finding.rule.id, later.get(key_of(urn), key_of(urn)))
            for route, message in (finding.by_route or {"": finding.message}).items():
                name = _name(finding)
                text = message if name in message else f"{name}: {message}"
                found.setdefault(_Place(f"{place.rule} {route}".strip(), place.resource), {})[text] = finding
    return found


def _name(finding: Finding) -> str:
    return finding.resource.name if finding.resource is not None else "the stack"


def _more(these: Found, others: Found) -> Found:
    """Findings at places where the others have fewer."""
    found: Found = {}
    for place, findings in these.items():
        there = others.get(place, {})
        if len(findings) > len(there):
            found[place] = {text: finding for text, finding in findings.items() if text not in there}
    return found


def money_lines(before: Facts, after: Facts) -> Iterator[Line]:
    for label, was, now in _sums(before.bill, after.bill):
        if _rounded(was) != _rounded(now):
            text = f"{_dollars(was)} → {_dollars(now)} {label}"
            yield Line(Group.MONEY, Sign.CHANGED, text, text)
    for sign, these, others in ((Sign.NEW, after, before), (Sign.GONE, before, after)):
        had = others.bill.unpriced_by_type()
        for kind, names in these.bill.unpriced_by_type().items():
            if more := [name for name in names if name not in had.get(kind, ())]:
                yield Line(Group.MONEY, sign, f"no price is known for {few_words(more)} ({kind})", few_words(more))


def _sums(before: Estimate, after: Estimate) -> Iterator[tuple[str, float | None, float | None]]:
    yield "a month without calls", before.fixed_total(), after.fixed_total()
    yield "per million requests", before.per_million, after.per_million
    worst = [bill.worst.usd if bill.worst is not None else 0.0 for bill in (before, after)]
    yield "a month for calls at the limit all month", worst[0], worst[1]
    old, new = before.components(), after.components()
    for component in dict.fromkeys((*old, *new)):
        yield f"a month without calls for {component}", old.get(component, 0.0), new.get(component, 0.0)


def _rounded(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)


def _dollars(amount: float | None) -> str:
    return "not known" if amount is None else f"${amount:,.2f}"
