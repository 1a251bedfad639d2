"""Why a run with `--strict` fails: the last lines on the standard output, with what to paste to accept each fact."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Final

from ..acknowledgements import CONFIG_KEY
from ..graph.prose import make_printable
from .arguments import UNKNOWN_TOO

if TYPE_CHECKING:
    from ..compare.lines import Line
    from ..report.report import Report

TITLE: Final = "Why this fails"
_WAIVE: Final = "correct it, or waive the rule with a reason (in a stack file: protection.waive)"


def list_doubts(report: Report) -> list[str]:
    """What a report cannot tell about calls, the network or rights."""
    rules = ", ".join(dict.fromkeys(finding.rule.id for finding in report.undecided))
    compared = [line.head for line in report.changes.doubts] if report.changes is not None else []
    return [*([f"{rules}: inconclusive"] if rules else []), *map(str, report.withheld), *compared]


def list_reasons(report: Report, strict: str | None) -> list[str]:
    """Returns the facts for which `--strict` fails, and the lines that accept them; nothing if it does not fail."""
    facts: list[str] = []
    lines: list[Line] = []
    if strict and report.changes is not None:
        lines = report.changes.failures
    elif strict:
        failed = report.list_findings("failed")
        facts += [f"{finding.rule.id}: {finding.message}; {_WAIVE}" for finding in failed]
    if strict == UNKNOWN_TOO:
        facts += [f"{doubt} (--strict=unknown)" for doubt in list_doubts(report)]
        lines = [*lines, *(report.changes.doubts if report.changes is not None else ())]
    facts = [*(line.head for line in lines if line.fails), *facts]
    if not facts:
        return []
    pasted = [f"    - {{ place: {_quote(line.place)}, reason: WHY }}" for line in lines if line.place]
    accept = [f"To accept a fact, paste its line into the config of {report.stack}, with the reason for WHY:"]
    paste = [*accept, "config:", f"  {CONFIG_KEY}:", *dict.fromkeys(pasted)] if pasted else []
    return [f"{report.stack} fails:", *(f"- {fact}" for fact in facts), *paste]


def _quote(place: str) -> str:
    return json.dumps(place, ensure_ascii=False)


def print_reasons(options: argparse.Namespace) -> None:
    """Print the reasons of all stacks behind their reports. A JSON document has them itself."""
    if not options.reasons or options.format == "json":
        return
    lines = map(make_printable, options.reasons)
    if options.format == "markdown":
        # Indented, since no text ends such a block.
        sys.stdout.write(f"\n### {TITLE}\n\n" + "".join(f"    {line}\n" for line in lines))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in ("", TITLE.upper(), *lines)))
