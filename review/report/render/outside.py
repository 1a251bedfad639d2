"""Sentences about the paths from outside: how many are open, and whether one is the only way in."""

from __future__ import annotations

from ...reach.path import SESSION, Kind, Path
from ..report import Report
from . import words


def is_only(report: Report, path: Path) -> bool:
    """Whether no other path from outside is open, and none can have been missed."""
    known = path.backend is not None and not path.backend.existing and not path.uncertainty
    return path.open and known and len(open_paths(report)) == 1 and not report.unread


def from_outside(report: Report) -> str:
    """How many paths from outside are open, in one sentence that no line below contradicts."""
    found = open_paths(report)
    certain = [path for path in found if not path.uncertainty]
    shells = sum(path.kind is Kind.PEOPLE for path in certain)
    kinds = [
        f"{number} {what}"
        for number, what in (
            (len(certain) - shells, "for requests"),
            (shells, "for SSH or RDP"),
            (len(found) - len(certain), "of which the review cannot tell"),
        )
        if number
    ]
    said = (
        f"{words.count(len(found), 'path')} from outside: {', '.join(kinds)}"
        if found
        else "no path from outside is open"
    )
    if not report.unread:
        return said
    number = sum(len(names) for _, names in report.unread)
    listed = ", ".join(f"{words.few(names)} ({token})" for token, names in report.unread)
    were = "resource that may take requests was" if number == 1 else "resources that may take requests were"
    return f"{said if found else 'no path found'}; {number} {were} not read: {listed}"


def open_paths(report: Report) -> list[Path]:
    """Open paths to a backend, and remote shells by network alone; not sessions, which IAM allows."""
    shells = (path for path in words.ways(report, Kind.PEOPLE) if path.source != SESSION)
    return [path for path in (*words.ways(report, Kind.INBOUND), *shells) if path.open]
