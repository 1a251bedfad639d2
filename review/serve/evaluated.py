"""Evaluates a program in a copy of this process, whose memory ends with it."""

import contextlib
import multiprocessing
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

from ..evaluate.runner import ProgramError
from ..graph import Graph

_FORKS: Final = sys.platform == "linux"


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
