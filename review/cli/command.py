"""Runs the review of one stack here, of several in processes of their own, two at a time."""

from __future__ import annotations

import argparse
import atexit
import gc
import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..confine import ledger
from ..confine.command import Done
from ..confine.keeper import LATE
from ..evaluate.isolation import isolated_process, launched, not_held
from ..evaluate.problems import Problem, StackFileError
from ..evaluate.project_file import HOME, Project, load, nearest
from ..evaluate.stack_file import read_stack, stack_name, stacks
from ..graph import nothing
from .arguments import parse
from .forked import FAULT, Guard, in_a_copy
from .written import OK, STRICT, concluded, failed, failure, fault

if TYPE_CHECKING:
    from ..cost import Usage
    from ..evaluate.runner import Evaluation
    from ..report.report import Report

_WITHOUT_FILE: Final = "dev"
"""The stack of a project without any stack file, which is legal."""
GARBAGE: Final = 200_000
"""New objects after which Python looks for garbage. Nearly all that a review makes lives to its end, and with Python's
own 700 an eighth of the time of a small stack, and half of a large one, is spent looking."""
_AT_ONCE: Final = 2
_MODULE: Final = "python -m review"
_INSIDE: Final = "GATEHOUSE_REVIEW_INSIDE"
"""Set in processes that run in the reviewed program's own environment, so that they do not start another."""


def process(arguments: Sequence[str], name: str = _MODULE) -> int:
    """The command as a whole process, which a program that it evaluates cannot end. Returns its exit status."""
    gc.set_threshold(GARBAGE)
    try:
        with isolated_process():
            return main(arguments, name, in_a_copy)
    except KeyboardInterrupt:
        # Without a traceback. Python then ends by the signal, from which a shell's loop and make know to end too.
        sys.excepthook = lambda *_: None
        raise
    except OSError as error:
        # The rest of the buffer would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            # A reader that closed its pipe, like head, wants no more.
            return FAULT
        return fault(f"{error.filename or 'the output'}: {error.strerror}")


def main(arguments: Sequence[str], name: str = _MODULE, guarded: Guard = lambda work, *_: work()) -> int:
    """The command, which its help calls `name`. Returns its exit status.

    `guarded` does the work that runs a program here, or reports why it ended without a status.
    """
    options = parse(arguments, name)
    if options.plan or options.state:
        from .engine_files import of_files

        return of_files(options)
    try:
        project = load(options.project or nearest(Path.cwd()))
        if options.outputs:
            stack: str = options.outputs
            outputs = partial(_outputs, project, stack)
            return guarded(outputs, lambda status: fault(_ended(stack, status)), options.timeout, [project.root])
        names = options.stacks or stacks(project) or [_WITHOUT_FILE]
        gone = _deleted(project, names, options)
        python = interpreter(project)
    except StackFileError as error:
        return fault(str(error))
    if options.permissions:
        return _permissions(project, names, options, python or sys.executable)
    if len(names) == 1 and python is None and not gone:
        one, review = names[0], partial(_one, project, names[0], options)
        folders = [project.root, *_folders(one, options)]
        said = partial(_failed, project, one, options)
        return guarded(review, lambda status: said(_ended(stack_name(one), status)), options.timeout, folders)
    return _several(project, names, options, python or sys.executable, gone)


def _deleted(project: Project, names: Sequence[str], options: argparse.Namespace) -> list[str]:
    """Stacks whose file is gone, where all stacks are compared."""
    if options.stacks or not options.against:
        return []
    from ..evaluate.baseline import deleted

    return [name for name in deleted(project, options.against) if name not in names]


def interpreter(project: Project) -> str | None:
    """Python of the program's environment, if this process does not run in it.

    That is the project's own virtual environment, else the one that is active.
    """
    active = os.environ.get("VIRTUAL_ENV", "")
    home = project.virtualenv or (Path(active) if active else None)
    if home is None or project.root == HOME or os.environ.get(_INSIDE):
        return None
    python = home / "bin" / "python"
    if Path(sys.prefix).resolve() == home.resolve() or not python.exists():
        return None
    with python.open("rb") as file:
        if file.read(2) == b"#!":
            # A script that a project brings could print any report.
            problem = Problem("", "", "it is a script and no Python: make the environment again")
            raise StackFileError(str(python), [problem])
    return str(python)


def _outputs(project: Project, name: str) -> int:
    """Print what a stack exports, for the evaluation of another."""
    from ..evaluate.other_stacks import as_text
    from ..evaluate.runner import ProgramError, run

    try:
        sys.stdout.write(as_text(run(project, read_stack(project, name), strict=False).exports))
    except ProgramError as error:
        return fault(f"{name}: {error}")
    return OK


def _one(project: Project, name: str, options: argparse.Namespace) -> int:
    """Review a stack in this process."""
    # A short life and hundreds of thousands of objects that stay: collecting them, at exit too, takes half of the time.
    gc.disable()
    atexit.register(gc.freeze)
    # Imported here: a wrong stack file is reported before the SDK is loaded.
    from ..cost import UsageError
    from ..evaluate.runner import ProgramError, evaluate
    from ..report.report import report, usage_of

    try:
        stack, is_ours = read_stack(project, name), project.root == HOME
        evaluation = evaluate(project, stack, strict=is_ours, patience=options.timeout)
        if options.policies:
            from ..permissions import permissions

            sys.stdout.write(json.dumps(asdict(permissions(evaluation.known))))
            return OK
        usage = usage_of(evaluation.known).with_text(options.usage)
        against = options.against
        found = _compared(project, name, options, evaluation, usage) if against else report(evaluation, usage)
        from ..rules import RULES

        ledger.ran(len(RULES))
    except (StackFileError, UsageError) as error:
        return _failed(project, name, options, str(error))
    except ProgramError as error:
        ran = "".join(f"\n{note}" for note in _environment(project))
        return _failed(project, name, options, f"{name}: {error}{ran}")
    return concluded(replace(found, notes=(*found.notes, *_environment(project), *not_held())), options)


def _environment(project: Project) -> list[str]:
    """Which environment the program runs in, if that is not the project's own."""
    home = project.virtualenv
    if project.root == HOME or (home is not None and home.resolve() == Path(sys.prefix).resolve()):
        return []
    # Comments on pull requests have this line, so it does not name the user of the machine.
    path = re.sub(rf"^{re.escape(str(Path.home()))}(?=/)", "~", sys.prefix)
    return [f"the project has no virtual environment of its own: the program ran in {path}"]


def _failed(project: Project, name: str, options: argparse.Namespace, message: str) -> int:
    return failed(project.name, stack_name(name), options, message)


def _compared(project: Project, name: str, options: argparse.Namespace, evaluation: Evaluation, usage: Usage) -> Report:
    """The report on the state after the update from another evaluation, made in this process as well, or why not."""
    from ..compare.changes import compare_update
    from ..compare.engine.side import Evaluated
    from ..evaluate.baseline import BaselineError, baseline
    from ..evaluate.runner import ProgramError, run
    from ..report.report import report
    from ..rules.check import judged

    against: str = options.against
    try:
        with baseline(project, name, against) as (other, stack):
            graph, patience = evaluation.known, options.timeout
            before = run(other, stack, strict=False, patience=patience) if stack is not None else nothing(graph)
            sides = Evaluated(before, other.program), Evaluated(graph, project.program)
            changes, after = compare_update(*sides, usage, judged, against)
            return replace(report(evaluation, usage, after), changes=changes)
    except (BaselineError, ProgramError) as error:
        # A fault that is there already must not keep the change that mends it from its review.
        return replace(report(evaluation, usage), not_compared=f"{against}: {error}")


def _several(
    project: Project, names: Sequence[str], options: argparse.Namespace, python: str, gone: Sequence[str]
) -> int:
    """Review each stack in a process, for its own interpreter and because they take time; print in order.

    `gone` are stacks whose file was deleted: they come first, since a long comment loses its end.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool, _cancelled(pool):
        running = [pool.submit(_process, project, name, options, python) for name in names]
        part = argparse.Namespace(**{**vars(options), "fragment": True})
        outputs: list[str] = []
        worst = OK
        for number, future in enumerate(running, 1):
            done = future.result()
            sys.stderr.write(done.stderr)
            worst = max(worst, done.returncode)
            if not done.stdout and done.returncode != FAULT:
                worst = max(worst, fault(_ended(names[number - 1], done.returncode)))
            # A process that did not begin has not written its part either.
            message = done.stderr.strip() or _ended(names[number - 1], done.returncode)
            outputs.append(done.stdout or failure(project.name, stack_name(names[number - 1]), part, message))
            if len(names) > 1 and sys.stderr.isatty():
                print(f"reviewed {names[number - 1]} ({number} of {len(names)})", file=sys.stderr)
    parts = [*(_gone(project, gone, options) if gone else []), *filter(None, outputs)]
    sys.stdout.write(_joined(parts, options, single=len(names) == 1))
    return worst


def _permissions(project: Project, names: Sequence[str], options: argparse.Namespace, python: str) -> int:
    """Write the policies of each stack, which a process of its own makes: a program cannot write into the folder."""
    from .policy_files import summary, written

    asked = argparse.Namespace(**{**vars(options), "format": "text", "against": None, "policies": True})
    worst = OK
    for name in names:
        done = _process(project, name, asked, python)
        sys.stderr.write(done.stderr)
        if done.returncode != OK or not done.stdout:
            worst = max(worst, FAULT if done.stderr else fault(_ended(name, done.returncode)))
            continue
        found = json.loads(done.stdout)
        files = written(found, options.permissions, stack_name(name))
        print(summary(found, files, f"{project.name} · {stack_name(name)}"))
        worst = max(worst, STRICT if options.strict and found["not_known"] else OK)
    return worst


@contextmanager
def _cancelled(pool: ThreadPoolExecutor) -> Iterator[None]:
    """Ctrl-C keeps the stacks that wait from their turn, which the pool would give them."""
    try:
        yield
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _ended(name: str, status: int) -> str:
    """Why there is no report of a stack. A status below 0 is a signal."""
    if status == LATE:
        return f"{name}: the program did not end in time, and there is no report; --timeout gives it more seconds"
    if status < 0:
        return f"{name}: the signal {signal.Signals(-status).name} ended the program's process, and there is no report"
    return f"{name}: the program ended its process with status {status}, and there is no report"


def _gone(project: Project, names: Sequence[str], options: argparse.Namespace) -> list[str]:
    """A part of the output for each deleted stack; JSON has a report for each stack that is there, and no other."""
    from ..report.render import html, words

    sentences = {name: words.deleted(name, options.against) for name in names}
    match options.format:
        case "json":
            print("\n".join(sentences.values()), file=sys.stderr)
            return []
        case "html":
            return [html.notice(f"{project.name} · {name}", sentence) for name, sentence in sentences.items()]
        case form:
            head, mark = ("## ", "⚠️ ") if form == "markdown" else ("", "")
            return [f"{head}{project.name} · {name}\n\n{mark}{sentence}\n" for name, sentence in sentences.items()]


def _process(project: Project, name: str, options: argparse.Namespace, python: str) -> Done:
    colour = "always" if options.color == "always" or (options.color == "auto" and sys.stdout.isatty()) else "never"
    arguments = [name, "--project", str(project.root), "--format", options.format, "--timeout", str(options.timeout)]
    arguments += ["--color", colour, "--usage", options.usage]
    arguments += ["--against", options.against] if options.against else []
    arguments += [f"--strict={options.strict}"] if options.strict else []
    arguments += ["--fragment"] * (options.format == "html")
    arguments += ["--policies"] * options.policies
    projects = [project.root, *_folders(name, options)]
    done = launched(python, arguments, {_INSIDE: "1"}, options.timeout, projects)
    if options.policies or done.rules is None or done.returncode not in (OK, STRICT):
        return done
    from ..rules import RULES

    if done.rules == len(RULES):
        return done
    said = f"{name}: {python} judged by {done.rules} rules, and the review has {len(RULES)}: there is no report\n"
    return Done(FAULT, "", said)


def _folders(name: str, options: argparse.Namespace) -> list[Path]:
    """Folders that a review reads beside its project: of a stack file, and of a project to compare with."""
    files = [Path(one) for one in (name, options.against or "") if Path(one).is_file()]
    other = [Path(options.against)] if options.against and Path(options.against).is_dir() else []
    return [*(file.parent for file in files), *other]


def _joined(outputs: list[str], options: argparse.Namespace, *, single: bool) -> str:
    match options.format:
        case "json":
            documents = [json.loads(output) for output in outputs]
            return json.dumps(documents[0] if single and documents else documents, indent=2) + "\n"
        case "html":
            from ..report.render.html import page

            return page(outputs)
        case "text":
            return ("\n" + "═" * 120 + "\n\n").join(outputs)
        case _:
            return "\n---\n\n".join(outputs)
