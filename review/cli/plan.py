"""Reviews the plan that the Pulumi CLI wrote, of a program in any language. No program runs."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..evaluate.problems import StackFileError
from ..plan_files.document import PlanFileError
from .output import describe_own_fault, report_failure, write_report

if TYPE_CHECKING:
    from ..plan_files.plan import Plan
    from ..report.report import Report

_WITH_A_PROGRAM: Final = ("against", "stacks")
"""Options that need a program."""


def review_plan(options: argparse.Namespace) -> int:
    """Review the plan that the options name. Returns the exit status."""
    from ..cost import UsageError
    from ..cost.prices import set_project_prices
    from ..cost.project_prices import read_project_prices
    from ..evaluate.project_file import find_project_folder
    from ..plan_files.plan import read_plan

    names = ("", "")
    try:
        _check(options)
        set_project_prices(read_project_prices(options.project or find_project_folder(Path.cwd())))
        plan = read_plan(options.plan)
        names = (plan.after.project, plan.after.stack)
        report = _make_report(plan, options)
    except OSError:
        raise
    except Exception as error:
        expected = isinstance(error, PlanFileError | StackFileError | UsageError)
        return report_failure(*names, options, str(error) if expected else describe_own_fault(error))
    return write_report(report, options)


def _check(options: argparse.Namespace) -> None:
    """Raises PlanFileError for options that need a program."""
    if conflicting := [name for name in _WITH_A_PROGRAM if getattr(options, name)]:
        stacks = f"the stack {' '.join(options.stacks)}"
        listed = ", ".join(stacks if name == "stacks" else f"--{name}" for name in conflicting)
        raise PlanFileError(f"leave out {listed}: a plan is of one stack already, and runs no program")


def _make_report(plan: Plan, options: argparse.Namespace) -> Report:
    # Imported here: a wrong file is reported before all rules are loaded.
    from ..compare.comparison import compare
    from ..evaluate.runner import Evaluation
    from ..plan_files.replay import mark_altered
    from ..plan_files.update import find_planned_changes
    from ..report.described import describe
    from ..report.report import read_usage, report

    before, after = plan.before, mark_altered(plan.after, options.project or Path.cwd())
    usage = read_usage(after).replace_from_text(options.usage)
    planned = find_planned_changes(plan, before, after)
    changes = compare(before, after, usage, "what is deployed", planned, describe=describe)
    return replace(report(Evaluation(after, after), usage), changes=changes)
