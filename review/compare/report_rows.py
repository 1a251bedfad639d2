"""The differences of two reports, row by row: rules, limits, limitations, costs, what is built, and doubts."""

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, Final

from ..callers.calls import find_way, list_calls
from ..cost.sums import AT_THE_LIMIT, SCALED, UNTIL_TIMEOUT, Sum, describe_unknown, list_sums
from ..graph.prose import abbreviate_names, join_names
from ..ledger.ledger import Entry
from ..rules.check import Finding, Status
from ..rules.registry import Severity
from .callers import Call, format_calls
from .facts import Facts, Later, pair_parts
from .lines import Line, Sign, Topic
from .pairing import make_key
from .resources import Resources

_STATUSES: Final = {
    Status.FAILED: ("fails", "no longer fails"),
    Status.WAIVED: ("fails and is waived", "is no longer waived"),
    Status.INCONCLUSIVE: ("cannot be judged", "can be judged now"),
}
_GRAVE: Final = (Severity.HIGH, Severity.CRITICAL)
_OPEN: Final = "API-01"


def list_rule_lines(before: Facts, after: Facts, later: Later, opened: Set[str]) -> Iterator[Line]:
    """Findings of one report that the other has not. `opened` are routes of which a line says that they open."""
    keys = later.keys
    for status, words in _STATUSES.items():
        old, new = _group_findings(before, status, keys), _group_findings(after, status, {})
        for is_new, these, others in ((True, new, old), (False, old, new)):
            for route, text, finding in _list_additional(these, others):
                rule = f"{finding.rule.id} ({finding.rule.severity.value})"
                is_failure = is_new and status is Status.FAILED
                is_said = finding.rule.id == _OPEN and route in opened
                at = route or (finding.resource.name if finding.resource is not None else "the stack")
                subject = (
                    f"{finding.rule.id} {words[not is_new]}" if status is not Status.FAILED or not is_new else rule
                )
                yield Line(
                    topic=Topic.FAILS if is_failure else Topic.RULES,
                    sign=Sign.GONE if not is_new else Sign.NEW if is_failure else Sign.CHANGED,
                    subject="" if is_said else subject,
                    text=f"{rule} {words[not is_new]}: {text}",
                    fails=is_failure and finding.rule.severity in _GRAVE and not is_said,
                    place=f"{finding.rule.id} {at}",
                )


Findings = dict[tuple[str, str, str], dict[str, Finding]]


def _group_findings(facts: Facts, status: Status, keys: Mapping[str, str]) -> Findings:
    """Texts of findings of a status by the rule, its route and the key of the resource's URN."""
    by_place: Findings = {}
    for finding in facts.findings:
        if finding.status is status:
            resource = finding.resource
            key = make_key(resource.urn) if resource is not None else ""
            for route, message in (finding.by_route or {"": finding.message}).items():
                name = f"{resource.name}: " if resource is not None and resource.name not in message else ""
                place = finding.rule.id, route, keys.get(key, key)
                by_place.setdefault(place, {})[f"{name}{message}"] = finding
    return by_place


def _list_additional(these: Findings, others: Findings) -> Iterator[tuple[str, str, Finding]]:
    """Findings at places where the others have fewer. Other words for the same finding are no difference."""
    for place, here in sorted(these.items()):
        there = others.get(place, {})
        if len(here) > len(there):
            yield from ((place[1], text, finding) for text, finding in here.items() if text not in there)


def list_cost_lines(before: Facts, after: Facts, later: Later) -> Iterator[Line]:
    """Each sum that differs. A sum of which a part is not known cannot be compared, unless the same part is missing."""
    old = {later.rename(found.label): found for found in list_sums(before.bill)}
    new = {found.label: found for found in list_sums(after.bill)}
    types = {_get_type(was): _get_type(now) for was, now in later.urns.items()}
    gaps = [sorted(types.get(name, name) for name in describe_unknown(before.bill)), describe_unknown(after.bill)]
    same = f"; ? is the same in both: {abbreviate_names(gaps[0])}" if gaps[0] == gaps[1] else ""
    for label in dict.fromkeys((*old, *new)):
        was, now = old.get(label, Sum(label, 0.0, 0.0)), new.get(label, Sum(label, 0.0, 0.0))
        shown = _format_sum(was), _format_sum(now)
        if shown[0] != shown[1]:
            text = f"{shown[0]} → {shown[1]} {label}"
            if was.amount is None or now.amount is None:
                is_same = same and was.amount is now.amount
                text = f"{text}{same}" if is_same else f"cannot compare {label}: {shown[0]} → {shown[1]}"
            at_limits = label in (AT_THE_LIMIT, UNTIL_TIMEOUT, SCALED)
            yield Line(topic=Topic.COSTS, subject=text, text=text, words="Costs at the limits: {}" if at_limits else "")
    if names := [name for name in dict.fromkeys((*gaps[0], *gaps[1])) if gaps[0].count(name) != gaps[1].count(name)]:
        text = f"cannot compare all costs: the review has no price or quantity for {join_names(names)}"
        subject = f"cannot compare all of them: no price for {abbreviate_names(names)}"
        yield Line(topic=Topic.COSTS, subject=subject, text=text)


def _get_type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _format_sum(found: Sum) -> str:
    if found.amount is not None:
        return f"${found.amount:,.2f}"
    return f"${found.known:,.2f} + ?" if found.known else "not known"


def list_limit_lines(before: Facts, after: Facts, later: Later) -> Iterator[Line]:
    """Throttles of calls, and limitations."""
    for old, new in pair_parts(before, after, later):
        if old is not None and new is not None and new.kind == "ApiFront":
            alike: dict[str, list[Call]] = {}
            for call in dict.fromkeys((*list_calls(old.statement), *list_calls(new.statement))):
                ways = find_way(old.statement, *call), find_way(new.statement, *call)
                rates = [_format_rate(way.get("rate")) for way in ways if way is not None]
                if len({*rates}) == 2:
                    alike.setdefault(" → ".join(rates), []).append(call)
            for rates_of_both, calls in alike.items():
                subject = f"{format_calls(calls)} of {new.name} ({rates_of_both})"
                yield Line(topic=Topic.LIMITS, subject=subject, resources=(new.resource.urn,))
    for sentence in after.described.limitations:
        if sentence not in before.described.limitations:
            yield Line(topic=Topic.LIMITS, sign=Sign.NEW, text=sentence)
    for sentence in before.described.limitations:
        if sentence not in after.described.limitations:
            yield Line(topic=Topic.LIMITS, sign=Sign.GONE, text=sentence)


def _format_rate(rate: Any) -> str:
    if not isinstance(rate, Mapping):
        return "no throttle"
    both = (rate["rate"], rate["burst"])
    shown = [f"{part:,g}" if isinstance(part, int | float) else "a value that is not known" for part in both]
    return f"{shown[0]}/s, burst {shown[1]}"


def list_built_lines(before: Facts, after: Facts, later: Later) -> Iterator[Line]:
    """Components and their summaries. Other resources have lines of their own."""
    olds = {later.find_urn(row.urn): row for row in before.described.rows}
    news = {row.urn: row for row in after.described.rows}
    for key, row in news.items():
        old = olds.get(key)
        if old is None:
            text = f"{row.name} ({row.kind}): {row.summary}".removesuffix(": ")
            yield Line(topic=Topic.BUILT, sign=Sign.NEW, text=text)
        elif (old.name, old.summary) != (row.name, row.summary):
            was = "" if old.name == row.name else f" (before: {old.name})"
            yield Line(topic=Topic.BUILT, text=f"{row.name}{was}: {old.summary} → {row.summary}")
    for key, row in olds.items():
        if key not in news:
            yield Line(topic=Topic.BUILT, sign=Sign.GONE, text=f"{row.name} ({row.kind})")


def list_doubt_lines(
    before: Facts, after: Facts, later: Later, callers: Sequence[Line], resources: Resources
) -> Iterator[Line]:
    """What the answers about one version do not rest on, and those about the other do; and what differs of it."""
    old, new = _map_entries(before, later.keys), _map_entries(after, {})
    changed = tuple(
        f"{each.new.name} ({kind})" for each in resources.changes for kind in (each.new.kind, each.new.type)
    )
    for key in [key for key in new if key not in old or (new[key].ways and new[key].cause.startswith(changed))]:
        cause = new[key].cause.removesuffix(" and").removesuffix(",")
        text = f"in doubt: {new[key]}"
        words = "Cannot tell what this may open: {}"
        subject = "" if any(cause in line.subject for line in callers) else cause
        yield Line(topic=Topic.CANNOT, sign=Sign.NEW, subject=subject, text=text, words=words, place=cause)
    for key in [key for key in old if key not in new]:
        yield Line(topic=Topic.RULES, sign=Sign.GONE, text=f"no longer in doubt: {old[key]}")


def _map_entries(facts: Facts, keys: Mapping[str, str]) -> dict[tuple[object, ...], Entry]:
    """Entries by cause, effects and places."""
    found: dict[tuple[object, ...], Entry] = {}
    for entry in facts.reach.ledger.entries:
        places = (make_key(urn) for urn in entry.at)
        found[entry.cause, entry.ways, frozenset(keys.get(key, key) for key in places)] = entry
    return found
