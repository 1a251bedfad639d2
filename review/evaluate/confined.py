"""Starts a program confined, in a process of its own, as the language host of its language does."""

from __future__ import annotations

import json
import os
import re
import signal
import site
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final

from ..confine.command import LAUNCH, Confined
from ..confine.folders import in_sight, kept
from ..confine.keeper import LATE, Limits, Task
from ..confine.mounts import MOST_CHANGED
from ..confine.namespace import Held
from ..graph.prose import few, listed, printable
from ..launch import PROGRAM
from . import failure
from .files import Copies, close
from .node import command
from .problems import Problem, ProgramError, StackFileError
from .project_file import Project

if TYPE_CHECKING:
    from .runner import Run

_PASSED: Final = re.compile(
    "AWS_REGION|AWS_DEFAULT_REGION|CI|CONDA_PREFIX|LANG|LANGUAGE|LC_[A-Z]+|LD_LIBRARY_PATH|LOGNAME"
    "|NODE_ENV|NODE_OPTIONS|NODE_PATH|PATH|PYTHON[A-Z0-9]+|TMPDIR|TZ|USER|VIRTUAL_ENV"
)
"""Variables that a program gets of the caller's: none of them gives a right."""
_SETTINGS: Final = {  # https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "GRPC_VERBOSITY": "ERROR",
}
_LONGEST_FOLDER: Final = 75  # characters, so that the path of a socket in it has at most the 108 of Linux


class Confinement:
    """Starts runs, each in a confined process, which ends after some seconds. It gets the caller's variables of `names`
    beside those that every program gets. Its temporary files stay in `folder`: they may be the code of functions."""

    def __init__(self, folder: Path, names: Collection[str] = (), seconds: float = 120) -> None:
        if len(bytes(folder)) > _LONGEST_FOLDER:
            want = f"a path of at most {_LONGEST_FOLDER - 20} characters, for a socket's may have no more than 108"
            raise StackFileError("TMPDIR", [Problem("TMPDIR", str(folder), want)])
        # Else gRPC, which is imported later, prints a line when a program ends with a connection open.
        os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
        self._folder, self._names, self._seconds = folder, names, seconds
        self._meanwhile: Callable[[], object] = lambda: None
        self._prepared, self._waiting = dict[Path, list[_Process]](), set[_Process]()

    @contextmanager
    def prepared(self, project: Project, meanwhile: Callable[[], object]) -> Iterator[None]:
        """Within, the processes of both runs import the SDK. `meanwhile` is called when they run their program."""
        two = [self._process(project) for _ in range(2)] if project.language == "python" else []
        self._prepared[project.root], self._waiting, self._meanwhile = two, {*two}, meanwhile
        try:
            yield
        finally:
            for process in self._prepared.pop(project.root):
                process.end()

    def __call__(self, run: Run) -> None:
        from .protocol import served

        try:
            process = self._prepared[run.project.root].pop()
        except (KeyError, IndexError):
            process = self._process(run.project, run.program)
        run.files.roots = process.roots
        run.files.copies = Copies(process.copies, process.confined.open)
        try:
            with served(run, process.address, process.ours, process.confined.connect):
                process.describe(run.program)
                self._waiting.discard(process)
                if not self._waiting:
                    self._meanwhile()
                ending, limit, changed = process.confined.wait()
        finally:
            process.end()
        run.claims.as_held(process.confined.held)
        run.notes = tuple(_notes(run, process.confined, changed))
        _judge(run, ending, limit)

    def _process(self, project: Project, program: Mapping[str, Any] | None = None) -> _Process:
        folder = Path(mkdtemp(dir=self._folder)).resolve()
        return _Process(folder, self._names, Limits(seconds=self._seconds), project, program)


class _Process:
    """A confined process for one run. One in Python waits for the description of its program, one in Node.js has it."""

    def __init__(
        self, folder: Path, names: Collection[str], limits: Limits, project: Project, program: Mapping[str, Any] | None
    ) -> None:
        places = [folder / name for name in ("ours", "copies", "program", "tmp", "home")]
        self.ours, self.copies, theirs, temporary, home = places
        for place in places:
            place.mkdir(mode=0o700)
        self.address, self._python, self._pipe = f"unix:{theirs / 'recorder'}", project.language == "python", -1
        variables: dict[str, str] = {}
        own: list[Path] = []
        if self._python or program is None:
            file = theirs / "program.json"
            os.mkfifo(file, 0o600)
            # For reading as well: it keeps the text until the other side opens it.
            self._pipe = os.open(file, os.O_RDWR)
            arguments = [project.python, str(LAUNCH), PROGRAM, str(file)]
        else:
            arguments, variables, own = command(project, program, self.address)
            variables["PULUMI_CONFIG"] = json.dumps(program["config"])
            variables["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(program["secret_keys"])
        python = project.python if self._python else ""
        folders = kept(project.root, python, [theirs, *own], [temporary, home], project.older and project.older[0])
        self._shared, named = (temporary, home), (*map(Path, folders.layered), *in_sight(folders), temporary, home)
        self.roots = tuple(sorted({path.resolve() for path in named} - {theirs}))
        # Python looks for the packages that its user installed below HOME.
        variables |= {"HOME": str(home), "TMPDIR": str(temporary), "PYTHONUSERBASE": site.getuserbase()}
        task = Task(arguments, str(project.program), folders._replace(socket=str(theirs / "recorder")), limits)
        self.confined = Confined(task, passed(os.environ, names) | variables, _print)

    def describe(self, program: Mapping[str, Any]) -> None:
        """Hand a program to a process in Python, which may have ended: no other thread waits until it is read."""
        if self._pipe >= 0:
            text = json.dumps({**program, "address": self.address}) + "\n"
            threading.Thread(target=_written, args=(os.dup(self._pipe), text.encode()), daemon=True).start()

    def end(self) -> None:
        self.confined.end()
        if self._pipe >= 0:
            os.close(self._pipe)
        for path in self._shared:
            close(path, self.roots)


def passed(environment: Mapping[str, str], names: Collection[str] = ()) -> dict[str, str]:
    """The variables that a program gets, with those of `names`, and with AWS's metadata service off."""
    return {**{key: value for key, value in environment.items() if key in names or _PASSED.fullmatch(key)}, **_SETTINGS}


def _written(pipe: int, text: bytes) -> None:
    with open(pipe, "wb") as file:
        file.write(text)


def _judge(run: Run, ending: int, limit: str) -> None:
    """Raise ProgramError if the program's process ended without telling why."""
    if run.exceeded:
        raise ProgramError(run.exceeded)
    if limit.startswith(LATE):
        raise ProgramError(f"{failure.LATE}{limit.removeprefix(LATE)}; --timeout gives it more seconds")
    if limit:
        raise ProgramError(f"the program used {limit}, which is the most that a review allows: it was ended")
    if run.claims.failure is not None:
        return
    if run.claims.complete and not ending:
        if run.recorder.recorded.exports is None:
            run.claims.take({"unrun": {"the rest of the program, which waits for something that never comes": None}})
        return
    if run.refused:
        raise ProgramError(run.refused)
    if run.errors and ending > 0:
        said = run.errors[0].splitlines()[: failure.LINES]
        hints = (*failure.not_installed(run.errors[0], run.project), *run.recorder.lookups.notes)
        raise ProgramError("\n".join([*said, *hints]))
    if ending < 0:
        node = run.project.language == "nodejs"
        because = ": Node.js ends so if it has used up its memory" if node and ending == -signal.SIGABRT else ""
        raise ProgramError(f"the signal {signal.Signals(-ending).name} ended the program's process{because}")
    raise ProgramError(f"the program ended its process with status {ending} before its run was complete")


def _print(line: str) -> None:
    """Show a line that the program printed. Control characters of it do not steer the terminal."""
    with suppress(OSError, ValueError):
        print(printable(line.rstrip("\r\n")), file=sys.stderr)


def _notes(run: Run, started: Confined, changed: list[str]) -> Iterator[str]:
    """Sentences for the report on what the program was not kept from, and on what it changed."""
    root, held, dropped = run.project.root, started.held, started.dropped
    copies = run.files.copies
    if names := [os.path.relpath(path, root) for path in changed if "__pycache__" not in path]:
        least = "at least " * (len(changed) == MOST_CHANGED)
        yield f"the program wrote {least}{_listed(names)}: only it saw that, and your files are as they were"
    if Held.FILES in held and not started.layered:
        yield "the program could not write into its repository: this system allows no overlay on it"
    if run.files.refused:
        outside = "the program names it as content, and it is outside the repository, too deep or too much"
        yield f"the review did not read {_listed(run.files.refused)}: {outside}"
    if copies is not None and copies.too_large:
        yield f"the review did not keep {_listed(copies.too_large)}: the program wrote it, and it is too large or deep"
    if dropped:
        yield f"the program printed {dropped:,} bytes more than are shown"
    if could := not_held(held):
        home = "the project or its repository contains your home folder"
        why = home if held == ~Held.HOME else "this system does not allow namespaces for that"
        yield f"{failure.NOT_ISOLATED}: it could {could}, since {why}"


def not_held(held: Held, *, unix: bool = True) -> str:
    """What a confined process could do. Empty if it was kept from everything. Without `unix`, it has no such socket."""
    sockets = "connect to Unix sockets, " if unix else ""
    possible = [
        (Held.NETWORK, "connect to the network"),
        (Held.FILES, f"{sockets}change your files (which are not listed here) and use your terminal"),
        (Held.HOME, "read your home folder"),
        (Held.PROCESSES, "see and end your other processes and read their variables"),
        (Held.CALLS, "use the kernel's keyrings, and memory that no limit counts"),
    ]
    return listed(words for kind, words in possible if kind not in held)


def _listed(paths: Iterable[str]) -> str:
    return few([printable(path) for path in sorted(paths)])
