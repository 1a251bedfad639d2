"""Sentences about the paths from outside: how many are open, and whether one is the only way in."""

from ...graph.prose import format_count
from ...ledger.ledger import Vouched, Withheld
from ...reach.path import Kind, Path, list_open_paths
from ..report import Report


def describe_only(report: Report, path: Path) -> str:
    """`the only way in`, or that the review cannot tell, for the only open path from outside; empty for others."""
    known = path.backend is not None and not path.backend.existing and not path.uncertainty
    is_single = known and list_open_paths(report.paths) == [path]
    return str(report.others) if is_single else ""


def is_only(report: Report, path: Path) -> bool:
    """Whether no other path from outside is open, and none can have been missed."""
    return isinstance(report.others, Vouched) and bool(describe_only(report, path))


def describe_outside(report: Report) -> str:
    """The number of open paths from outside, in one sentence that no line below contradicts."""
    paths = list_open_paths(report.paths)
    certain = [path for path in paths if not path.uncertainty]
    shells = sum(path.kind is Kind.PEOPLE for path in certain)
    numbers = {
        "for requests": len(certain) - shells,
        "for SSH or RDP": shells,
        "undecided": len(paths) - len(certain),
    }
    kinds = [f"{number} {kind}" for kind, number in numbers.items() if number]
    of_stack = "of this stack " if report.unseen_callers else ""
    summary = f"{format_count(len(paths), 'way')} in {of_stack}from outside" if paths else str(report.others)
    if paths and (len(kinds) > 1 or len(certain) < len(paths) or shells):
        summary += f": {', '.join(kinds)}"
    if isinstance(report.others, Withheld):
        return f"{summary}; {report.others}" if paths else f"{summary}: {report.others.reason}"
    return summary if paths or not report.ledger.unread else "no way in was found among the resources that were read"
