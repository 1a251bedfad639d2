"""Runs a program in this process: the recorder is called without a socket, and modules stay imported."""

import asyncio
import contextvars
import functools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import Any, Final

from pulumi.runtime import settings as runtime_settings
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.stack import run_in_stack

from review.evaluate.job import Job
from review.evaluate.process import list_passed_variables
from review.evaluate.program_process import configure, run_file
from review.evaluate.record import Run
from review.facts.review_variables import WITHOUT_PACKAGES
from review.graph import Graph
from review.recording import transforms
from review.tests.helpers.in_process.loop import Callbacks, own_loop, settle
from review.tests.helpers.in_process.modules import own_modules

_TRANSFORM_SECONDS: Final = 30.0


def call_back(callback: Any, asked: bytes) -> bytes:
    """Call a transform of the program."""
    servicer = next(servicer for servicer in _CallbackServicer._servicers if callback.token in servicer._callbacks)
    future: Any = asyncio.run_coroutine_threadsafe(
        servicer._callbacks[callback.token](asked),  # type: ignore[arg-type] # it is a coroutine
        servicer._loop,
    )
    return bytes(future.result(_TRANSFORM_SECONDS).SerializeToString())


vars(transforms)["call_back"] = call_back


def record(job: Job, patience: float, *, reimport: bool) -> Graph:
    """The graph that a program declares in this process. Raises ProgramError, or StackFileError without a region."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(list_passed_variables(before) | {"HOME": before.get("HOME", "/"), WITHOUT_PACKAGES: "1"})
    modules = own_modules(job.project.root, job.project.program) if reimport else nullcontext()
    try:
        # The failure is described while the program's modules are loaded.
        with modules:
            # A context of its own: the SDK's settings, config and root resource are context variables.
            run = Run(job, functools.partial(_execute, patience), isolated=True)
            return contextvars.copy_context().run(run.graph)
    finally:
        os.environ.clear()
        os.environ.update(before)


def _execute(patience: float, run: Run) -> None:
    main_file = run.job.project.main
    runtime_settings.ROOT.set(None)
    configure(run)

    async def declare() -> None:
        run_file(str(main_file))
        await settle()

    async def main() -> None:
        runtime_settings.SETTINGS.callbacks = Callbacks(run.monitor)
        await asyncio.wait_for(run_in_stack(declare), patience)

    with _as_the_cli(main_file), own_loop() as loop:
        loop.run_until_complete(main())


@contextmanager
def _as_the_cli(main: Path) -> Iterator[None]:
    """Working directory, import path and arguments as a real run has them, all put back after."""
    path, argv, folder = list(sys.path), sys.argv, Path.cwd()
    sys.path.insert(0, str(main.parent))
    sys.argv = [str(main)]
    os.chdir(main.parent)
    # Processes that the program starts write past sys.stdout, which is only for the report.
    output = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(output, 1)
        os.close(output)
        os.chdir(folder)
        sys.argv, sys.path[:] = argv, path
