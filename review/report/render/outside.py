"""Sentences about the paths from outside: how many are open, and whether one is the only way in."""

from collections.abc import Iterable, Iterator
from itertools import islice

from ...graph.answers import YES, Answer, No, make_doubt
from ...graph.prose import abbreviate_names, format_count
from ...paths.path import SESSION, Kind, Path
from ..report import Report
from . import words


def is_only(report: Report, path: Path) -> bool:
    """Whether no other path from outside is open, and none can have been missed."""
    known = path.backend is not None and not path.backend.existing and not path.uncertainty
    # Two are enough: a program may open thousands of paths.
    return path.open and known and not report.referring and len([*islice(_list_open(report.paths), 2)]) == 1


def describe_outside(report: Report) -> str:
    """The number of open paths from outside, in one sentence that no line below contradicts."""
    paths = list_open_paths(report)
    certain = [path for path in paths if not path.uncertainty]
    shells = sum(path.kind is Kind.PEOPLE for path in certain)
    numbers = {
        "for requests": len(certain) - shells,
        "for SSH or RDP": shells,
        "of which the review cannot tell whether it is open": len(paths) - len(certain),
    }
    kinds = [f"{number} {kind}" for kind, number in numbers.items() if number]
    of_stack = "of this stack " if report.unseen_callers else ""
    summary = f"{format_count(len(paths), 'way')} in {of_stack}from outside" if paths else "no way in was found"
    if len(kinds) > 1 or len(certain) < len(paths) or shells:
        summary += f": {', '.join(kinds)}"
    if isinstance(closed := decide_outside(report), No):
        return "no way in was found among the resources that were read" if report.unread else closed.reason
    if report.referring:
        summary += f"; not read, and referring to what was: {abbreviate_names(report.referring)}"
    return summary


def decide_outside(report: Report) -> Answer:
    """Whether any path from outside is open: no rests on everything that closes one."""
    if paths := list_open_paths(report):
        return YES if any(path.open and not path.uncertainty for path in paths) else paths[0].answer
    if report.referring:
        return make_doubt(f"what {abbreviate_names(report.referring)} opens")
    closed = (*words.list_paths(report, Kind.INBOUND), *words.list_paths(report, Kind.PEOPLE))
    # Without any, the program declares nothing that takes requests.
    return No("no path from outside is open", tuple(dict.fromkeys(fact for path in closed for fact in path.because)))


def list_open_paths(report: Report) -> list[Path]:
    """Open paths to a backend, and shells that need only the network; not sessions, nor calls from inside the stack."""
    return [*_list_open((*words.list_paths(report, Kind.INBOUND), *words.list_paths(report, Kind.PEOPLE)))]


def _list_open(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        shell = path.kind is Kind.PEOPLE and path.source != SESSION
        if (path.kind is Kind.INBOUND or shell) and path.open and path.origin is None:
            yield path
