"""Wording that every form of the report shares: the verdict, findings, and what changes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from ...facts import version
from ...graph.graph import group_pairs
from ...graph.prose import format_count
from ...reach.path import Kind, Path
from ..report import Report
from ..tone import Tone

if TYPE_CHECKING:
    from ...rules import Finding


def format_title(report: Report) -> str:
    """`shop · prod · link · eu-west-1`."""
    return " · ".join(filter(None, (report.project, report.stack, report.topology, report.region)))


def format_headline(report: Report) -> str:
    """`46 resources, 1 that exists already`."""
    existing = f", {len(report.read)} that exist{'s' if len(report.read) == 1 else ''} already" if report.read else ""
    return format_count(report.resources, "resource") + existing


STATUS_WORDS: Final = {"failed": "failed", "waived": "waived", "inconclusive": "undecided"}


def format_verdict(report: Report) -> str:
    """`12 passed · 0 failed · 1 waived · 2 undecided`; rules, each counted once."""
    parts = [f"{report.tally.passed} passed", f"{count_rules(report, 'failed')} failed"]
    others = ((count_rules(report, status), STATUS_WORDS[status]) for status in ("waived", "inconclusive"))
    parts += [f"{number} {word}" for number, word in others if number]
    return " · ".join(parts)


_GRAVEST: Final = ("failed", "inconclusive", "waived")


def count_rules(report: Report, status: str) -> int:
    """Rules whose gravest finding has a status."""
    counted = {
        finding.rule.id for graver in _GRAVEST[: _GRAVEST.index(status)] for finding in report.list_findings(graver)
    }
    return len({finding.rule.id for finding in report.list_findings(status)} - counted)


def list_paths(report: Report, kind: Kind) -> list[Path]:
    """Paths of a kind, open ones first."""
    return sorted((path for path in report.paths if path.kind is kind), key=lambda path: not path.open)


def describe_open_endpoints(report: Report) -> list[str]:
    """Calls that anybody may make, and whether the stack acknowledges it."""
    no = "not acknowledged: list it in protection.acknowledgePublic, or close it"
    yes = "acknowledged in protection.acknowledgePublic"
    return [f"{endpoint} ({yes if endpoint.acknowledged else no})" for endpoint in report.anyone]


MOST_FINDINGS: Final = 3
"""Findings of one rule that are shown; the others are counted."""


def group_by_rule(report: Report, status: str) -> list[tuple[list[Finding], str]]:
    """Findings of a status, a group for each rule, gravest first: those to show, and `and 97 more` if not all."""
    listed = (finding for finding in report.list_findings(status) if not finding.is_withheld)
    groups = group_pairs((finding.rule.id, finding) for finding in listed).values()
    return [
        (group[:MOST_FINDINGS], f"and {len(group) - MOST_FINDINGS} more" if len(group) > MOST_FINDINGS else "")
        for group in groups
    ]


def list_withheld_rules(report: Report) -> list[tuple[str, str]]:
    """Rules that found nothing and are not vouched for, together if it is for the same reason, with the reason."""
    withheld = (finding for finding in report.list_findings("inconclusive") if finding.is_withheld)
    groups = group_pairs((finding.message, finding.rule) for finding in withheld)
    return [(", ".join(f"{rule.id} ({rule.severity.value})" for rule in rules), why) for why, rules in groups.items()]


def find_rule_page(finding: Finding) -> str:
    """Address of a rule in review/docs/rules.md, under that in GATEHOUSE_DOCUMENTS; empty if no address is known."""
    base = os.environ.get("GATEHOUSE_DOCUMENTS", "").rstrip("/")
    if not base.startswith("https://"):
        released = f"https://github.com/{version.REPOSITORY}/blob/v{version.VERSION}"
        base = "" if version.REPOSITORY.startswith("OWNER/") else released
    return base and f"{base}/review/docs/rules.md#{finding.rule.id.lower()}"


def describe_subject(finding: Finding) -> str:
    """The resource that a finding is about, with the line that declares it."""
    if finding.resource is None:
        return "the stack"
    return finding.resource.name + (f" ({finding.resource.source})" if finding.resource.source else "")


MARKS: Final = {Tone.BAD: "🛑", Tone.WARN: "⚠️", Tone.GOOD: "", Tone.PLAIN: ""}
"""Signs that differ without colour as well."""


def describe_deleted_file(stack: str, against: str) -> str:
    """The meaning of a stack's deleted file."""
    return (
        f"The file of stack {stack} is gone: {against} has it. That deletes nothing in AWS: what the stack made stays "
        f"there and is paid for until somebody runs pulumi destroy --stack {stack}, for which the file is needed."
    )
