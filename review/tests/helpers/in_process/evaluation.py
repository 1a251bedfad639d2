"""Evaluates stacks in the process of the tests, which costs seconds less than processes of their own.

A program may do here what the tests may. It needs private parts of the newest SDK.
"""

import gc
import threading
from contextlib import ExitStack
from functools import partial
from typing import Any

from review.evaluate import runner
from review.evaluate.job import Job
from review.evaluate.project_file import Project
from review.evaluate.runner import Evaluation
from review.evaluate.stack_file import Stack
from review.graph import Graph
from review.tests.helpers.in_process import program

_ONE_PROGRAM = threading.RLock()
_PATIENCE = 120.0


def here(job: Job, *, reimport: bool = True) -> Graph:
    """Run a program in this process, which holds one at a time.

    Without `reimport` its modules stay imported, which is faster, and safe if none declares anything when imported.
    """
    with _ONE_PROGRAM:
        return program.record(job, _PATIENCE, reimport=reimport)


def run(project: Project, stack: Stack, *, reimport: bool = True, **options: Any) -> Graph:
    """The review's `run`, here."""
    graph = runner.run(project, stack, **{"run_job": partial(here, reimport=reimport), **options})
    # What a run leaves is freed in a fraction of the time as long as the processor still holds it.
    gc.collect(0)
    return graph


def evaluate(project: Project, stack: Stack, **options: Any) -> Evaluation:
    """The review's `evaluate`, here."""
    return runner.evaluate(project, stack, **{"run_job": here, **options})


class InThisProcess(ExitStack):
    """In place of a launcher. `reimport` as in `here`."""

    def __init__(self, *_: object, reimport: bool = True) -> None:
        super().__init__()
        self._reimport = reimport

    def prepare(self, *_: object) -> None: ...

    def __call__(self, job: Job) -> Graph:
        return here(job, reimport=self._reimport)
