"""Why a stack has no report, in words."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..evaluate.problems import ProgramError, StackFileError
from ..evaluate.project_file import HOME
from .output import describe_own_fault
from .process import is_ending

if TYPE_CHECKING:
    from ..evaluate.project_file import Project


def describe_failure(error: Exception, project: Project, name: str) -> str:
    """The words about what kept a stack from its evaluation. Raises the error again if it is a fault of our own."""
    from ..cost import UsageError

    if isinstance(error, StackFileError | UsageError):
        return str(error)
    if isinstance(error, ProgramError):
        return "\n".join([f"{name}: {error}", *describe_environment(project)])
    if project.root == HOME or is_ending() or isinstance(error, OSError):
        raise error
    # A program may declare anything, and must not keep other stacks from their reports, or write to the terminal.
    return f"{name}: {describe_own_fault(error)}"


def describe_environment(project: Project) -> list[str]:
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
