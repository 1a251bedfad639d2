"""Reviews what a pull request, or a push to the main branch, changes: `gatehouse ci review` and `gatehouse ci gate`."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from ..cli.arguments import FAILED, OK
from ..cli.reasons import TITLE
from .changed import Changed, find_changed
from .job import Job

_LAUNCHER: Final = Path(__file__).resolve().parents[1] / "launch.py"
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "GATEHOUSE_DOCUMENTS", "PYTHONPATH", "TZ")
"""Variables that the review gets: no token, none of the job's files, nothing else that the job knows."""


def review(job: Job, project: Path, stacks: list[str], *, against: str, strict: str = FAILED) -> int:
    """Write the review of the stacks that changed, and return its exit status.

    Without stacks, those are reviewed whose files changed, or all. New stacks are held against all others.
    """
    changed = Changed(tuple(stacks))
    if against and not stacks:
        changed = find_changed(project, against)
        if changed.nothing:
            return _say_unchanged(job, project)
    options = ["--project", str(project), "--format", "markdown"]
    options += [f"--strict={strict}"] if strict != "no" else []
    options += ["--against", against, "--hold-against-all"] if against else []
    status, report, errors = run_review([*options, "--", *changed.stacks])
    job.print_foreign(errors)
    # Most changes beside a project are none of its code: each stack was compared, and no comment is due.
    lines = report.splitlines()
    heads = sum(line.startswith("## ") for line in lines)
    if changed.only_beside and status == OK and heads == lines.count("### Nothing differs"):
        return _say_unchanged(job, project)
    write_report(job, "review.md", report, errors, status)
    return status


def print_reasons(job: Job, report: str) -> None:
    """Print to the job's log why the review fails, which the report says last."""
    _, found, reasons = report.rpartition(f"### {TITLE}\n")
    if found:
        job.print_foreign(f"{TITLE}{reasons.rstrip()}", to=sys.stdout)


def run_review(arguments: list[str]) -> tuple[int, str, str]:
    """Exit status, output and error output of the review, in a process without the job's variables and tokens."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-ci-") as home:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        # -P: the current folder is the checkout, whose modules it would import.
        command = [sys.executable, "-P", str(_LAUNCHER), *arguments]
        done = subprocess.run(command, env={**kept, "HOME": home}, capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode, done.stdout, done.stderr


def write_report(job: Job, name: str, report: str, errors: str, status: int) -> None:
    """Write a report as a file, a comment and a summary."""
    if status != OK:
        # In the log too: a plain shell has no other page, and a job of GitLab only an artifact.
        job.print_foreign(report)
        # Indented, and not between fences: no line of the text ends it.
        report += "\n" + "".join(f"    {line}\n" for line in errors.splitlines())
    path = job.write_file(name, report)
    print_reasons(job, report)
    comment = job.write_comment(report)
    job.write_summary(report)
    job.write_outputs(report=str(path), comment=str(comment), status=str(status))


def _say_unchanged(job: Job, project: Path) -> int:
    """In the job's summary, in place of a comment."""
    job.write_summary(f"No stack of {project} changed.")
    job.write_outputs(status=str(OK))
    return OK
