"""The report of a verification in four forms, all from one document."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ...facts import version
from ...graph import UNKNOWN, Origin, Resource
from ...graph.prose import count, printable
from ...verify.verification import Verification
from ..report import disclaimer, long_disclaimer
from .drawing import escape
from .html import page
from .markdown import safe

VERSION: Final = 1
_REMEDY: Final = {
    "changed": "run `pulumi up --refresh` to restore it, or change the program",
    "gone": "run `pulumi up --refresh` to create it again",
    "not declared": "find out who made it: another stack may declare it. If nobody needs it, delete it in AWS (no "
    "update does), or declare it and run `pulumi import`",
}
_MARKS: Final = {"failed": "✗", "not read": "?", "passed": "✓"}

Document = dict[str, Any]
Lines = list[tuple[str, list[str]]]
"""Each with lines below it."""


def document(verification: Verification) -> Document:
    """The report as JSON. Secrets of a state are unknown to the review, so none is in it."""
    found, graph, wording = verification.drift, verification.graph, verification.wording
    drift = [_drift(resource, "not declared", _inputs(resource)) for resource in found.added]
    drift += [_drift(resource, "gone", []) for resource in found.removed]
    for change in found.changes:
        inputs = [wording.of_input(part, change) for part in change.inputs]
        drift.append(_drift(change.new, "changed", inputs))
    return {
        "version": VERSION,
        "gatehouse": version.VERSION,
        "about": long_disclaimer(Origin.AWS),
        "project": graph.project,
        "stack": graph.stack,
        "region": graph.region,
        "verdict": _verdict(verification, len(drift)),
        "compared": verification.compared,
        "drift": drift,
        "checks": [
            {"status": check.status.value, "about": check.about, "message": check.message, "remedy": check.remedy}
            for check in verification.checks
        ],
        "notRead": list(verification.unread),
        "notes": list(verification.notes),
    }


def failed(shown: Mapping[str, Any]) -> bool:
    """Whether something drifted, or a check failed."""
    return bool(shown["drift"]) or any(check["status"] == "failed" for check in shown["checks"])


def undecided(shown: Mapping[str, Any]) -> bool:
    """Whether something was not read."""
    return bool(shown["notRead"]) or any(check["status"] == "not read" for check in shown["checks"])


def _verdict(verification: Verification, drifted: int) -> str:
    failures = sum(check.status.value == "failed" for check in verification.checks)
    unread = len(verification.unread) + sum(check.status.value == "not read" for check in verification.checks)
    drift = f"{count(drifted, 'resource') if drifted else 'no resource'} drifted of {verification.compared} compared"
    parts = [drift, f"{count(failures, 'check')} failed" if failures else "no check failed"]
    return ", ".join([*parts, *([f"{count(unread, 'thing')} not read"] if unread else [])])


def _drift(resource: Resource, kind: str, differences: Iterable[str]) -> Document:
    about = {"resource": resource.name, "type": resource.type, "id": str(resource.id), "urn": resource.urn}
    return {**about, "kind": kind, "differences": list(differences), "remedy": _REMEDY[kind]}


def _inputs(resource: Resource) -> list[str]:
    return [f"{key}: {_shown(value)}" for key, value in resource.inputs.items() if value is not UNKNOWN]


def _shown(value: Any) -> Any:
    """A value without those of maps, and a URL without user and query: they may be secrets, such as a header."""
    if isinstance(value, Mapping):
        return [*value]
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return re.sub(r"(?<=://)[^/@\s]*@|\?\S*", "…", value) if isinstance(value, str) and "://" in value else value


def _told(one: Mapping[str, Any]) -> tuple[str, list[str]]:
    below = [*one["differences"], f"→ {one['remedy']}"]
    return f"{one['resource']} ({one['type']}, {one['id']}): {one['kind']}", below


def _sections(shown: Mapping[str, Any]) -> Iterator[tuple[str, Lines]]:
    """Title, and lines with lines below each."""
    by_status = {status: [check for check in shown["checks"] if check["status"] == status] for status in _MARKS}
    yield "Drift from the state", [*map(_told, shown["drift"])]
    for status, listed in by_status.items():
        lines = [
            (f"{_MARKS[status]} {one['about']}: {one['message']}", [f"→ {one['remedy']}"] if one["remedy"] else [])
            for one in listed
        ]
        yield f"Checks: {status}", lines
    yield "Not read", [(line, []) for line in shown["notRead"]]
    yield "Notes", [(line, []) for line in shown["notes"]]


def as_plain(shown: Mapping[str, Any]) -> str:
    lines = [disclaimer(Origin.AWS), f"{shown['project']} · {shown['stack']} · {shown['region']}", "", shown["verdict"]]
    for title, listed in _sections(shown):
        lines += ["", title] if listed else []
        for line, below in listed:
            lines += [f"  {line}", *(f"      {each}" for each in below)]
    return "\n".join(map(printable, lines)) + "\n"


def as_markdown(shown: Mapping[str, Any]) -> str:
    mark = "❌" if failed(shown) else "✅"
    blocks = [f"## {safe(_title(shown))}", f"{mark} **{safe(shown['verdict'])}**"]
    for title, listed in _sections(shown):
        lines = [
            part for line, below in listed for part in (f"- {safe(line)}", *(f"  - {safe(each)}" for each in below))
        ]
        blocks += [f"### {title}\n\n" + "\n".join(lines)] if lines else []
    return "\n\n".join([*blocks, f"<sub>{shown['about']}</sub>"]) + "\n"


def as_html(shown: Mapping[str, Any]) -> str:
    parts = [f'<section class="stack"><h1>{escape(_title(shown))}</h1>']
    parts.append(f'<p class="{"bad" if failed(shown) else ""}">{escape(shown["verdict"])}</p>')
    for title, listed in _sections(shown):
        rows = "".join(
            f"<li>{escape(line)}<ul>{''.join(f'<li>{escape(each)}</li>' for each in below)}</ul></li>"
            for line, below in listed
        )
        parts += [f"<h2>{escape(title)}</h2><ul>{rows}</ul>"] if rows else []
    return page(["\n".join([*parts, "</section>"])], Origin.AWS)


def _title(shown: Mapping[str, Any]) -> str:
    return " · ".join(("verify", shown["project"], shown["stack"], shown["region"]))
