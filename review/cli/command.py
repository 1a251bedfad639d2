"""Runs the review of each stack: its program in processes of its own, and the report here."""

from __future__ import annotations

import argparse
import atexit
import gc
import io
import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from ..evaluate.baseline import BaselineError, list_deleted_stacks, open_baseline
from ..evaluate.problems import ProgramError, StackFileError
from ..evaluate.process import Launcher
from ..evaluate.project_file import HOME, Project, find_project_folder, load
from ..evaluate.stack_file import Stack, get_stack_name, list_stacks, read_stack
from ..graph import Graph, make_empty_graph
from ..graph.prose import make_printable
from .arguments import FAULT, OK, STRICT, build_parser, build_permissions_parser, parse
from .output import describe_own_fault, report_failure, report_fault, write_report

if TYPE_CHECKING:
    from ..evaluate.runner import Evaluation, RunJob
    from ..report.report import Report
    from .shared_records import SharedName

_WITHOUT_FILE: Final = "dev"  # the stack of a project without any stack file, which is legal
GARBAGE: Final = 200_000
"""New objects after which Python looks for garbage: most live to the end, and with 700 half of the time is lost."""
_PURPOSES: Final = {
    "up": "`pulumi up` and `pulumi destroy`",
    "preview": "`pulumi preview`",
    "refresh": "`pulumi preview --refresh`",
    "answers": "`gatehouse answers`",
}
"""Of IAM policies, by the names of these."""
_LATE: Final = ("..report.report", "..rules.check", ".shared_records")  # imported while the program imports the SDK
_FOR_COMPARISONS: Final = ("..compare.comparison", "..evaluate.project_texts")
_MODULE: Final = "python -m review"
_ending: Final[list[int]] = []  # the signals that end this process


def write_permissions(arguments: Sequence[str], name: str) -> int:
    """The IAM policies alone, in a folder that holds what a build makes."""
    build_permissions_parser(name).parse_args(arguments)  # has a help of its own
    return process(["--permissions", "build/permissions", *arguments], name)


def process(arguments: Sequence[str], name: str = _MODULE) -> int:
    """The command as a whole process. Returns its exit status."""
    gc.set_threshold(GARBAGE)
    # A short life and hundreds of thousands of objects that stay: collecting them at exit takes half of the time.
    atexit.register(gc.freeze)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C: what is temporary goes. Not with nohup, which ignores one of them.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end_process)
    try:
        return main(arguments, name)
    except KeyboardInterrupt:
        # Without a traceback. Python then ends by the signal, from which a shell's loop and make know to end too.
        sys.excepthook = lambda *_: None
        raise
    except OSError as error:
        # The rest of the buffer would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return FAULT  # a reader that closed its pipe, like head, wants no more
        return report_fault(f"{error.filename or 'the output'}: {error.strerror}")
    finally:
        if _ending:  # a library that is ended while it holds a lock makes another error of that
            signal.alarm(0)
            sys.exit(128 + _ending[0])


def _end_process(number: int, _: object) -> None:
    """Ends the process and what is temporary. Repeated after a second: an exception in a finalizer ends nothing."""
    _ending.append(number)
    if not isinstance(sys.exc_info()[1], SystemExit):  # else it is on its way
        # Not by a thread: what is interrupted may hold the lock with which one starts.
        signal.signal(signal.SIGALRM, _end_process)
        signal.alarm(1)
        sys.exit(128 + _ending[0])


def main(arguments: Sequence[str], name: str = _MODULE) -> int:
    """The command, which its help calls `name`. Returns its exit status."""
    options = parse(build_parser(name), arguments)
    options.records, options.earlier_records = {}, {}
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
        names = options.stacks or list_stacks(project) or [_WITHOUT_FILE]
        # Where all stacks are compared, those whose file is gone are as well.
        there = [] if options.stacks or not options.against else list_deleted_stacks(project, options.against)
        gone = [name for name in there if name not in names]
        set_project_prices(read_project_prices(project.root))
        others = [name for name in list_stacks(project) if name not in names] if options.hold_against_all else []
    except StackFileError as error:
        return report_fault(str(error))
    with TemporaryDirectory(prefix="gatehouse-", ignore_cleanup_errors=True) as folder:
        if options.permissions or (len(names) == 1 and not gone):
            status = max([_review_one(project, name, options, Path(folder)) for name in names])
        else:
            status = _review_several(project, names, options, gone, Path(folder))
        return max(status, _report_shared_names(project, others, options, Path(folder)))


def _review_one(project: Project, name: str, options: argparse.Namespace, folder: Path) -> int:
    is_ours = project.root == HOME
    try:
        stack, launcher = read_stack(project, name), Launcher(folder, options.env, options.timeout)
        with launcher.prepare(project), _run_earlier(project, name, options, launcher) as earlier:
            for module in (*_LATE, *(_FOR_COMPARISONS if earlier else ())):
                import_module(module, __package__)
            from ..evaluate.runner import evaluate

            evaluation = evaluate(project, stack, strict=is_ours, run_job=launcher)
            if options.permissions:
                return _write_permissions(project, name, options, evaluation)
            reviewed = _make_report(project, name, options, evaluation, earlier)
    except StackFileError as error:
        message = str(error)
    except ProgramError as error:
        message = "\n".join([f"{name}: {error}", *_describe_environment(project)])
    except Exception as error:
        from ..cost import UsageError

        is_of_usage = isinstance(error, UsageError)
        if not is_of_usage and (is_ours or _ending or isinstance(error, OSError)):
            raise
        # A program may declare anything, and must not keep other stacks from their reports, or write to the terminal.
        message = str(error) if is_of_usage else f"{name}: {describe_own_fault(error)}"
    else:
        return write_report(replace(reviewed, notes=(*reviewed.notes, *_describe_environment(project))), options)
    return report_failure(project.name, get_stack_name(name), options, message)


def _describe_environment(project: Project) -> list[str]:
    """Which environment the program runs in, if that is not the project's own."""
    home = project.virtualenv
    python = Path(project.python).parents[1]
    is_own = home is not None and home.resolve() == python.resolve()
    if project.root == HOME or is_own:
        return []
    # Comments on pull requests have this line, so it does not name the user of the machine.
    prefix = sys.prefix if project.python == sys.executable else str(python)
    path = re.sub(rf"^{re.escape(str(Path.home()))}(?=/)", "~", prefix)
    return [f"the project has no virtual environment of its own: the program ran in {path}"]


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
    if not options.against or options.permissions:
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
        return replace(own, changes=compare(before, graph, usage, title, resources, texts))
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
    project: Project, names: Sequence[str], options: argparse.Namespace, gone: Sequence[str], folder: Path
) -> int:
    """Review each stack; print in order. Stacks whose file is `gone` come first, since a long comment loses its end."""
    outputs: list[str] = []
    worst = OK
    for number, name in enumerate(names, 1):
        output = io.StringIO()
        with redirect_stdout(output):
            worst = max(worst, _review_one(project, name, options, folder))
        outputs.append(output.getvalue())
        if len(names) > 1 and sys.stderr.isatty():
            print(f"reviewed {name} ({number} of {len(names)})", file=sys.stderr)
    parts = [*(_describe_deleted(project, gone, options) if gone else []), *filter(None, outputs)]
    sys.stdout.write(_join_outputs(parts, options, single=len(names) == 1))
    return worst


def _report_shared_names(project: Project, others: Sequence[str], options: argparse.Namespace, folder: Path) -> int:
    """Print the names that two stacks declare. Returns the exit status: those that were there before are no fault."""
    for other in others if options.records else ():
        try:
            options.records[other] = _read_names(project, other, options, folder)
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


def _read_names(project: Project, name: str, options: argparse.Namespace, folder: Path) -> list[SharedName]:
    """The names that a stack declares which is not reviewed."""
    from ..evaluate.runner import evaluate
    from .shared_records import list_records

    stack, launcher = read_stack(project, name), Launcher(folder, options.env, options.timeout)
    with launcher.prepare(project):
        return [*list_records(evaluate(project, stack, strict=False, run_job=launcher))]


def _write_permissions(project: Project, name: str, options: argparse.Namespace, evaluation: Evaluation) -> int:
    """Write each policy into a file, in place of those of an earlier run for the stack, and print what to know then."""
    from ..permissions import build_permissions

    needed, folder, stack = build_permissions(evaluation.known), options.permissions, get_stack_name(name)
    folder.mkdir(parents=True, exist_ok=True)
    earlier = re.compile(rf"{re.escape(stack)}-(?:{'|'.join(_PURPOSES)})-\d+\.json")
    for path in folder.iterdir():
        if earlier.fullmatch(path.name):
            path.unlink()
    lines, width = [f"{project.name} · {stack}"], max(map(len, _PURPOSES.values()))
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
    print("\n".join(map(make_printable, lines)))
    return STRICT if options.strict and needed.not_known else OK


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
