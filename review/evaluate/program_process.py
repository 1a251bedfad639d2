"""The process that programs run in: it imports the SDK once, and runs each program in a copy of itself.

As the CLI's language host does, it runs a program on the SDK's public runtime. `record.py` is the engine.
"""

import asyncio
import gc
import importlib
import logging
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from ..facts.review_variables import STACK_FILE
from .host import FOLDERS
from .host.network import leave_network

_OBJECTS: Final = 50_000
"""New objects between two collections in a copy, which ends after its run: more often takes a twelfth of it."""
_CONTROL: Final = 0  # the standard input is the connection to the review


def main(*common: str) -> None:
    """Run a program in a copy of this process for each request of the review, until that ends.

    All copies have the modules `common`, which are imported before.
    """
    gc.disable()  # what is imported stays
    isolated = leave_network()  # before a library starts a thread: only then the system allows it
    from .host import lazy_packages

    lazy_packages.install()
    from pulumi import log

    from . import record  # noqa: F401 # each copy has it

    log.debug = disable_debug_messages(log.debug)
    control = socket.socket(fileno=_CONTROL)
    if common:
        sys.path.insert(0, str(Path.cwd()))
        for name in common:
            with suppress(Exception):  # the program's own import will say it
                importlib.import_module(name)
        del sys.path[0]
    gc.freeze()
    gc.enable()
    copies: dict[int, socket.socket] = {}
    signal.signal(signal.SIGCHLD, lambda *_: _report_ended(copies))
    home = Path.cwd()
    while ends := _receive_request(control):
        line, output = ends
        # A copy that ends at once is reported once it is known here.
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        if not (copy := os.fork()):
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
            for other in copies.values():
                other.close()
            _run_copy(socket.socket(fileno=line), output, home, isolated=isolated)
        os.close(output)
        copies[copy] = socket.socket(fileno=line)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    os._exit(0)


def _receive_request(control: socket.socket) -> list[int]:
    """The ends of a copy's two connections. Empty once the review has ended."""
    with suppress(OSError):
        return socket.recv_fds(control, 1, 2)[1]
    return []


def _report_ended(copies: dict[int, socket.socket]) -> None:
    """Write the exit status of each copy that has ended after what the copy wrote itself."""
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            with copies.pop(ended[0]) as line, suppress(OSError):  # the review may have ended
                line.sendall(b"ended %d\n" % os.waitstatus_to_exitcode(ended[1]))


def _run_copy(line: socket.socket, output: int, home: Path, *, isolated: bool) -> None:
    """Run the program that the connection describes, write its result, and end this process."""
    from .host import bytecode
    from .job import dump, load_job

    os.setsid()
    gc.set_threshold(_OBJECTS)
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    line.sendall(b"%d\n" % os.getpid())
    with line.makefile("rb") as sent:
        job = load_job(sent.read(int(sent.readline())))
    threading.Thread(target=_end_with_the_review, args=[line], daemon=True).start()
    os.environ |= {key: f"{job.folder}/{name}" for key, name in FOLDERS.items()}
    tempfile.tempdir = None  # the SDK asked for that of the process
    if job.stack.file is not None:
        os.environ[STACK_FILE] = str(job.stack.file)
    os.chdir(job.project.program)
    if job.project.program != home:
        _forget_modules(home)
    if job.project.older:
        _import_from(*map(str, job.project.older))
        bytecode.install(*job.project.older)
    result = dump(_record(job, isolated=isolated))
    sys.stdout.flush()
    sys.stderr.flush()
    with suppress(OSError):
        line.sendall(b"result %d\n%b" % (len(result), result))
    # Without exit handlers and threads: a program's own could wait without end, or delete the files that it declares.
    os._exit(0)


def _record(job: Any, *, isolated: bool) -> Any:
    from .problems import ProgramError, StackFileError
    from .record import Run

    try:
        return Run(job, _execute, isolated=isolated).graph()
    except (ProgramError, StackFileError) as error:
        return error


def _end_with_the_review(line: socket.socket) -> None:
    """End this process, and others of its session, once the review has closed its end of the connection.

    Nothing else ends a copy whose review was killed: it is in a session of its own.
    """
    closing = select.poll()
    closing.register(line, select.POLLHUP | getattr(select, "POLLRDHUP", 0))
    closing.poll()
    os.killpg(0, signal.SIGKILL)


def _forget_modules(home: Path) -> None:
    """Forget modules of the project that this process was started for: another version of it has its own."""
    from .host.modules import is_project_file

    for name, module in [*sys.modules.items()]:
        if (file := getattr(module, "__file__", None)) and is_project_file(file, home):
            del sys.modules[name]
    importlib.invalidate_caches()


def _import_from(today: str, older: str) -> None:
    """Import packages of a repository, which the environment of today refers to, from an older version of it."""
    environment = [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)]

    def path(entry: str) -> str:
        real = Path(entry).resolve()
        is_own = real.is_relative_to(today) and not any(map(real.is_relative_to, environment))
        return str(Path(older, real.relative_to(today))) if is_own else entry

    sys.path[:] = map(path, sys.path)
    # Setuptools has the folders of packages in the module of a finder.
    for finder in (module for name, module in sys.modules.items() if name.startswith("__editable__")):
        mapping, spaces = (getattr(finder, name, {}) for name in ("MAPPING", "NAMESPACES"))
        mapping.update({name: path(folder) for name, folder in mapping.items()})
        spaces.update({name: [*map(path, folders)] for name, folders in spaces.items()})


def _execute(run: Any) -> None:
    """Run the program as the CLI's language host does. Raises the program's error."""
    from pulumi import runtime

    from .watch import ExitError

    job = run.job
    configure(run)
    sys.argv = [str(job.project.main)]
    sys.path[0:0] = [str(job.project.program)]
    # As the CLI's own: after a failure every task that is left raises it.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(lambda *_: None)
    try:
        loop.run_until_complete(runtime.run_in_stack(lambda: run_file(str(job.project.main))))
    except (KeyboardInterrupt, GeneratorExit, asyncio.CancelledError) as error:
        raise ExitError(type(error).__name__) from error


def configure(run: Any) -> None:
    """Configure the SDK for a run."""
    from pulumi import runtime

    from ..recording.wire import BASE
    from .host.stand_in import TEXT, StandIn

    job = run.job
    BASE.set(str(job.project.program))
    settings = runtime.Settings(
        project=job.project.name,
        stack=job.stack.name,
        monitor=run.monitor,
        engine=run.engine,
        dry_run=True,  # programs guard side effects by this, so it is true even if outputs are known
        organization="organization",
        root_directory=str(job.project.root),
    )
    runtime.configure(settings)
    config = {key: StandIn(value) if value == TEXT else value for key, value in run.config.items()}
    runtime.set_all_config(config, list(job.stack.secret_keys))


def run_file(main: str) -> None:
    """Run a program's file. Raises ExitError if it ends by a status that is not zero."""
    from .watch import ExitError

    try:
        runpy.run_path(main, run_name="__main__")
    except SystemExit as leaving:  # asyncio lets it out past everything that waits for the run to settle
        if leaving.code:
            raise ExitError(f"the program left with exit status {leaving.code}") from leaving


def disable_debug_messages(debug: Callable[..., None]) -> Callable[..., None]:
    """The SDK's `log.debug` without messages: it sends several for each resource, and the review shows none."""

    def ignored(msg: object, *arguments: object, **options: object) -> None:
        if not isinstance(msg, str):
            debug(msg, *arguments, **options)  # an error

    return ignored
