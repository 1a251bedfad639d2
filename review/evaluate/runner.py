"""Evaluates a stack: runs its program with providers' outputs made up, and with outputs unknown."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from ..graph import Graph
from .job import Job
from .problems import ProgramError
from .project_file import Project
from .stack_file import Stack

Start = Callable[[Job], Graph]  # runs a program. Raises ProgramError, or StackFileError without a region
Made = TypeVar("Made")


def run(project: Project, stack: Stack, *, known: bool = True, strict: bool = True, start: Start) -> Graph:
    """The graph that the project's program declares for this stack. Raises ProgramError with the program's message.

    With `known`, providers' outputs are made up; else unknown, as in the first real preview. With `strict`, a lookup
    without an answer and a file that does not exist are errors, else notes.
    """
    return start(Job(project, stack, known=known, strict=strict, variables=frozenset(os.environ)))


@dataclass(frozen=True)
class Evaluation:
    """A stack evaluated both ways: with outputs made up, and with outputs unknown as in its first real preview."""

    known: Graph
    unknown: Graph

    @property
    def hidden(self) -> list[str]:
        """URNs that appear only when outputs are known: resources inside an `apply`, which a real preview misses."""
        return [urn for urn in self.known.resources if urn not in self.unknown.resources]


def evaluate(project: Project, stack: Stack, *, strict: bool = True, start: Start) -> Evaluation:
    """Both runs of a stack; of a foreign program that fails with outputs unknown only one. Raises ProgramError."""
    once = partial(run, project, stack, strict=strict, start=start)
    later = run_in_thread(partial(once, known=False))  # each has a process of its own
    try:
        known = once(known=True)
    except Exception:
        wait([later])
        raise
    try:
        return Evaluation(known, later.result())
    except ProgramError as error:
        if strict:
            raise
        first, *_ = str(error).splitlines()
        note = f"with outputs unknown, as in a first preview, the program fails: {first}"
        return Evaluation(replace(known, notes=(*known.notes, note)), known)


def run_in_thread(call: Callable[[], Made]) -> Future[Made]:
    """Make a call in a thread that does not keep this process from ending: a program may never end."""
    result: Future[Made] = Future()

    def run_call() -> None:
        try:
            result.set_result(call())
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=run_call, daemon=True).start()
    return result
