"""Reviews a plan or a state that the Pulumi CLI wrote, of a program in any language. No program runs."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..engine_files.document import STDIN, EngineFileError
from ..evaluate.problems import StackFileError
from ..evaluate.project_file import load, nearest
from ..evaluate.stack_file import is_file, read_stack
from ..graph import Graph
from .written import concluded, failed, of_the_review

if TYPE_CHECKING:
    from ..engine_files.plan import Plan
    from ..report.report import Report

_WITH_A_FILE: Final = ("against", "permissions", "stacks")  # options that need a program


def of_files(options: argparse.Namespace) -> int:
    """Review the plan, or the state, that the options name. Returns the exit status."""
    from ..cost import UsageError

    graph: Graph | None = None
    try:
        plan, graph = _read(options)
        report = _reviewed(plan, graph, options)
    except OSError:
        raise
    except Exception as error:
        expected = isinstance(error, EngineFileError | StackFileError | UsageError)
        names = (graph.project, graph.stack) if graph else ("", "")
        return failed(*names, options, str(error) if expected else of_the_review(error))
    return concluded(report, options)


def _read(options: argparse.Namespace) -> tuple[Plan | None, Graph]:
    """The plan, if there is one, and what stands: by the state, else by the plan."""
    from ..engine_files.plan import read_plan
    from ..engine_files.state import read_state

    if given := [name for name in _WITH_A_FILE if getattr(options, name)]:
        stacks = f"the stack {' '.join(options.stacks)}"
        names = ", ".join(stacks if name == "stacks" else f"--{name}" for name in given)
        raise EngineFileError(f"leave out {names}: a plan or a state is of one stack already, and runs no program")
    if options.plan == STDIN and options.state == STDIN:
        raise EngineFileError("--plan - and --state -: only one of them can be the standard input")
    plan = read_plan(options.plan) if options.plan else None
    if not options.state:
        assert plan is not None
        return plan, plan.before
    if plan is None:
        return None, read_state(options.state, lambda project, stack: config_of(options.project, project, stack))
    graph = read_state(options.state, lambda *_: (plan.config, []))
    if (graph.project, graph.stack) != (plan.after.project, plan.after.stack):
        of = [f"{one.project}/{one.stack}" for one in (plan.after, graph)]
        raise EngineFileError(f"the plan is of {of[0]} and the state of {of[1]}: give both of one stack")
    return plan, graph


def config_of(folder: Path | None, project: str, stack: str) -> tuple[Mapping[str, Any], list[str]]:
    """The stack's config, which a state does not contain, if its project is here."""
    if is_file(stack):
        # The name is from the state, which must not choose a file of this machine.
        why = "so its config cannot be found: rename the stack"
        raise EngineFileError(f"the stack {stack} is named like a file, {why}")
    try:
        document = load(folder or nearest(Path.cwd()), any_language=True)
    except StackFileError:
        if folder is not None:
            raise
    else:
        if document.name == project:
            read = read_stack(document, stack)
            return read.parsed, list(read.notes)
    lost = "a state has no config, so waivers and assumptions are not read"
    return {}, [f"{lost}: --project names the folder of {project}"]


def _reviewed(plan: Plan | None, standing: Graph, options: argparse.Namespace) -> Report:
    # Imported here: a wrong file is reported before all rules are loaded.
    from ..evaluate.runner import Evaluation
    from ..report.report import report, usage_of

    graph = plan.after if plan else standing
    usage = usage_of(graph).with_text(options.usage)
    if plan is None:
        return report(Evaluation(graph, graph), usage)
    from ..compare.comparison import compare
    from ..engine_files.update import planned_resources

    resources = planned_resources(plan, standing, graph)
    changes = compare(standing, graph, usage, "what is deployed", resources)
    return replace(report(Evaluation(graph, graph), usage), changes=changes)
