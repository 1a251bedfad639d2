"""Writes a report in the form that was asked for, and returns the exit status that follows from it."""

from __future__ import annotations

import argparse
import sys
import traceback
from typing import TYPE_CHECKING

from ..graph.prose import make_printable
from .arguments import FAULT, OK, STRICT, UNKNOWN_TOO
from .reasons import list_doubts, list_reasons

if TYPE_CHECKING:
    from ..report.report import Report


def write_report(report: Report, options: argparse.Namespace) -> int:
    """Write a report. Returns the exit status."""
    reasons = list_reasons(report, options.strict)
    options.reasons += reasons
    match options.format:
        case "text":
            from ..report.render.text import Parts, show

            show(report, sys.stdout, options.color, Parts(options.only_changes, options.verbose))
        case "markdown":
            from ..report.render.markdown import format_markdown

            sys.stdout.write(format_markdown(report, only_changes=options.only_changes))
        case _:
            from ..report.render.json_report import as_json

            sys.stdout.write(as_json(report, only_changes=options.only_changes, reasons=reasons))
    if options.strict and report.has_doubts and options.strict != UNKNOWN_TOO:
        print(f"{report.stack}: {list_doubts(report)[0]}; --strict=unknown makes that an error", file=sys.stderr)
    return find_exit_status(report, options.strict)


def find_exit_status(report: Report, strict: str | None) -> int:
    """The exit status of a report: with `--strict=unknown` also for what it does not vouch for."""
    is_unknown = strict == UNKNOWN_TOO and report.has_doubts
    return STRICT if strict and (report.failed or is_unknown) else OK


def report_fault(message: str) -> int:
    """Print why there is no report. Returns the exit status."""
    # Control characters that a program printed do not steer the terminal.
    print("\n".join(map(make_printable, message.splitlines())), file=sys.stderr)
    return FAULT


def describe_own_fault(error: Exception) -> str:
    """A sentence on a fault that is not the program's or the file's, after its traceback is printed."""
    report_fault("".join(traceback.format_exception(error)))
    return f"the review has a fault of its own ({type(error).__name__})"


def report_failure(project: str, stack: str, options: argparse.Namespace, message: str) -> int:
    """Report a stack that could not be reviewed: on the error output, and in a form that lists all stacks."""
    if options.format == "json":
        from ..report.render.json_report import format_failure

        sys.stdout.write(format_failure(project, stack, message))
    return report_fault(message)
