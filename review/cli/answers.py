"""`gatehouse answers` and `make answers`: asks AWS, read-only, what stacks look up, and writes it for the review."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError

from ..answers.answers_file import list_changes, merge_asked, write_asked
from ..answers.asking import AskingError, Findings, ask_lookups
from ..evaluate.problems import ProgramError, StackFileError
from ..evaluate.process import Launcher
from ..evaluate.project_file import find_project_folder, load
from ..evaluate.stack_file import list_stacks, read_stack
from ..graph.prose import format_count, make_printable
from ..verify.cloud import Cloud
from .arguments import OK, STRICT, add_project, add_run, add_stacks, parse
from .output import report_fault

if TYPE_CHECKING:
    from ..evaluate.project_file import Project

_EPILOG = """\
It runs the program as a review does, and calls AWS with the credentials of the environment, by calls that only read.
Secrets and encrypted parameters are never asked. `gatehouse permissions` writes the policy that it needs.

exit status: 0, 1 if --check finds a difference, 2 if AWS or the program refuses; then nothing is written
"""
_POLICIES = "`gatehouse permissions` writes the policy that allows it (…-answers-1.json)"


def main(arguments: Sequence[str], name: str) -> int:
    """The command, which its help calls `name`. Returns its exit status."""
    options = parse(_build_parser(name), arguments)
    try:
        project = load(options.project or find_project_folder(Path.cwd()))
        stacks = options.stacks or list_stacks(project)
        found = _ask(project, stacks, options)
    except (AskingError, ProgramError, StackFileError) as error:
        return report_fault(str(error))
    except BotoCoreError as error:
        kind = type(error).__name__  # not its text, which may repeat what it read
        return report_fault(f"the AWS credentials cannot be read ({kind}): check AWS_PROFILE, or run `aws sso login`")
    asked = [entry for findings in found for entry in findings.asked]
    for sentence in dict.fromkeys(sentence for findings in found for sentence in findings.left_out):
        print(make_printable(sentence))
    if options.check:
        changes = list(dict.fromkeys(list_changes(project.answers.asked, asked)))
        print("\n".join(map(make_printable, changes)) or "nothing has changed")
        return STRICT if changes else OK
    # All stacks were asked: what none of them looks up any more goes.
    before = project.answers.asked if options.stacks else ()
    path = write_asked(project.root, merge_asked(before, asked))
    accounts = ", ".join(sorted({entry.account for entry in asked})) or "no account"
    count = format_count(len(merge_asked((), asked)), "answer")
    print(f"{path.relative_to(project.root)}: {count} of {accounts}")
    return OK


def _ask(project: Project, stacks: Sequence[str], options: argparse.Namespace) -> list[Findings]:
    cloud = Cloud(boto3.Session(), _POLICIES)
    with (
        TemporaryDirectory(prefix="gatehouse-", ignore_cleanup_errors=True) as folder,
        Launcher(Path(folder), options.env, options.timeout) as launcher,
    ):
        launcher.prepare(project)
        return [ask_lookups(project, read_stack(project, stack), cloud, launcher) for stack in stacks]


def _build_parser(name: str) -> argparse.ArgumentParser:
    form = argparse.RawDescriptionHelpFormatter
    about = "Ask AWS what the stacks look up, and write it into review.answers.yaml."
    made = argparse.ArgumentParser(prog=name, description=about, epilog=_EPILOG, formatter_class=form)
    add_project(made)
    add_stacks(made)
    check = "write nothing, and exit with 1 if AWS answers otherwise than the file"
    made.add_argument("--check", action="store_true", help=check)
    add_run(made)
    return made
