"""Evaluates a stack in a process of its own, with its temporary files kept: they may be the code of functions."""

from collections.abc import Collection
from pathlib import Path

from ..graph import Graph
from .process import Launcher
from .project_file import HOME, Project
from .runner import run
from .stack_file import read_stack

_SECONDS = 600.0


def evaluate_stack(project: Project, stack: str, folder: Path, names: Collection[str] = ()) -> Graph:
    """The graph. The program gets the variables of `names`; its temporary files go into the folder.

    Raises StackFileError and ProgramError.
    """
    strict = project.root == HOME
    launcher = Launcher(folder, names, _SECONDS)
    return run(project, read_stack(project, stack), strict=strict, run_job=launcher)
