"""Lines on what both reports state in sentences: open calls, paths, source addresses, rules, and costs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..cost.sums import AT_THE_LIMIT, SCALED, UNTIL_TIMEOUT, Sum, describe_unknown, list_sums
from ..graph.prose import abbreviate_names, join_names
from ..ledger.ledger import Entry
from ..paths.path import Kind
from ..rules.check import Finding, Status
from ..rules.registry import Severity
from .facts import Facts, PathKey
from .lines import Group, Head, Line, Sign, Topic
from .pairing import make_key
from .resources import Resources, map_later_keys, rename_words

_STATUSES: Final = {
    Status.FAILED: ("fails", "no longer fails"),
    Status.WAIVED: ("fails and is waived", "is no longer waived"),
    Status.INCONCLUSIVE: ("cannot be judged", "can be judged now"),
}


def list_open_lines(before: Facts, after: Facts) -> Iterator[Line]:
    known = {
        True: " (acknowledged in protection.acknowledgePublic)",
        False: " (not acknowledged in protection.acknowledgePublic)",
    }
    for call in dict.fromkeys((*before.open_calls, *after.open_calls)):
        was, now = before.open_calls.get(call), after.open_calls.get(call)
        name = call.rpartition(" of ")[2]
        if now is None and (reason := after.open_unknown.get(name)):
            text = f"{call}: cannot tell whether it is still open: {reason}"
            yield Line(Group.OPEN, Sign.CHANGED, text, (Head(Topic.DOUBTS, call),))
        elif was is None and now is not None and (reason := before.open_unknown.get(name)):
            text = f"{call}{known[now]}; cannot tell whether it was open before: {reason}"
            head = Head(Topic.OPENS, call, "Is open to anyone, and perhaps was before: {}")
            yield Line(Group.OPEN, Sign.CHANGED, text, (head,), fails=not now)
        elif was != now:
            sign = Sign.GONE if now is None else Sign.NEW if was is None else Sign.CHANGED
            text = call if now is None else f"{call}{known[now]}"
            head = Head(Topic.FINDINGS, call, "Acknowledges: {}" if now else "No longer acknowledges: {}")
            head = {Sign.NEW: Head(Topic.OPENS, call), Sign.GONE: Head(Topic.CLOSES, call)}.get(sign, head)
            yield Line(Group.OPEN, sign, text, (head,), fails=sign is Sign.NEW and not now)


def list_path_lines(before: Facts, after: Facts, resources: Resources) -> Iterator[Line]:
    """Paths that open, end or change. A doubt neither opens nor ends one."""
    earlier: dict[PathKey, frozenset[str]] = {}
    doubted = set(after.doubted)
    for key, ways in before.paths.items():
        kind, source, target = key
        later = kind, rename_words(source, resources), rename_words(target, resources)
        earlier[later] = earlier.get(later, frozenset()) | {rename_words(way, resources) for way in ways}
        doubted |= {later} if key in before.doubted else set()
    for key in dict.fromkeys((*earlier, *after.paths)):
        old, new = earlier.get(key, frozenset()), after.paths.get(key, frozenset())
        gone, come, ends = sorted(old - new), sorted(new - old), f"{key[1]} → {key[2]}"
        subject, opens, closes = ends, "", ""
        if key[0] == Kind.PEOPLE.value:
            subject, opens, closes = key[2], "Operators can log in newly: {}", "Operators can no longer log in: {}"
        if (gone or come) and key in doubted:
            head = Head(Topic.DOUBTS, ends)
            if key not in after.doubted:
                ended = Head(Topic.ENDS_PATH, ends, "Perhaps ends a path: {}")
                head = Head(Topic.OPENS_PATH, ends, "Perhaps opens a path: {}") if new else ended
            yield from (Line(Group.PATHS, Sign.GONE, text, (head,)) for text in gone)
            yield from (Line(Group.PATHS, Sign.NEW, text, (head,)) for text in come)
        elif len(gone) == len(come) == 1:
            yield Line(Group.PATHS, Sign.CHANGED, f"{come[0]} (before: {gone[0]})", (Head(Topic.PATH, ends),))
        else:
            yield from (Line(Group.PATHS, Sign.GONE, text, (Head(Topic.ENDS_PATH, subject, closes),)) for text in gone)
            yield from (Line(Group.PATHS, Sign.NEW, text, (Head(Topic.OPENS_PATH, subject, opens),)) for text in come)


def list_doubt_lines(before: Facts, after: Facts, resources: Resources, stated: Sequence[Line]) -> Iterator[Line]:
    """What the answers about one version do not rest on, and those about the other do."""
    later = map_later_keys(resources)
    old, new = _map_entries(before, later), _map_entries(after, {})
    for key in [key for key in new if key not in old]:
        cause = new[key].cause.removesuffix(" and").removesuffix(",")
        is_said = any(cause in head.subject for line in stated for head in line.heads)
        heads = () if is_said else (Head(Topic.DOUBTS, cause, "Cannot tell what this may open: {}"),)
        yield Line(Group.PATHS, Sign.NEW, f"in doubt: {new[key]}", heads)
    for key in [key for key in old if key not in new]:
        yield Line(Group.PATHS, Sign.GONE, f"no longer in doubt: {old[key]}")


def _map_entries(facts: Facts, later: Mapping[str, str]) -> dict[tuple[object, ...], Entry]:
    """The entries of a ledger by what they may do to which resources, under their later names."""
    keys = {entry: frozenset(later.get(make_key(urn), make_key(urn)) for urn in entry.at) for entry in facts.entries}
    return {(entry.cause, entry.ways, at): entry for entry, at in keys.items()}


def list_source_lines(before: Facts, after: Facts, resources: Resources) -> Iterator[Line]:
    """Whether the internet sees calls of the stack from another address."""
    replaced = {make_key(change.new.urn) for change in resources.changes if change.replacing}
    old, new = before.sources, after.sources
    both_leave = all(facts.sources or _has_internet_egress(facts) for facts in (before, after))
    later = map_later_keys(resources)
    if not both_leave or ({later.get(key, key) for key in old} == new.keys() and replaced.isdisjoint(new)):
        return
    names = [", ".join(side.values()) or "addresses of other resources" for side in (old, new)]
    text = f"calls to the internet come from another address: {names[0]} → {names[1]}"
    if names[0] == names[1]:
        text = f"calls to the internet come from another address: {names[0]} is replaced"
    yield Line(Group.PATHS, Sign.CHANGED, text, (Head(Topic.SOURCE, names[1]),))


def _has_internet_egress(facts: Facts) -> bool:
    """Whether a path leads from the stack to the internet."""
    return any(kind == Kind.OUTBOUND.value and target.startswith("internet") for kind, _, target in facts.paths)


def list_rule_lines(before: Facts, after: Facts, resources: Resources) -> Iterator[Line]:
    """Findings of one report that the other has not. Other words for the same finding are no difference."""
    later, removed = map_later_keys(resources), {resource.urn for resource in resources.removed}
    for status, words in _STATUSES.items():
        old, new = _group_findings(before, status, later), _group_findings(after, status, {})
        for is_new, more in ((True, _list_additional(new, old)), (False, _list_additional(old, new))):
            for text, finding in more:
                rule = f"{finding.rule.id} ({finding.rule.severity.value})"
                fails = (
                    is_new and status is Status.FAILED and finding.rule.severity in (Severity.HIGH, Severity.CRITICAL)
                )
                sign = Sign.GONE if not is_new else Sign.NEW if status is Status.FAILED else Sign.CHANGED
                urns = (finding.resource.urn,) if finding.resource is not None and is_new else ()
                ends = not is_new and finding.resource is not None and finding.resource.urn in removed
                word = "no longer applies" if ends else words[not is_new]
                head = Head(Topic.FINDINGS, f"{rule} {word}")
                if status is Status.FAILED:
                    head = Head(Topic.FAILS if is_new else Topic.PASSES, rule)
                yield Line(Group.RULES, sign, f"{rule} {word}: {text}", (head,), urns, fails)


Findings = dict[tuple[str, str], dict[str, Finding]]


def _group_findings(facts: Facts, status: Status, later: Mapping[str, str]) -> Findings:
    """Texts of findings of a status by the rule with its route, and by the key of the resource's URN."""
    by_place: Findings = {}
    for finding in facts.findings:
        if finding.status is status:
            resource = finding.resource
            key = make_key(resource.urn) if resource is not None else ""
            for route, message in (finding.by_route or {"": finding.message}).items():
                place = f"{finding.rule.id} {route}", later.get(key, key)
                name = f"{resource.name}: " if resource is not None and resource.name not in message else ""
                by_place.setdefault(place, {})[f"{name}{message}"] = finding
    return by_place


def _list_additional(these: Findings, others: Findings) -> Iterator[tuple[str, Finding]]:
    """Findings at places where the others have fewer."""
    for place, here in sorted(these.items()):
        there = others.get(place, {})
        if len(here) > len(there):
            yield from ((text, finding) for text, finding in here.items() if text not in there)


def list_cost_lines(before: Facts, after: Facts) -> Iterator[Line]:
    """Each sum that differs. A sum of which a part is not known cannot be compared, unless the same part is missing."""
    old, new = ({found.label: found for found in list_sums(facts.bill)} for facts in (before, after))
    gaps = [describe_unknown(facts.bill) for facts in (before, after)]
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
            head = Head(Topic.COSTS, text, "Costs at the limits: {}" if at_limits else "")
            yield Line(Group.MONEY, Sign.CHANGED, text, (head,))
    if names := [name for name in dict.fromkeys((*gaps[0], *gaps[1])) if gaps[0].count(name) != gaps[1].count(name)]:
        text = f"cannot compare all costs: the review has no price or quantity for {join_names(names)}"
        head = Head(Topic.COSTS, f"cannot compare all of them: no price for {abbreviate_names(names)}")
        yield Line(Group.MONEY, Sign.CHANGED, text, (head,))


def _format_sum(found: Sum) -> str:
    if found.amount is not None:
        return f"${found.amount:,.2f}"
    return f"${found.known:,.2f} + ?" if found.known else "not known"
