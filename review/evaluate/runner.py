"""Evaluates a stack: runs its program twice, with made-up outputs of providers and with unknown outputs."""

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

RunJob = Callable[[Job], Graph]  # runs a program. Raises ProgramError, or StackFileError without a region
Result = TypeVar("Result")


def run(project: Project, stack: Stack, *, known: bool = True, strict: bool = True, run_job: RunJob) -> Graph:
    """The graph that the project's program declares for this stack. Raises ProgramError with the program's message.

    With `known`, outputs of providers are made up. Otherwise they are unknown, as in the first real preview. With
    `strict`, a lookup without a result and a file that does not exist are errors. Otherwise they are notes.
    """
    return run_job(Job(project, stack, known=known, strict=strict, variables=frozenset(os.environ)))


@dataclass(frozen=True)
class Evaluation:
    """A stack evaluated both ways: with outputs made up, and with outputs unknown as in its first real preview."""

    known: Graph
    unknown: Graph

    @property
    def hidden(self) -> list[str]:
        """URNs that appear only when outputs are known: resources inside an `apply`, which a real preview misses."""
        return [urn for urn in self.known.resources if urn not in self.unknown.resources]


def evaluate(project: Project, stack: Stack, *, strict: bool = True, run_job: RunJob) -> Evaluation:
    """Runs a stack both ways. Raises ProgramError if the program fails.

    If `strict` is false and only the run with unknown outputs fails, the other run takes its place, with a note.
    """
    run_stack = partial(run, project, stack, strict=strict, run_job=run_job)
    unknown = run_in_thread(partial(run_stack, known=False))  # both runs at the same time, each in its own process
    try:
        known = run_stack(known=True)
    except Exception:
        wait([unknown])
        raise
    try:
        return Evaluation(known, unknown.result())
    except ProgramError as error:
        if strict:
            raise
        first, *_ = str(error).splitlines()
        note = f"with outputs unknown, as in a first preview, the program fails: {first}"
        return Evaluation(replace(known, notes=(*known.notes, note)), known)


def run_in_thread(call: Callable[[], Result]) -> Future[Result]:
    """Make a call in a daemon thread, so that this process can end even if the program never ends."""
    result: Future[Result] = Future()

    def run_call() -> None:
        try:
            result.set_result(call())
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=run_call, daemon=True).start()
    return result
