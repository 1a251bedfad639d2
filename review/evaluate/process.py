"""Runs programs in processes of their own, as Pulumi's language host does.

The processes have no credentials, an empty home folder and, where the system allows it, no network. That keeps a
program from calling AWS by mistake. It is no sandbox: run the code of strangers in a container.
"""

from __future__ import annotations

import os
import re
import signal
import site
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Final

from ..facts.review_variables import WITHOUT_PACKAGES
from ..graph import Graph
from ..graph.prose import make_printable
from ..launch import PROGRAM
from . import failure
from .host import FOLDERS
from .job import Job, dump, load_result
from .problems import ProgramError
from .project_file import HOME, Project

LAUNCH: Final = Path(__file__).resolve().parents[1] / "launch.py"
_PASSED: Final = re.compile(
    "AWS_REGION|AWS_DEFAULT_REGION|CI|CONDA_PREFIX|LANG|LANGUAGE|LC_[A-Z]+|LD_LIBRARY_PATH|LOGNAME"
    "|PATH|PYTHON[A-Z0-9]+|TZ|USER|VIRTUAL_ENV"
)
"""Variables that a program inherits. None of them grants access to anything."""
_MOST_BYTES: Final = 1 << 28
"""Size of a result, which this process holds several times. 10,000 resources have some 20 MiB."""
_SETTINGS: Final = {  # https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "GRPC_VERBOSITY": "ERROR",
}


_USUAL: Final = (
    "components.stack",
    *(f"pulumi_aws.{name}" for name in ("ec2.default_security_group", "iam.role", "lambda_.function")),
    *(f"pulumi_aws.{name}" for name in ("apigateway.rest_api", "ec2.security_group", "cloudwatch.log_group")),
)
"""Modules that nearly every stack of this project uses: all runs share them."""


class Launcher(ExitStack):
    """Runs programs, each in its own process for at most `seconds`. Its context ends the processes it prepared.

    `names` are environment variables that a program inherits besides the usual ones. Temporary files of a program stay
    in `folder`, since they may be the code of functions.
    """

    def __init__(self, folder: Path, names: Collection[str] = (), seconds: float = 120) -> None:
        super().__init__()
        self._folder, self._names, self._seconds = folder, names, seconds
        self._prepared: dict[str, _Process] = {}

    def prepare(self, project: Project) -> None:
        """Start the process of a project early, so that it imports the SDK meanwhile. Its Python runs others too."""
        if project.python not in self._prepared:
            self._prepared[project.python] = self.enter_context(self._start(project))

    def __call__(self, job: Job) -> Graph:
        """Run a program. Raises ProgramError, or StackFileError without a region."""
        job = replace(job, folder=str(self._make_folder()))
        if (process := self._prepared.get(job.project.python)) and process.is_alive():
            return process.run(job, self._seconds)
        with self._start(job.project, ours=False) as process:
            return process.run(job, self._seconds)

    @contextmanager
    def _start(self, project: Project, *, ours: bool = True) -> Iterator[_Process]:
        # Components of others may be found in another place by their own runs, and read config when imported.
        common = _USUAL if project.root == HOME else ("pulumi_aws",)
        variables = list_variables(self._names)
        process = _Process(self._make_folder(), project, variables, common if ours else ())
        try:
            yield process
        finally:
            process.end()

    def _make_folder(self) -> Path:
        """The folder of a process, with a home and a place for temporary files."""
        folder = Path(mkdtemp(dir=self._folder)).resolve()
        for name in FOLDERS.values():
            (folder / name).mkdir()
        return folder


class _Process:
    """A process that imports the SDK, and runs each program in a copy of itself: see `program_process.py`."""

    def __init__(self, folder: Path, project: Project, variables: Mapping[str, str], common: Sequence[str]) -> None:
        own = {key: str(folder / name) for key, name in FOLDERS.items()}
        self._control, control = socket.socketpair()
        with control:
            self._process = subprocess.Popen(  # noqa: S603 # the project's Python, with our own file
                [project.python, str(LAUNCH), PROGRAM, *common],
                cwd=project.program,
                env={**variables, **own},
                stdin=control.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        assert self._process.stdout is not None
        self._output = _print_output(self._process.stdout)
        self._starting = threading.Lock()  # a copy's two ends go together

    def run(self, job: Job, seconds: float) -> Graph:
        """What the program declares. Raises ProgramError, or StackFileError without a region."""
        line, its_line = socket.socketpair()
        output, its_output = os.pipe()
        shown = _print_output(os.fdopen(output, "rb"))
        with its_line, suppress(OSError), self._starting:  # the process ended already, and printed why
            socket.send_fds(self._control, [b"+"], [its_line.fileno(), its_output])
        os.close(its_output)
        copy = _Copy(line, seconds)
        try:
            result_bytes = copy.run_job(dump(job))
        finally:
            copy.end()
            shown.join(5)
        if isinstance(result_bytes, bytes):
            result = load_result(result_bytes)
            if isinstance(result, Graph):
                return result
            raise result
        status = self._process.poll() if result_bytes is None else result_bytes
        if status is not None and status < 0:
            raise ProgramError(f"the signal {signal.Signals(-status).name} ended the program's process")
        by = "" if status is None else f" with status {status}"
        raise ProgramError(f"the program ended its process{by} before its run was complete")

    def is_alive(self) -> bool:
        """False once the process has ended, perhaps by the hand of a program that ran before."""
        return self._process.poll() is None

    def end(self) -> None:
        """End the process. Its copies end with the runs."""
        self._control.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._output.join(5)


class _Copy:
    """The copy of a process that runs one program. It writes its process ID and its result."""

    def __init__(self, line: socket.socket, seconds: float) -> None:
        self._line, self._seconds, self._pid = line, seconds, 0
        line.settimeout(seconds)
        self._pipe = line.makefile("rb")

    def run_job(self, job: bytes) -> bytes | int | None:
        """The result of a job. The exit status if the copy ended before; None if that is not known.

        Raises ProgramError after some seconds, and for a result that is too large.
        """
        try:
            self._pid = int(self._pipe.readline() or 0)
            self._line.sendall(b"%d\n%b" % (len(job), job))
            kind, _, number = self._pipe.readline(_MOST_BYTES).partition(b" ")
            if kind != b"result":
                return int(number) if number else None
            if (size := int(number)) > _MOST_BYTES:
                raise ProgramError(
                    f"what the program declares has {size >> 20} MiB; the review reads {_MOST_BYTES >> 20} MiB"
                )
            return self._pipe.read(size)
        except TimeoutError:
            raise ProgramError(f"{failure.LATE} ({self._seconds:g} seconds); --timeout gives it more") from None
        except (OSError, ValueError):
            return None

    def end(self) -> None:
        """End the copy, and others of its session."""
        self._pipe.close()
        self._line.close()
        if self._pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)


def _print_output(lines: IO[bytes]) -> threading.Thread:
    """Print a program's output on the error output. Its control characters do not steer the terminal."""

    def show() -> None:
        with lines as output, suppress(OSError, ValueError):
            for line in output:
                # In one call: another run's line may come at the same time.
                sys.stderr.write(make_printable(line.decode(errors="replace").rstrip("\r\n")) + "\n")

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    return thread


def list_variables(names: Collection[str] = ()) -> dict[str, str]:
    """All variables of a program's process but its folders."""
    # Python looks below HOME, which is another one there, for packages that the user installed.
    own = {"PYTHONUSERBASE": site.getuserbase(), WITHOUT_PACKAGES: "1"}
    return {**list_passed_variables(os.environ, names), **own}


def list_passed_variables(environment: Mapping[str, str], names: Collection[str] = ()) -> dict[str, str]:
    """The variables that a program inherits, with those of `names`. They turn off AWS's metadata service."""
    inherited = {key: value for key, value in environment.items() if key in names or _PASSED.fullmatch(key)}
    return {**inherited, **_SETTINGS}
