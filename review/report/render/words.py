"""Wording that every form of the report shares: the verdict, findings, and what changes."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ...compare.effect import Tone
from ...facts import version
from ...graph import Resource
from ...graph.graph import Origin, grouped
from ...graph.prose import count, few
from ...reach.path import Kind, Path
from ..report import Report
from .differences import folded, properties_shown

if TYPE_CHECKING:
    from ...compare.changes import Changes
    from ...compare.engine.side import Changed
    from ...rules import Finding

_IN_NODE: Final = re.compile(r"\.[cm]?[jt]sx?:\d")
_SNAKE: Final = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")
_APART: Final = 8
"""Resources that come or go and are still listed one by one."""


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


def changed_lines(changes: Changes) -> list[tuple[str, str, list[str]]]:
    """Sign, what happens to which resource, and the inputs that differ: the gravest first, and what is alike once."""
    entries: list[tuple[str, str, list[str]]] = []
    for change in changes.replaced:
        why = ", ".join(change.replacing or ())
        entries.append(("±", f"{named(change.resource)} is replaced, for {why}", _inputs(change)))
    kept = {resource.urn for resource in changes.retained}
    gone = [resource for resource in changes.removed if resource.urn not in kept]
    entries += _whole("-", gone, "is deleted", "are deleted")
    entries += _whole("+", changes.added, "is new", "are new")
    others = [change for change in changes.changed if not change.replacing]
    others.sort(key=lambda change: (change.replacing is not None, not change.properties))
    alike = grouped(((change.resource.type, _fate(change), tuple(_inputs(change))), change) for change in others)
    for (_, fate, details), group in alike.items():
        also = f" and {len(group) - 1} more of its kind, each alike:" if len(group) > 1 else ""
        entries.append(("~", f"{named(group[0].resource)}{also} {fate}", list(details)))
    return entries


def _fate(change: Changed) -> str:
    doubt = (
        ", perhaps by replacement: it is not known whether these inputs replace it"
        if change.replacing is None
        else " in place"
    )
    before = change.renamed_from.split("::")[-1]
    if not change.properties:
        return f"stays as it is, known as {before} before"
    return f"changes{doubt}" + (f", known as {before} before" if before else "")


def _inputs(change: Changed) -> list[str]:
    """`settings.throttlingRateLimit: 100 → 200`, for each input that differs."""
    return folded((name, f"{before} → {after}") for name, before, after in properties_shown(change.properties))


def _whole(sign: str, resources: Sequence[Resource], one: str, many: str) -> list[tuple[str, str, list[str]]]:
    """Resources that come or go, a line each; where they are many, a line for each component."""
    if len(resources) <= _APART:
        return [(sign, f"{named(resource)} {one}", []) for resource in resources]
    listed = {resource.urn: resource for resource in resources}
    by_owner = grouped((_owner(resource, listed), named(resource)) for resource in resources)
    return [
        (sign, f"{owner}: {len(names)} {many if len(names) > 1 else one}", [", ".join(names)])
        for owner, names in by_owner.items()
    ]


def _owner(resource: Resource, listed: Mapping[str, Resource]) -> str:
    """The nearest component; if it is not known, the resource that is the parent, with its type."""
    while (above := listed.get(resource.parent or "")) is not None:
        resource = above
    if not resource.parent:
        return "outside any component"
    kind, name = resource.parent.split("::")[2].rpartition("$")[2], resource.parent.split("::")[-1]
    return f"{name} ({kind.rpartition(':')[2]})" if "/" in kind else name


def deleted(stack: str, against: str) -> str:
    """The meaning of a stack's deleted file."""
    return (
        f"The file of stack {stack} is gone: {against} has it. That deletes nothing in AWS: what the stack made stays "
        f"there and is paid for until somebody runs pulumi destroy --stack {stack}, for which the file is needed."
    )


def named(resource: Resource) -> str:
    """`front-api (RestApi)`."""
    return f"{resource.name} ({resource.kind})"


def tally(changes: Changes) -> str:
    """`3 added, 1 removed, 2 replaced, 1 perhaps replaced, 4 changed in place`."""
    kinds = {"added": changes.added, "removed": changes.removed, "replaced": changes.replaced}
    numbers = {
        **kinds,
        "perhaps replaced": [change for change in changes.changed if change.replacing is None],
        "changed in place": changes.updated,
        "taken over": changes.imported,
        "renamed": [change for change in changes.changed if not (change.properties or change.replacing)],
    }
    return ", ".join(f"{len(found)} {word}" for word, found in numbers.items() if found) or (
        "no resource differs" if changes.callers.unjudged else "nothing changes"
    )
