"""Evaluates a program in another process: a copy of this one, or the Python of the program's environment."""

import contextlib
import io
import multiprocessing
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from ..confine import ledger
from ..evaluate.isolation import launched
from ..evaluate.problems import StackFileError
from ..evaluate.project_file import Project, load
from ..evaluate.runner import ProgramError, run
from ..evaluate.stack_file import read_stack
from ..graph import Graph
from ..launch import GRAPH, NAME

_PACKAGE: Final = __name__.partition(".")[0]
_SECONDS: Final = 600
_FORKS: Final = sys.platform == "linux"


class _Graphs(pickle.Unpickler):
    """Reads a graph. A checkout calls the package differently, and no class of another one is made."""

    def find_class(self, module: str, name: str) -> Any:
        package, _, rest = module.partition(".")
        if package == NAME and rest.startswith("graph"):
            return super().find_class(f"{_PACKAGE}.{rest}", name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a graph")


def elsewhere(python: str, project: Project, stack: str) -> Graph:
    """The graph as another Python evaluates it. Raises ProgramError."""
    with tempfile.TemporaryDirectory(prefix="gatehouse-graph-") as folder:
        file = Path(folder) / "graph"
        arguments = [GRAPH, str(file), str(project.root), stack]
        done = launched(python, arguments, {}, _SECONDS, [project.root], [Path(folder)])
        if done.returncode or not file.exists():
            raise ProgramError(done.stderr.strip() or f"the program ended with status {done.returncode}")
        found = _Graphs(io.BytesIO(file.read_bytes())).load()
    assert isinstance(found, Graph)
    return found


def write(file: str, root: str, stack: str) -> int:
    """Evaluate a stack of a project here, and write its graph into a file. Returns the exit status."""
    book = ledger.handed_on() or ledger.new()
    return book.do(partial(_write, file, root, stack))


def _write(file: str, root: str, stack: str) -> int:
    try:
        project = load(Path(root))
        graph = run(project, read_stack(project, stack), strict=False)
    except (StackFileError, ProgramError) as error:
        print(error, file=sys.stderr)
        return 2
    Path(file).write_bytes(pickle.dumps(graph))
    return 0


class Evaluation:
    """One evaluation, with a folder for the files that it leaves behind."""

    def __init__(self, evaluate: Callable[[], Graph]) -> None:
        self._evaluate = evaluate
        self._folder = tempfile.mkdtemp(prefix="gatehouse-evaluated-")
        self._child: BaseProcess | None = None

    def run(self) -> Graph:
        """The graph. Raises ProgramError, and what the evaluation raises where a process cannot be copied."""
        if not _FORKS:
            return self._evaluate()
        context = multiprocessing.get_context("fork")
        receiver, sender = context.Pipe(duplex=False)
        self._child = context.Process(target=self._send, args=(sender,), daemon=True)
        self._child.start()
        sender.close()
        try:
            found = pickle.loads(receiver.recv_bytes())  # noqa: S301 - a copy of this process wrote it
        except EOFError:
            raise ProgramError("the program ended its evaluation") from None
        finally:
            receiver.close()
            self._child.join()
        if isinstance(found, Graph):
            return found
        raise ProgramError(str(found))

    def _send(self, sender: Connection) -> None:
        tempfile.tempdir = self._folder
        try:
            found: Graph | str = self._evaluate()
        except Exception as error:  # its text crosses to the other process, as an object of any class may not
            found = str(error)
        sender.send_bytes(pickle.dumps(found))

    def end(self) -> None:
        """End the copy, and remove its files."""
        if self._child is not None and self._child.is_alive():
            with contextlib.suppress(OSError):
                self._child.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
