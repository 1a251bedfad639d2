"""Starts a program in a process of its own, as Pulumi's language host does.

The process has no credentials, an empty home folder and, where the system allows it, no network. That keeps a program
from calling AWS by mistake. It is no sandbox: run the code of strangers in a container.
"""

from __future__ import annotations

import json
import os
import re
import signal
import site
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, TYPE_CHECKING, Any, Final

from ..graph.prose import printable
from ..launch import PROGRAM
from . import failure
from .host import FOLDERS
from .problems import Problem, ProgramError, StackFileError
from .project_file import HOME, Project

if TYPE_CHECKING:
    from .runner import Run

LAUNCH: Final = Path(__file__).resolve().parents[1] / "launch.py"
_PASSED: Final = re.compile(
    "AWS_REGION|AWS_DEFAULT_REGION|CI|CONDA_PREFIX|LANG|LANGUAGE|LC_[A-Z]+|LD_LIBRARY_PATH|LOGNAME"
    "|PATH|PYTHON[A-Z0-9]+|TZ|USER|VIRTUAL_ENV"
)
"""Variables that a program inherits. None of them grants access to anything."""
_SETTINGS: Final = {  # https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "GRPC_VERBOSITY": "ERROR",
}
_LONGEST_FOLDER: Final = 85  # characters, so that a socket's path in it has at most the 108 that Linux allows


class Launcher:
    """Runs programs, each in its own process for at most `seconds`.

    `names` are environment variables that a program inherits besides the usual ones. Temporary files of a program stay
    in `folder`, since they may be the code of functions.
    """

    def __init__(self, folder: Path, names: Collection[str] = (), seconds: float = 120) -> None:
        if len(bytes(folder)) > _LONGEST_FOLDER:
            want = f"a path of at most {_LONGEST_FOLDER - 20} characters, since a socket's path has at most 108"
            raise StackFileError("TMPDIR", [Problem("TMPDIR", str(folder), want)])
        # Otherwise gRPC, which is imported later, prints a line when a program ends with an open connection.
        os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
        self._folder, self._names, self._seconds = folder, names, seconds
        self._prepared: dict[Path, dict[bool, _Process | _Copy]] = {}

    @contextmanager
    def prepared(self, project: Project) -> Iterator[None]:
        """Start both processes of a stack early, so that they import the SDK meanwhile."""
        copy = _Copy(self._new_folder())
        processes: dict[bool, _Process | _Copy] = {True: self._started(project, copy), False: copy}
        self._prepared[project.root] = {**processes}
        try:
            yield
        finally:
            del self._prepared[project.root]
            for process in processes.values():
                process.end()

    def __call__(self, run: Run) -> None:
        """Run a program. Raises ProgramError if its process ended before the run was complete."""
        from .protocol import served

        waiting = self._prepared.get(run.project.root, {})
        process = waiting.pop(run.known, None) or self._started(run.project)
        try:
            with served(run, process.folder):
                process.describe(run.program)
                status = process.wait(self._seconds)
        finally:
            process.end()
        _judge(run, status)

    def _started(self, project: Project, copy: _Copy | None = None) -> _Process:
        return _Process(self._new_folder(), project, passed(os.environ, self._names), copy)

    def _new_folder(self) -> Path:
        """The folder of a process, with a home and a place for temporary files."""
        folder = Path(mkdtemp(dir=self._folder)).resolve()
        for name in FOLDERS.values():
            (folder / name).mkdir()
        return folder


class _Process:
    """The process of one run. It imports the SDK, and waits on its standard input for the program's description."""

    def __init__(self, folder: Path, project: Project, variables: Mapping[str, str], copy: _Copy | None) -> None:
        self.folder = folder
        # Python looks below HOME for packages that the user installed.
        own = {key: str(folder / name) for key, name in FOLDERS.items()} | {"PYTHONUSERBASE": site.getuserbase()}
        # The copy has what was imported before it was made.
        common = ["components.stack" if project.root == HOME else "pulumi_aws"] if copy else []
        ends = copy.take_ends() if copy else ()
        self._process = subprocess.Popen(  # noqa: S603 # the project's Python, with our own file
            [project.python, str(LAUNCH), PROGRAM, *common, *map(str, ends)],
            pass_fds=ends,
            cwd=project.program,
            env={**variables, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        for end in ends:
            os.close(end)
        assert self._process.stdout is not None
        self._output = _shown(self._process.stdout)

    def describe(self, program: Mapping[str, Any]) -> None:
        """Start the program that the process waits for."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it ended already; `wait` has its status
            self._process.stdin.write(_described(program, self.folder))
            self._process.stdin.flush()

    def wait(self, seconds: float) -> int:
        """The exit status, or a signal's number below 0. Raises ProgramError after some seconds."""
        try:
            status = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise ProgramError(f"{failure.LATE} ({seconds:g} seconds); --timeout gives it more") from None
        self._output.join(5)
        return status

    def end(self) -> None:
        """End the process, and others of its session."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._output.join(5)
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()


class _Copy:
    """A copy that a process makes of itself once it has imported the SDK: the second run of a stack is in there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._pid = folder, 0
        self._line, self._its_line = socket.socketpair()
        """For the program's description, and from the copy its process id and its exit status, a line each."""
        output, self._its_output = os.pipe()
        self._output = _shown(os.fdopen(output, "rb"))

    def take_ends(self) -> tuple[int, int]:
        """The copy's ends of both connections, for the process that makes it."""
        return self._its_line.detach(), self._its_output

    def describe(self, program: Mapping[str, Any]) -> None:
        """Start the program that the copy waits for."""
        with suppress(OSError):  # it ended already; `wait` has its status
            self._line.sendall(_described(program, self.folder))

    def wait(self, seconds: float) -> int | None:
        """The exit status, None if the copy ended without one. Raises ProgramError after some seconds."""
        self._line.settimeout(seconds)
        answers = self._line.makefile("rb")
        try:
            self._pid = int(answers.readline() or 0)
            status = answers.readline()
        except TimeoutError:
            raise ProgramError(f"{failure.LATE} ({seconds:g} seconds); --timeout gives it more") from None
        except OSError:
            return None
        self._output.join(5)
        return int(status) if status else None

    def end(self) -> None:
        """End the copy, and others of its session. Without a description it ends by itself."""
        self._line.close()
        if self._pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)
        self._output.join(5)


def _described(program: Mapping[str, Any], folder: Path) -> bytes:
    return json.dumps({**program, "folder": str(folder)}).encode() + b"\n"


def _shown(lines: IO[bytes]) -> threading.Thread:
    """Print a program's output on the error output. Its control characters do not steer the terminal."""

    def show() -> None:
        with lines as output, suppress(OSError, ValueError):
            for line in output:
                print(printable(line.decode(errors="replace").rstrip("\r\n")), file=sys.stderr)

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    return thread


def passed(environment: Mapping[str, str], names: Collection[str] = ()) -> dict[str, str]:
    """The variables that a program inherits, with those of `names`. They turn off AWS's metadata service."""
    inherited = {key: value for key, value in environment.items() if key in names or _PASSED.fullmatch(key)}
    return {**inherited, **_SETTINGS}


def _judge(run: Run, status: int | None) -> None:
    """Raise ProgramError if the program's process ended without reporting an error, and before its run was complete."""
    if run.claims.failure is not None:
        return
    if run.refused:
        raise ProgramError(run.refused)
    if run.claims.complete and not status:
        return
    if run.errors and (status is None or status > 0):
        lines = run.errors[0].splitlines()[: failure.LINES]
        hints = (*failure.not_installed(run.errors[0], run.project), *run.recorder.lookups.notes)
        raise ProgramError("\n".join([*lines, *hints]))
    if status is not None and status < 0:
        raise ProgramError(f"the signal {signal.Signals(-status).name} ended the program's process")
    by = "" if status is None else f" with status {status}"
    raise ProgramError(f"the program ended its process{by} before its run was complete")
