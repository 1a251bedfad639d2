"""The report of a verification in four forms, all from one document."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ...compare.effect import Line, Tone
from ...facts import version
from ...graph import UNKNOWN, Origin, Resource
from ...graph.prose import count, printable
from ...verify.verification import Verification
from ..report import disclaimer, long_disclaimer
from .differences import properties_shown
from .drawing import escape
from .html import page
from .markdown import safe
from .verdict import sentence

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


def document(found: Verification) -> Document:
    """The report as JSON. Secrets of a state are unknown to the review, so none is in it."""
    changes, graph = found.changes, found.graph
    drift = [_drift(one, "not declared", _inputs(one)) for one in changes.added]
    drift += [_drift(one, "gone", []) for one in changes.removed]
    drift += [_drift(one.resource, "changed", [*properties_shown(one.properties)]) for one in changes.changed]
    return {
        "version": VERSION,
        "gatehouse": version.VERSION,
        "about": long_disclaimer(Origin.AWS),
        "project": graph.project,
        "stack": graph.stack,
        "region": graph.region,
        "verdict": _verdict(found, len(drift)),
        "compared": found.compared,
        "drift": drift,
        "effects": [*_effects(found)],
        "opens": [str(way) for way in (*changes.opened, *(new for old, new in changes.altered if new.asks_less(old)))],
        "breaks": list(changes.broken),
        "checks": [
            {"status": one.status.value, "about": one.about, "message": one.message, "remedy": one.remedy}
            for one in found.checks
        ],
        "notRead": list(found.unread),
        "notes": list(found.notes),
    }


def failed(shown: Mapping[str, Any]) -> bool:
    """Whether something drifted, or a check failed."""
    return bool(shown["drift"]) or any(one["status"] == "failed" for one in shown["checks"])


def undecided(shown: Mapping[str, Any]) -> bool:
    """Whether something was not read."""
    return bool(shown["notRead"]) or any(one["status"] == "not read" for one in shown["checks"])


def _verdict(found: Verification, drifted: int) -> str:
    failures = sum(one.status.value == "failed" for one in found.checks)
    unread = len(found.unread) + sum(one.status.value == "not read" for one in found.checks)
    drift = f"{count(drifted, 'resource') if drifted else 'no resource'} drifted of {found.compared} compared"
    parts = [drift, f"{count(failures, 'check')} failed" if failures else "no check failed"]
    return ", ".join([*parts, *([f"{count(unread, 'thing')} not read"] if unread else [])])


def _effects(found: Verification) -> Iterator[str]:
    """Sentences of a comparison with an earlier version, for what has happened."""
    for line in (Line.CALLERS, Line.DATA, Line.CALLS, Line.BACKEND, Line.ALARMS):
        tone, words = sentence(found.changes, line)
        if tone is not Tone.GOOD:
            yield f"{line.value}: {words}"


def _drift(one: Resource, kind: str, differences: Sequence[tuple[str, str, str]]) -> Document:
    listed = [{"input": name, "state": before, "aws": after} for name, before, after in differences]
    about = {"resource": one.name, "type": one.type, "id": str(one.id), "urn": one.urn}
    return {**about, "kind": kind, "differences": listed, "remedy": _REMEDY[kind]}


def _inputs(one: Resource) -> list[tuple[str, str, str]]:
    return [(key, "not declared", str(_shown(value))) for key, value in one.inputs.items() if value is not UNKNOWN]


def _shown(value: Any) -> Any:
    """A value without those of maps, and a URL without user and query: they may be secrets, such as a header."""
    if isinstance(value, Mapping):
        return [*value]
    if isinstance(value, list | tuple):
        return [_shown(one) for one in value]
    return re.sub(r"(?<=://)[^/@\s]*@|\?\S*", "…", value) if isinstance(value, str) and "://" in value else value


def _drift_line(one: Mapping[str, Any]) -> str:
    return f"{one['resource']} ({one['type']}, {one['id']}): {one['kind']}"


def _differences(one: Mapping[str, Any]) -> Iterator[str]:
    for each in one["differences"]:
        yield f"{each['input']}: {each['state']} → {each['aws']}"


def _sections(shown: Mapping[str, Any]) -> Iterator[tuple[str, Lines]]:
    """Title, and lines with lines below each."""
    by_status = {status: [one for one in shown["checks"] if one["status"] == status] for status in _MARKS}
    drift = [(_drift_line(one), [*_differences(one), f"→ {one['remedy']}"]) for one in shown["drift"]]
    yield "Drift from the state", drift
    effects: Lines = [
        *((line, []) for line in shown["effects"]),
        *((f"opens: {line}", []) for line in shown["opens"]),
        *((f"fails now: {line}", []) for line in shown["breaks"]),
    ]
    yield "Effects of the drift", effects
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
