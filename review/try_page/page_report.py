"""The report beside the picture: who can call, costs for a usage, rules, and what a change of a file changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..compare import comparison
from ..compare import render as compared
from ..cost import Estimate
from ..cost.estimate import add_all
from ..evaluate.runner import Evaluation
from ..graph import Graph
from ..report.described import describe
from ..report.render.json_report import build_cost, build_document
from ..report.render.words import STATUS_WORDS, describe_open_endpoints, format_verdict
from ..report.report import Report, read_usage
from ..report.report import report as make_report

_OF_REPORT: Final = ("project", "stack", "topology", "region", "fromOutside", "limitations", "notes", "paths")
_OF_FINDING: Final = ("rule", "title", "severity", "status", "declaredAt", "message", "remedy", "reason")
_BEFORE: Final = "the version before"


def review(graph: Graph) -> Report:
    """The report of a stack that is served, which is evaluated only with made-up outputs."""
    return make_report(Evaluation(graph, graph))


def build_report(report: Report) -> dict[str, Any]:
    """The parts of the report that the page shows."""
    document = build_document(report)
    rules = document["rules"]
    findings = [{key: finding[key] for key in _OF_FINDING} for finding in rules["findings"]]
    for finding in findings:
        finding["status"] = STATUS_WORDS[finding["status"]]
    return {
        **{key: document[key] for key in _OF_REPORT},
        "openToAnyone": describe_open_endpoints(report),
        "verdict": format_verdict(report),
        "findings": findings,
        **_build_costs(report.bill),
    }


def _build_costs(bill: Estimate) -> dict[str, Any]:
    """The costs with the sums of a month, of which one is null if a part of it is not known."""
    settings = bill.usage.list_settings()
    return {
        "cost": build_cost(bill),
        "sums": {
            "withoutCalls": bill.sum_fixed(),
            "calls": add_all(bill.list_calls()),
            "otherUse": add_all(bill.list_other_use()),
        },
        "usage": [{"name": name, "value": value, "meaning": meaning} for name, value, meaning in settings],
    }


def estimate_again(graph: Graph, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The costs for another usage. Raises UsageError with what is known."""
    usage = read_usage(graph).replace_settings(settings)
    return _build_costs(make_report(Evaluation(graph, graph), usage).bill)


def compare_versions(before: Graph, after: Graph) -> dict[str, Any]:
    """The differences that a changed file makes, in the words of the comparison."""
    found = comparison.compare(before, after, read_usage(after), _BEFORE, describe=describe)
    document = compared.build_document(found)
    return {"heading": document["heading"], "lines": document["lines"]}
