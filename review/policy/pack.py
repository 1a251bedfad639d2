"""Policies made of the review's rules: one policy a rule, under the rule's id.

A rule that judges a resource by itself becomes a resource policy, and refuses before anything is created; one that
needs other resources becomes a stack policy. The last policies report inconclusive rules as advice, one for each
severity, so that a rule that cannot be judged counts as much as the rule does: `CANNOT-TELL-CRITICAL` and so on.
Rules whose facts the engine gives to no policy are left out (`Rule.program_only`): which values are secret, and which
resources are retained on delete. https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PolicySeverity

from review.aws.catalog.catalog import normalize_token
from review.graph import Graph
from review.policy.adapter import Inputs, build_resource_graph, build_stack_graph
from review.reach import Reach, trace
from review.rules import RULES, Rule, Severity, Status
from review.rules.check import Finding, list_findings
from review.rules.waivers import Waiver, read_waivers

NAME: Final = "gatehouse"
CANNOT_TELL: Final = {severity: f"CANNOT-TELL-{severity.name}" for severity in reversed(Severity)}
"""The policies that report inconclusive rules, by the severity of the rules."""

SCHEMA: Final = PolicyConfigSchema(
    properties={
        "waive": {
            "type": "array",
            "description": "Resources, by name patterns, for which the rule does not count, each with the reason",
            "items": {
                "type": "object",
                "properties": {"resource": {"type": "string"}, "reason": {"type": "string", "minLength": 1}},
                "required": ["reason"],
                "additionalProperties": False,
            },
        },
        "inconclusive": {
            "type": "string",
            "enum": ["advise", "fail"],
            "description": "Whether the rule fails if it cannot be judged. Defaults to advise",
        },
    }
)
"""Config that every policy takes besides its enforcement level."""

_MANDATORY: Final = (Severity.HIGH, Severity.CRITICAL)
_SEVERITIES: Final = {severity: PolicySeverity(severity.value) for severity in Severity}


def make_policies() -> list[Policy]:
    """The pack's policies, in the order of the registry; the last ones report findings that are inconclusive."""
    run = _Run()
    rules = (_make_policy(rule, run) for rule in RULES.values() if rule.in_pack)
    return [*rules, *(_make_inconclusive_policy(severity, run) for severity in CANNOT_TELL)]


class _Run:
    """State that the policies of a run share."""

    def __init__(self) -> None:
        self.inputs = Inputs()
        self.unclear: dict[tuple[str, str], list[Finding]] = {}
        """Inconclusive findings by the rule's ID and the resource's URN, which is empty for the stack."""
        self._reach: Reach | None = None
        self._urn = ""
        self._judged: set[str] = set()

    def keep(self, args: ResourceValidationArgs) -> None:
        """Remember the inputs of a resource, which the engine gives before it judges the stack."""
        self.inputs.keep(args)
        if args.urn != self._urn:
            self._reach = None

    def reach(self, rule: Rule, urn: str, graph: Callable[[], Graph]) -> Reach:
        """The reach of the resource that a rule is to judge, or of the stack, which has no URN.

        The engine judges each by one call, which hands every policy the same. So it is read once, until a rule comes a
        second time or another resource is given, which means another call.
        """
        if self._reach is None or urn != self._urn or rule.id in self._judged:
            self._reach, self._urn = trace(graph()), urn
            self._judged.clear()
        self._judged.add(rule.id)
        return self._reach


def _make_policy(rule: Rule, run: _Run) -> Policy:
    described: dict[str, Any] = {
        "name": rule.id,
        "description": rule.title,
        "enforcement_level": EnforcementLevel.MANDATORY if rule.severity in _MANDATORY else EnforcementLevel.ADVISORY,
        "severity": _SEVERITIES[rule.severity],
        "config_schema": SCHEMA,
        "remediation_steps": rule.remedy,
        "url": rule.source,
    }

    def validate_resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
        run.keep(args)
        if normalize_token(args.resource_type) in rule.types:
            reach = run.reach(rule, args.urn, lambda: build_resource_graph(args))
            run.unclear[rule.id, args.urn] = list(_report_failures(rule, reach, args.get_config(), report))

    def validate_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        reach = run.reach(rule, "", lambda: build_stack_graph(args.resources, run.inputs))
        run.unclear[rule.id, ""] = list(_report_failures(rule, reach, args.get_config(), report))

    if rule.alone:
        return ResourceValidationPolicy(validate=validate_resource, **described)
    return StackValidationPolicy(validate=validate_stack, **described)


def _report_failures(rule: Rule, reach: Reach, config: Mapping[str, Any], report: ReportViolation) -> Iterator[Finding]:
    """Reports the findings that fail; returns those that are inconclusive."""
    entries = config.get("waive") or ()
    own = (Waiver(rule.id, entry["reason"], entry.get("resource") or "*") for entry in entries)
    for finding in list_findings(rule, reach, [*read_waivers(reach.graph), *own]):
        if finding.status is Status.FAILED:
            report(f"{finding.message}\n{rule.remedy} {rule.source}", _find_urn(finding))
        elif finding.is_withheld and rule.alone:
            continue  # Without the other resources, nobody asks for the inputs that only they make matter.
        elif finding.status is Status.INCONCLUSIVE and config.get("inconclusive") == "fail":
            report(_describe_undecided([rule.id], finding.message), _find_urn(finding))
        elif finding.status is Status.INCONCLUSIVE:
            yield finding


def _make_inconclusive_policy(severity: Severity, run: _Run) -> Policy:
    def validate_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        present = {"", *(resource.urn for resource in args.resources)}
        rules: dict[tuple[str | None, str], list[str]] = defaultdict(list)
        for (name, judged), findings in run.unclear.items():
            for finding in findings if judged in present and RULES[name].severity is severity else ():
                rules[_find_urn(finding), finding.message].append(name)
        for (urn, message), names in rules.items():
            report(_describe_undecided(names, message), urn)

    return StackValidationPolicy(
        name=CANNOT_TELL[severity],
        description=f"Rules of severity {severity.value} that could not be judged",
        validate=validate_stack,
        enforcement_level=EnforcementLevel.ADVISORY,
        severity=_SEVERITIES[severity],
    )


def _describe_undecided(rules: Iterable[str], message: str) -> str:
    return f"{', '.join(dict.fromkeys(rules))} cannot tell: {message}"


def _find_urn(finding: Finding) -> str | None:
    return finding.resource.urn if finding.resource is not None else None
