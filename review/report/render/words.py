"""Wording that every form of the report shares: the verdict, findings, and what changes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from ...facts import version
from ...graph import Resource
from ...graph.graph import Origin, grouped
from ...graph.prose import count, few
from ...reach.path import Kind, Path
from ..report import Report
from ..tone import Tone

if TYPE_CHECKING:
    from ...rules import Finding

_IN_NODE: Final = re.compile(r"\.[cm]?[jt]sx?:\d")
_SNAKE: Final = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")


def built(report: Report) -> str:
    """The title of the list of resources."""
    return "What is deployed" if report.origin in (Origin.STATE, Origin.AWS) else "What would be built"


def headline(report: Report) -> str:
    """`46 resources, 4 lookups`."""
    parts = [count(report.resources, "resource")]
    if report.read:
        named = f" ({report.read[0]})" if len(report.read) == 1 else ""
        parts.append(f"{len(report.read)} that exist{'s' if named else ''} already{named}")
    if report.lookups:
        parts.append(count(sum(number for _, number in report.lookups), "lookup"))
    return ", ".join(parts)


def verdict(report: Report) -> str:
    """`12 passed · 0 failed · 1 waived · 2 inconclusive · 93 had nothing to look at`; rules, each counted once."""
    parts = [f"{report.tally.passed} passed", f"{rules_of(report, 'failed')} failed"]
    parts += [f"{found} {status}" for status in ("waived", "inconclusive") if (found := rules_of(report, status))]
    return " · ".join([*parts, f"{report.tally.nothing} had nothing to look at"])


_GRAVEST: Final = ("failed", "inconclusive", "waived")


def rules_of(report: Report, status: str) -> int:
    """Rules whose gravest finding has a status."""
    counted = {finding.rule.id for other in _GRAVEST[: _GRAVEST.index(status)] for finding in report.of_status(other)}
    return len({finding.rule.id for finding in report.of_status(status)} - counted)


def ways(report: Report, kind: Kind) -> list[Path]:
    """Paths of a kind, open ones first."""
    return sorted((path for path in report.paths if path.kind is kind), key=lambda path: not path.open)


def reasons(path: Path) -> list[tuple[str, str]]:
    """Each hop of a path with the rule that lets it pass."""
    return [(hop.name or hop.label, hop.rule) for hop in path.hops if hop.rule]


def rests_on(path: Path) -> str:
    """The inputs that a no rests on, in a few words: those that are set first."""
    facts = sorted(path.because, key=lambda fact: fact.value is None)
    return few([str(fact) for fact in facts]) if facts else ""


def open_to_anyone(report: Report) -> list[str]:
    """Calls that anybody may make, and whether the stack acknowledges it."""
    no = "and the stack does not acknowledge it"
    yes = "acknowledged: protection.acknowledgePublic"
    return [f"{endpoint} ({yes if endpoint.acknowledged else no})" for endpoint in report.anyone]


SHOWN: Final = 3
"""Findings of one rule that are shown; the others are counted."""


def by_rule(report: Report, status: str) -> list[tuple[list[Finding], str]]:
    """Findings of a status, a group for each rule, gravest first: those to show, and `and 97 more` if not all."""
    groups = grouped((finding.rule.id, finding) for finding in report.of_status(status)).values()
    return [(group[:SHOWN], f"and {len(group) - SHOWN} more" if len(group) > SHOWN else "") for group in groups]


def rule_page(finding: Finding) -> str:
    """Address of a rule in review/docs/rules.md, under that in GATEHOUSE_DOCUMENTS; empty if no address is known."""
    base = os.environ.get("GATEHOUSE_DOCUMENTS", "").rstrip("/")
    if not base.startswith("https://"):
        released = f"https://github.com/{version.REPOSITORY}/blob/v{version.VERSION}"
        base = "" if version.REPOSITORY.startswith("OWNER/") else released
    return base and f"{base}/review/docs/rules.md#{finding.rule.id.lower()}"


def remedy(finding: Finding) -> str:
    """What to do, with inputs as the program's language spells them: `assignPublicIp` in TypeScript."""
    in_node = finding.resource is not None and _IN_NODE.search(finding.resource.source)
    return _SNAKE.sub(lambda hit: hit[1].upper(), finding.rule.remedy) if in_node else finding.rule.remedy


def about(finding: Finding) -> str:
    """The resource that a finding is about, with the line that declares it."""
    if finding.resource is None:
        return "the stack"
    return finding.resource.name + (f" ({finding.resource.source})" if finding.resource.source else "")


MARKS: Final = {Tone.BAD: "🛑", Tone.WARN: "⚠️", Tone.GOOD: "", Tone.PLAIN: ""}
"""Signs that differ without colour as well."""


def deleted(stack: str, against: str) -> str:
    """The meaning of a stack's deleted file."""
    return (
        f"The file of stack {stack} is gone: {against} has it. That deletes nothing in AWS: what the stack made stays "
        f"there and is paid for until somebody runs pulumi destroy --stack {stack}, for which the file is needed."
    )


def named(resource: Resource) -> str:
    """`front-api (RestApi)`."""
    return f"{resource.name} ({resource.kind})"
