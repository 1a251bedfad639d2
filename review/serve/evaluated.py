"""Evaluates a program in a confined process of its own, by the Python of the program's environment."""

import io
import os
import pickle
import sys
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

from ..confine import ledger
from ..evaluate.isolation import launched
from ..evaluate.problems import StackFileError
from ..evaluate.project_file import HOME, Project, load
from ..evaluate.runner import ProgramError, run
from ..evaluate.stack_file import read_stack
from ..graph import Graph
from ..launch import GRAPH, NAME

_PACKAGE: Final = __name__.partition(".")[0]
_SECONDS: Final = 600


class _Graphs(pickle.Unpickler):
    """Reads a graph. A checkout calls the package differently, and no class of another one is made."""

    def find_class(self, module: str, name: str) -> Any:
        package, _, rest = module.partition(".")
        if package == NAME and rest.startswith("graph"):
            return super().find_class(f"{_PACKAGE}.{rest}", name)
        if (package, rest) == (NAME, "evaluate.stand_in"):
            # No program converts the text of an encrypted value here.
            return str
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a graph")


def evaluated(python: str, project: Project, stack: str, folder: Path) -> Graph:
    """The graph. The program's temporary files go into the folder: they may be the code of functions.

    Raises ProgramError.
    """
    file, projects = folder / "graph", [project.root, *([Path(stack).parent] if Path(stack).is_file() else [])]
    arguments = [GRAPH, str(file), str(project.root), stack]
    done = launched(python, arguments, {"TMPDIR": str(folder)}, _SECONDS, projects, [folder])
    if done.returncode or not file.exists():
        raise ProgramError(done.stderr.strip() or f"the program ended with status {done.returncode}")
    found = _Graphs(io.BytesIO(file.read_bytes())).load()
    assert isinstance(found, Graph)
    return found


def write(file: str, root: str, stack: str) -> NoReturn:
    """Evaluate a stack of a project here, write its graph into a file, and end this process."""
    book = ledger.handed_on() or ledger.new()
    status = book.do(partial(_write, file, root, stack))
    sys.stderr.flush()
    # Exit handlers of the program would delete the archives that it made of its functions' code.
    os._exit(status)


def _write(file: str, root: str, stack: str) -> int:
    try:
        project = load(Path(root))
        graph = run(project, read_stack(project, stack), strict=project.root == HOME)
    except (StackFileError, ProgramError) as error:
        print(error, file=sys.stderr)
        return 2
    Path(file).write_bytes(pickle.dumps(graph))
    return 0
