"""`gatehouse permissions` and `make permissions`: the IAM policies that deployments of a stack need, as files."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from ..evaluate.problems import StackFileError
from ..evaluate.process import Launcher
from ..evaluate.project_file import HOME, find_project_folder, load
from ..evaluate.stack_file import STACK_WITHOUT_FILE, get_stack_name, list_stacks, read_stack
from ..graph.prose import make_printable
from .arguments import OK, STRICT, add_project, add_run, add_stacks
from .failures import describe_failure
from .output import report_fault
from .process import run_as_process

if TYPE_CHECKING:
    from ..evaluate.project_file import Project
    from ..permissions import Permissions

_PURPOSES: Final = {
    "up": "`pulumi up` and `pulumi destroy`",
    "preview": "`pulumi preview`",
    "refresh": "`pulumi preview --refresh`",
    "answers": "`gatehouse answers`",
}
"""Of IAM policies, by the names of these."""


def process(arguments: Sequence[str], name: str) -> int:
    """The command as a whole process. Returns its exit status."""
    return run_as_process(partial(main, arguments, name))


def main(arguments: Sequence[str], name: str) -> int:
    """The command, which its help calls `name`. Returns its exit status."""
    options = _build_parser(name).parse_args(arguments)
    try:
        project = load(options.project or find_project_folder(Path.cwd()))
    except StackFileError as error:
        return report_fault(str(error))
    with (
        TemporaryDirectory(prefix="gatehouse-", ignore_cleanup_errors=True) as folder,
        Launcher(Path(folder), options.env, options.timeout) as launcher,
    ):
        names = options.stacks or list_stacks(project) or [STACK_WITHOUT_FILE]
        return max([_write_stack(project, stack, options, launcher) for stack in names])


def _write_stack(project: Project, name: str, options: argparse.Namespace, launcher: Launcher) -> int:
    try:
        stack = read_stack(project, name)
        launcher.prepare(project)
        from ..evaluate.runner import evaluate
        from ..permissions import build_permissions

        evaluation = evaluate(project, stack, strict=project.root == HOME, run_job=launcher)
        needed = build_permissions(evaluation.known)
    except Exception as error:
        return report_fault(describe_failure(error, project, name))
    lines = [f"{project.name} · {get_stack_name(name)}", *_write_files(needed, get_stack_name(name), options.folder)]
    print("\n".join(map(make_printable, lines)))
    return STRICT if options.strict and needed.not_known else OK


def _write_files(needed: Permissions, stack: str, folder: Path) -> list[str]:
    """Write each policy, in place of those of an earlier run for the stack. Returns lines on what to know then."""
    folder.mkdir(parents=True, exist_ok=True)
    earlier = re.compile(rf"{re.escape(stack)}-(?:{'|'.join(_PURPOSES)})-\d+\.json")
    for path in folder.iterdir():
        if earlier.fullmatch(path.name):
            path.unlink()
    lines, width = [], max(map(len, _PURPOSES.values()))
    for purpose, words in _PURPOSES.items():
        numbered = enumerate(getattr(needed, purpose), start=1)
        files = {folder / f"{stack}-{purpose}-{number}.json": policy for number, policy in numbered}
        for path, policy in files.items():
            path.write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
        lines += [f"  {words:{width}}  {' '.join(map(str, files))}"] if files else []
    lines += [f"  not known: {call}" for call in needed.not_known]
    lines.append("  not included: the backend of the state, and the KMS key of the stack's secrets")
    if wait := needed.longest_wait:
        lines.append(f"  the longest time limit of a resource is {wait / 60:g} minutes: a session must last longer")
    return lines


def _build_parser(name: str) -> argparse.ArgumentParser:
    about = "Write the IAM policies that a deployment of each stack needs: for previews, refreshes and updates."
    made = argparse.ArgumentParser(prog=name, description=about)
    add_project(made)
    add_stacks(made)
    add = made.add_argument
    folder = "folder of the policies; build/permissions if omitted"
    add("--folder", type=Path, metavar="DIR", default=Path("build/permissions"), help=folder)
    add("--strict", action="store_true", help="exit 1 if it is not known what a resource needs")
    add_run(made)
    return made
