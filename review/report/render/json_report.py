"""The report as JSON, in the shape that review/docs/review.schema.json describes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ...cost import Estimate
from ...facts import version
from ...graph import Origin, Resource
from ...graph.answers import add_up
from ...reach.path import Path
from ..report import Report, describe_source_in_full
from . import outside

if TYPE_CHECKING:
    from ...rules import Finding

VERSION: Final = 2
"""Rises when a field changes its meaning or is removed."""


def as_json(report: Report, *, only_changes: bool = False, reasons: Sequence[str] = ()) -> str:
    """The whole report or, with `only_changes`, the changes of a comparison. `reasons` say why `--strict` fails."""
    fields = build_document(report)
    names = (*_build_head("", "", report.origin), "notCompared", "changes") if only_changes else fields
    return json.dumps({**{key: fields[key] for key in names}, "failsBecause": [*reasons]}, indent=2) + "\n"


def format_failure(project: str, stack: str, message: str) -> str:
    """The object for a stack that could not be reviewed."""
    return json.dumps({**_build_head(project, stack, Origin.PROGRAM), "error": message}, indent=2) + "\n"


def _build_head(project: str, stack: str, origin: Origin) -> dict[str, Any]:
    about = {"version": VERSION, "gatehouse": version.VERSION, "about": describe_source_in_full(origin)}
    return {**about, "project": project, "stack": stack, "origin": origin.value}


def build_document(report: Report) -> dict[str, Any]:
    return {
        **_build_head(report.project, report.stack, report.origin),
        "region": report.region,
        "regionNotes": list(report.region_notes),
        "topology": report.topology,
        "resources": report.resources,
        "declared": dict(report.declared),
        "existing": list(report.read),
        "components": [vars(row) for row in report.rows],
        "lookups": [{"token": token, "count": number} for token, number in report.lookups],
        "hiddenInApply": list(report.hidden),
        "exports": [{"name": export.name, "text": export.text, "known": export.known} for export in report.exports],
        "cost": build_cost(report.bill),
        "fromOutside": outside.describe_outside(report),
        "unseenCallers": list(report.unseen_callers),
        "paths": [_build_path(path) for path in report.paths],
        "openToAnyone": [
            {"resource": at.resource.urn, "name": at.name, "calls": list(at.calls), "acknowledged": at.acknowledged}
            for at in report.anyone
        ],
        "limitations": list(report.limitations),
        "doesNotRestOn": [
            {
                "text": str(entry),
                "effects": sorted(way.name.lower() for way in entry.ways),
                "resources": sorted(entry.at),
            }
            for entry in (*report.ledger.entries, *report.ledger.unread)
        ],
        "rules": {
            "passed": report.tally.passed,
            "nothingToLookAt": report.tally.nothing,
            "findings": [_build_finding(finding) for finding in report.findings],
        },
        "diagram": {
            "nodes": [
                {
                    "id": node.id,
                    "label": node.label,
                    "detail": node.detail,
                    "place": node.place.value,
                    "fixed": _round(node.fixed),
                }
                for node in report.diagram.nodes.values()
            ],
            "edges": [
                {"source": edge.source, "target": edge.target, "label": edge.label}
                for edge in report.diagram.edges.values()
            ],
        },
        "notes": list(report.notes),
        "notCompared": report.not_compared,
        "changes": _build_changes(report),
    }


def _build_changes(report: Report) -> Any:
    if report.changes is None:
        return None
    from ...compare import render

    return render.build_document(report.changes)


def build_cost(bill: Estimate) -> dict[str, Any]:
    worst = bill.worst
    return {
        "currency": "USD",
        "region": bill.region,
        "pricesOf": bill.as_of,
        "usage": bill.usage.describe(),
        "fixed": {part.name.lower(): _round(bill.sum_fixed(part)) for part in bill.list_parts()},
        "components": {name: _round(amount) for name, amount in bill.sum_components().items()},
        "perMillionRequests": _round(bill.per_million),
        "scalingToMaximum": _round(bill.scaling, 2),
        "worstMonth": None
        if worst is None
        else {
            "requests": worst.requests,
            "usd": _round(worst.usd, 2),
            "usdWithFixedCosts": None if worst.not_counted else _round(add_up([worst.usd, bill.sum_fixed()]), 2),
            "usdUntilTimeout": _round(worst.until_timeout, 2),
            "why": worst.why,
            "notCounted": [*worst.not_counted],
        },
        "lines": [
            {
                "component": line.component,
                "resource": line.resource.urn,
                "part": line.part.name.lower(),
                "basis": line.basis.value,
                "item": line.label,
                "quantity": line.quantity,
                "unit": line.unit,
                "price": line.price,
                "usd": _round(line.amount),
                "source": line.source,
                "confirmed": line.sure,
                "note": line.note,
                "inputs": [*line.inputs],
                "notCounted": [*line.unread],
            }
            for line in bill.lines
        ],
        "notPriced": [
            {"type": token, "count": len(names), "names": names} for token, names in bill.group_unpriced().items()
        ],
        "cheaper": list(bill.cheaper),
        "free": list(bill.free),
        "byUse": [{"type": token, "dependsOn": by} for token, by in bill.by_use],
    }


def _round(amount: float | None, digits: int = 4) -> float | None:
    """Dollars for a program; None, which is `null`, if they are not known."""
    return None if amount is None else round(amount, digits)


def _build_path(path: Path) -> dict[str, Any]:
    return {
        "kind": path.kind.value,
        "source": path.source,
        "target": path.target,
        "open": None if path.open and path.doubts else path.open,
        "blockedBy": path.blocked_by,
        "uncertainty": path.uncertainty,
        "text": path.describe(full=True),
        "hops": [
            {
                "name": hop.name,
                "label": hop.full_label or hop.label,
                "needs": hop.needs,
                "resource": _find_urn(hop.resource),
            }
            for hop in path.hops
        ],
    }


def _build_finding(finding: Finding) -> dict[str, Any]:
    rule = finding.rule
    return {
        "rule": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "status": finding.status.value,
        "resource": _find_urn(finding.resource),
        "declaredAt": finding.resource.source if finding.resource else "",
        "message": finding.message,
        "why": rule.why,
        "remedy": rule.remedy,
        "source": rule.source,
        "reason": finding.reason,
    }


def _find_urn(resource: Resource | None) -> str | None:
    return resource.urn if resource else None
