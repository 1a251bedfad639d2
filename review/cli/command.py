"""Runs the review of each stack: its program in processes of its own, and the report here."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from ..evaluate.baseline import BaselineError, list_deleted_stacks, open_baseline
from ..evaluate.problems import ProgramError, StackFileError
from ..evaluate.process import Launcher
from ..evaluate.project_file import HOME, Project, find_project_folder, load
from ..evaluate.stack_file import STACK_WITHOUT_FILE, Stack, get_stack_name, list_stacks, read_stack
from ..graph import Graph, make_empty_graph
from .arguments import FAULT, OK, build_parser, parse
from .failures import describe_environment, describe_failure
from .output import report_failure, report_fault, write_report
from .process import run_as_process
from .reasons import print_reasons

if TYPE_CHECKING:
    from ..evaluate.runner import Evaluation, RunJob
    from ..report.report import Report
    from .shared_records import SharedName

_LATE: Final = ("..report.report", "..rules.check", ".shared_records")  # imported while the program imports the SDK
_FOR_COMPARISONS: Final = ("..compare.comparison", "..evaluate.project_texts")
_MODULE: Final = "python -m review"


def process(arguments: Sequence[str], name: str = _MODULE) -> int:
    """The command as a whole process. Returns its exit status."""
    return run_as_process(partial(main, arguments, name))


def main(arguments: Sequence[str], name: str = _MODULE) -> int:
    """The command, which its help calls `name`. Returns its exit status."""
    options = parse(build_parser(name), arguments)
    options.records, options.earlier_records, options.reasons = {}, {}, []
    status = _review(options)
    print_reasons(options)
    return status


def _review(options: argparse.Namespace) -> int:
    options.color = options.color == "always" or (options.color == "auto" and sys.stdout.isatty())
    if options.only_changes and not (options.against or options.plan):
        return report_fault("--only-changes: there is nothing to compare with; give --against or --plan as well")
    if options.plan:
        from .plan import review_plan

        return review_plan(options)
    from ..cost.prices import set_project_prices
    from ..cost.project_prices import read_project_prices

    try:
        project = load(options.project or find_project_folder(Path.cwd()))
        names = options.stacks or list_stacks(project) or [STACK_WITHOUT_FILE]
        # Where all stacks are compared, those whose file is gone are as well.
        there = [] if options.stacks or not options.against else list_deleted_stacks(project, options.against)
        gone = [name for name in there if name not in names]
        set_project_prices(read_project_prices(project.root))
        others = [name for name in list_stacks(project) if name not in names] if options.hold_against_all else []
    except StackFileError as error:
        return report_fault(str(error))
    with (
        TemporaryDirectory(prefix="gatehouse-", ignore_cleanup_errors=True) as folder,
        Launcher(Path(folder), options.env, options.timeout) as launcher,
    ):
        if len(names) == 1 and not gone:
            status = _review_one(project, names[0], options, launcher)
        else:
            status = _review_several(project, names, options, gone, launcher)
        return max(status, _report_shared_names(project, others, options, launcher))


def _review_one(project: Project, name: str, options: argparse.Namespace, launcher: Launcher) -> int:
    try:
        stack = read_stack(project, name)
        launcher.prepare(project)
        with _run_earlier(project, name, options, launcher) as earlier:
            for module in (*_LATE, *(_FOR_COMPARISONS if earlier else ())):
                import_module(module, __package__)
            from ..evaluate.runner import evaluate

            evaluation = evaluate(project, stack, strict=project.root == HOME, run_job=launcher)
            reviewed = _make_report(project, name, options, evaluation, earlier)
    except Exception as error:
        message = describe_failure(error, project, name)
        return report_failure(project.name, get_stack_name(name), options, message)
    return write_report(replace(reviewed, notes=(*reviewed.notes, *describe_environment(project))), options)


@dataclass(frozen=True)
class _Earlier:
    """The other side of `--against`: its project, its stack and what its program declares; no stack if it is new."""

    project: Project
    stack: Stack | None
    graph: Graph | None


@contextmanager
def _run_earlier(
    project: Project, name: str, options: argparse.Namespace, run_job: RunJob
) -> Iterator[Future[_Earlier] | None]:
    """Evaluate the other side of `--against` while the stack itself is evaluated. Its files stay within the context."""
    if not options.against:
        yield None
        return
    from ..evaluate.runner import run, run_in_thread

    def evaluate_earlier() -> _Earlier:
        other, stack = files.enter_context(open_baseline(project, name, options.against))
        return _Earlier(other, stack, run(other, stack, strict=False, run_job=run_job) if stack else None)

    with ExitStack() as files:
        earlier = run_in_thread(evaluate_earlier)
        try:
            yield earlier
        except Exception:
            wait([earlier])
            raise
        wait([earlier])


def _make_report(
    project: Project,
    name: str,
    options: argparse.Namespace,
    evaluation: Evaluation,
    running: Future[_Earlier] | None,
) -> Report:
    """The report. With `--against`, with the comparison with another evaluation, or why there is none."""
    from ..report.report import read_usage, report
    from .shared_records import list_names, list_records

    options.records[name] = [*list_records(evaluation)]
    usage = read_usage(evaluation.known).replace_from_text(options.usage)
    own = report(evaluation, usage)
    if running is None:
        return own
    from ..compare.comparison import compare
    from ..compare.resources import compare_resources
    from ..evaluate.project_texts import read_project_texts
    from ..report.described import describe

    against, graph = options.against, evaluation.known
    try:
        earlier = running.result()
        other, stack, before = earlier.project, earlier.stack, earlier.graph or make_empty_graph(graph)
        borrowed = stack is not None and name in {*list_stacks(project)} - {*list_stacks(other)}
        options.earlier_records[name] = [*list_names(before)]
        title = f"{against} with today's config, whose file git ignores" if borrowed else against
        title = title if stack else f"{against}, which has no file of the stack: all of it counts as new"
        resources = compare_resources(before, graph, _map_moved_folder(other.program, project.program))
        texts = None
        if stack:
            today = read_project_texts(project, read_stack(project, name), graph.files)
            texts = read_project_texts(other, stack, before.files), today
        return replace(own, changes=compare(before, graph, usage, title, resources, texts, describe=describe))
    except (BaselineError, ProgramError) as error:
        # A fault that is there already must not keep the change that mends it from its review.
        return replace(own, not_compared=f"{against}: {error}")


def _map_moved_folder(earlier: Path, later: Path) -> dict[str, str]:
    """The folder of the earlier version with the later one's, or folders around them: a revision has another one."""
    was, now = earlier.resolve(), later.resolve()
    while was != now and was.name == now.name:
        was, now = was.parent, now.parent
    return {} if was == now else {str(was): str(now)}


def _review_several(
    project: Project, names: Sequence[str], options: argparse.Namespace, gone: Sequence[str], launcher: Launcher
) -> int:
    """Review each stack; print in order. Stacks whose file is `gone` come first, since a long comment loses its end."""
    outputs: list[str] = []
    worst = OK
    for number, name in enumerate(names, 1):
        output = io.StringIO()
        with redirect_stdout(output):
            worst = max(worst, _review_one(project, name, options, launcher))
        outputs.append(output.getvalue())
        if len(names) > 1 and sys.stderr.isatty():
            print(f"reviewed {name} ({number} of {len(names)})", file=sys.stderr)
    parts = [*(_describe_deleted(project, gone, options) if gone else []), *filter(None, outputs)]
    sys.stdout.write(_join_outputs(parts, options, single=len(names) == 1))
    return worst


def _report_shared_names(project: Project, others: Sequence[str], options: argparse.Namespace, run_job: RunJob) -> int:
    """Print the names that two stacks declare. Returns the exit status: those that were there before are no fault."""
    for other in others if options.records else ():
        try:
            options.records[other] = _read_names(project, other, run_job)
        except (StackFileError, ProgramError) as error:
            report_fault(f"{other}: its names are not known, since it cannot be evaluated: {error}")
    if len(options.records) < 2:
        return OK
    from .shared_records import list_declared_twice

    worst = OK
    for sentence, is_new in list_declared_twice(options.records, options.earlier_records if options.against else None):
        report_fault(sentence if is_new else f"{sentence} (as before this change)")
        worst = FAULT if is_new else worst
    return worst


def _read_names(project: Project, name: str, run_job: RunJob) -> list[SharedName]:
    """The names that a stack declares which is not reviewed."""
    from ..evaluate.runner import evaluate
    from .shared_records import list_records

    return [*list_records(evaluate(project, read_stack(project, name), strict=False, run_job=run_job))]


def _describe_deleted(project: Project, names: Sequence[str], options: argparse.Namespace) -> list[str]:
    """A part of the output for each deleted stack; JSON has a report for each stack that is there, and no other."""
    from ..report.render import words

    sentences = {name: words.describe_deleted_file(name, options.against) for name in names}
    if options.format == "json":
        print("\n".join(sentences.values()), file=sys.stderr)
        return []
    head, mark = ("## ", "⚠️ ") if options.format == "markdown" else ("", "")
    return [f"{head}{project.name} · {name}\n\n{mark}{sentence}\n" for name, sentence in sentences.items()]


def _join_outputs(outputs: list[str], options: argparse.Namespace, *, single: bool) -> str:
    if options.format == "json":
        documents = [json.loads(output) for output in outputs]
        return json.dumps(documents[0] if single and documents else documents, indent=2) + "\n"
    return f"\n{'═' * 120 if options.format == 'text' else '---'}\n\n".join(outputs)
