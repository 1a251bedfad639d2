"""Policies made of the review's rules: one policy a rule, under the rule's id.

A rule that judges a resource by itself becomes a resource policy, and refuses before anything is created; one that
looks around becomes a stack policy. Left out are the rules that read what the engine hands to no policy
(`Rule.program_only`): which values are secret, what is retained on delete, and which rules a program wrote inline.
https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

from review.aws.catalog import canonical
from review.aws.model import AwsModel
from review.graph import Graph
from review.policy.adapter import graph_of_one, graph_of_stack
from review.reach import Reach, trace
from review.rules import RULES, Rule, Severity, Status
from review.rules.check import WAIVERS, findings_of
from review.rules.waivers import Waiver, waivers

NAME: Final = "gatehouse"

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
        }
    }
)
"""Config that every policy takes besides its enforcement level."""

_MANDATORY: Final = (Severity.HIGH, Severity.CRITICAL)
_SEVERITIES: Final = {severity: PolicySeverity(severity.value) for severity in Severity}


def policies() -> list[Policy]:
    """The pack's policies, in the order of the registry."""
    latest = _Latest()
    return [_policy(rule, latest) for rule in RULES.values() if is_in_pack(rule)]


def is_in_pack(rule: Rule) -> bool:
    """Whether a rule can be judged by what the engine hands to policies. Waivers are the stack's, not the pack's."""
    return rule is not WAIVERS and (rule.alone or not rule.program_only)


class _Latest:
    """The reach of the stack that was judged last: every stack policy is handed the same resources again."""

    def __init__(self) -> None:
        self._reach: Reach | None = None

    def of(self, graph: Graph) -> Reach:
        found = self._reach
        if found is None or found.model.graph.resources != graph.resources or found.model.graph.config != graph.config:
            found = self._reach = trace(AwsModel(graph))
        return found


def _policy(rule: Rule, latest: _Latest) -> Policy:
    described: dict[str, Any] = {
        "name": rule.id,
        "description": rule.title,
        "enforcement_level": EnforcementLevel.MANDATORY if rule.severity in _MANDATORY else EnforcementLevel.ADVISORY,
        "severity": _SEVERITIES[rule.severity],
        "config_schema": SCHEMA,
        "remediation_steps": rule.remedy,
        "url": rule.source,
    }

    def of_resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if canonical(args.resource_type) in rule.types:
            _report(rule, trace(AwsModel(graph_of_one(args))), args.get_config(), report)

    def of_stack(args: StackValidationArgs, report: ReportViolation) -> None:
        _report(rule, latest.of(graph_of_stack(args.resources)), args.get_config(), report)

    if rule.alone:
        return ResourceValidationPolicy(validate=of_resource, **described)
    return StackValidationPolicy(validate=of_stack, **described)


def _report(rule: Rule, reach: Reach, config: Mapping[str, Any], report: ReportViolation) -> None:
    """Report what fails. What a preview does not know yet is judged by the same policy when the update has run."""
    granted = [*waivers(reach.model.graph), *_waived_in_pack(rule, config)]
    for finding in findings_of(rule, reach, granted):
        if finding.status is Status.FAILED:
            urn = finding.resource.urn if finding.resource is not None else None
            report(f"{finding.message}\n{rule.remedy} {rule.source}", urn)


def _waived_in_pack(rule: Rule, config: Mapping[str, Any]) -> Iterator[Waiver]:
    for entry in config.get("waive") or ():
        yield Waiver(rule.id, entry["reason"], entry.get("resource") or "*")
