"""Holds a graph against every rule."""

import difflib
import enum
import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ..aws.catalog.tables import load_table_beside
from ..graph import Graph, Origin, Resource
from ..graph.reading import AFTER_DEPLOYMENT
from ..reach import Reach, trace
from .claims import vouch_for_rule
from .registry import RULES, Rule, Severity, Violation, rule
from .waivers import Waiver, list_needless, read_waivers

_UNSEEN: Final = dict.fromkeys(Origin, AFTER_DEPLOYMENT) | {
    Origin.PLAN: f"secret, or {AFTER_DEPLOYMENT}",
    Origin.STATE: "secret, or not in the state",
}


class Status(enum.Enum):
    """The result of a rule that did not simply pass, the gravest first."""

    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    WAIVED = "waived"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule that one resource breaks, or may break."""

    rule: Rule
    resource: Resource | None
    """None for the stack itself."""
    message: str
    status: Status
    reason: str = ""
    """Of a waiver."""
    by_route: Mapping[str, str] = field(default_factory=dict)
    """The message for each route, if it is about routes."""
    is_withheld: bool = False
    """Whether the rule found nothing, and the ledger has something that can falsify that."""


def check(graph: Graph, reach: Reach | None = None) -> list[Finding]:
    """Every finding, the gravest first. Rules without a finding hold, and the ledger has nothing against that."""
    reach = reach or trace(graph)
    granted = list(read_waivers(graph))
    used: set[Waiver] = set()
    declared = {resource.type for resource in graph}
    findings = list[Finding]()
    for checked in RULES.values():
        if not checked.types or not declared.isdisjoint(checked.types):
            findings += list_findings(checked, reach, granted, used)
    faults = [fault for waiver in granted if (fault := _find_waiver_fault(waiver, used))]
    for fault in (*faults, *list_needless(reach)):
        findings.append(Finding(rule=require_needed_waivers, resource=None, message=fault, status=Status.FAILED))
    return sorted(findings, key=_sort_key)


def list_findings(rule: Rule, reach: Reach, granted: list[Waiver], used: set[Waiver] | None = None) -> list[Finding]:
    """The findings of one rule, each once; waivers that cover one are added to `used`."""
    findings: dict[tuple[str, str], Finding] = {}
    violations = [*_add_reasons(reach.graph.origin, rule.violations(reach))]
    doubts = [] if violations else _list_doubts(rule, reach)
    for violation in violations or doubts:
        key = (violation.resource.urn if violation.resource else "", violation.message)
        if key not in findings:
            finding = _make_finding(rule, violation, granted, set() if used is None else used)
            findings[key] = replace(finding, is_withheld=bool(doubts))
    return list(findings.values())


def _list_doubts(rule: Rule, reach: Reach) -> list[Violation]:
    """A doubt about a rule that found nothing, if the ledger has something that can falsify it."""
    reason = vouch_for_rule(reach, rule.id, rule.types).reason if rule.applies(reach) else ""
    return [Violation(None, reason, certain=False)] if reason else []


def _add_reasons(origin: Origin, violations: Iterable[Violation]) -> Iterator[Violation]:
    """Violations with the reason why a value is unknown: a plan and a state hide it, a program computes it later."""
    for violation in violations:
        message = violation.message.replace(AFTER_DEPLOYMENT, _UNSEEN[origin])
        yield violation if violation.certain else replace(violation, message=message)


@dataclass(frozen=True)
class Tally:
    """Numbers of rules that passed, and of rules without a resource to check."""

    passed: int
    nothing: int


def count_rules(reach: Reach, findings: Iterable[Finding]) -> Tally:
    """Rules without a finding, by whether the stack holds anything that they look at."""
    mentioned = {finding.rule.id for finding in findings}
    quiet = [rule for rule in RULES.values() if rule.id not in mentioned and rule is not require_needed_waivers]
    passed = sum(rule.applies(reach) for rule in quiet)
    return Tally(passed, len(quiet) - passed)


def _make_finding(rule: Rule, violation: Violation, granted: list[Waiver], used: set[Waiver]) -> Finding:
    status = Status.FAILED if violation.certain else Status.INCONCLUSIVE
    resource, routes = violation.resource, violation.by_route
    finding = Finding(rule=rule, resource=resource, message=violation.message, status=status, by_route=routes)
    for waiver in granted:
        if waiver.reason and waiver.covers(rule.id, violation.resource):
            used.add(waiver)
            return replace(finding, status=Status.WAIVED, reason=waiver.reason)
    return finding


def _find_waiver_fault(waiver: Waiver, used: set[Waiver]) -> str:
    if why := _load_gone().get(waiver.rule):
        return f"there is no rule {waiver.rule} any more, since {why}: take the waiver out"
    if waiver.rule not in RULES:
        near = difflib.get_close_matches(waiver.rule, RULES, n=1)
        return f"there is no rule {waiver.rule!r}" + (f": did you mean {near[0]}?" if near else "")
    if not waiver.reason:
        return f"{waiver} is waived without a reason: write one, the review prints it"
    return "" if waiver in used else f"{waiver} is waived, but nothing breaks it: take the waiver out"


@functools.cache
def _load_gone() -> Mapping[str, str]:
    """Why a rule is gone, by its ID."""
    rows: Mapping[str, str] = load_table_beside(__file__, "gone")
    return {name: why for why, names in rows.items() for name in names.split()}


def _sort_key(finding: Finding) -> tuple[int, int, str, str]:
    status, severity = list(Status).index(finding.status), list(Severity).index(finding.rule.severity)
    return status, -severity, finding.rule.id, finding.resource.urn if finding.resource else ""


@rule("WAIVER-01", Severity.MEDIUM, program_only=True)
def require_needed_waivers(_reach: Reach) -> Iterator[str]:
    """Every waiver names a rule and a reason, and every waiver and acknowledgement is needed.
    Why: An unused waiver or acknowledgement would hide the next violation.
    Remedy: Correct or remove the entry of protection.waive or protection.acknowledgePublic in the stack's config.
    https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/security.html
    """
    yield from ()  # `check` knows which waivers the other rules used
