"""Keeps a program that is evaluated from acting: no AWS variables, no metadata service, no connections of Python.

A program may call AWS by itself, in boto3 for example. `pulumi preview` would let it; a review must not. Python's own
sockets are refused here. C code (gRPC) and child processes are held only by the namespaces of `review/confine`, where
the system allows them.
"""

import functools
import io
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from traceback import walk_stack, walk_tb
from types import FrameType
from typing import Any, Final

from ..confine import ledger
from ..confine.command import Done, confined
from ..confine.folders import kept
from ..confine.keeper import held
from ..confine.namespace import Held
from .modules import belongs

_LAUNCH: Final = Path(__file__).resolve().parents[1] / "launch.py"
_KEPT: Final = frozenset({"AWS_REGION", "AWS_DEFAULT_REGION"})
"""Variables that name where to act and give no right to."""

# https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
_SETTINGS: Final = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
}
_CONNECTIONS: Final = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
}
"""Audit events of what leaves the process, and the argument that names the other end.

https://docs.python.org/3/library/audit_events.html
"""
_MULTIPROCESSING: Final = "review.multiprocessing"
"""An event of our own: some of `multiprocessing`'s start methods have none."""
_PROCESSES: Final = frozenset(
    {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", _MULTIPROCESSING}
)
_SDKS: Final = ("boto3", "botocore", "aiobotocore")
_ADVICE: Final = "skip that call if pulumi.runtime.is_dry_run(), or look the value up by a Pulumi function"


class ConnectionRefusedByReviewError(PermissionError):
    """A connection that the evaluated program tried to open."""


def without_credentials(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without variables that give a right on AWS, and with the metadata service off."""
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_") or name in _KEPT}
    return {**kept, **_SETTINGS}


def launched(
    python: str,
    arguments: Sequence[str],
    variables: Mapping[str, str],
    seconds: float,
    projects: Iterable[Path],
    shared: Iterable[Path] = (),
) -> Done:
    """The review in a confined process of its own, without credentials. The program may run for so many seconds.

    It sees the folders of these projects, and may write into `shared` ones too.
    """
    command, environment = [python, str(_LAUNCH), *arguments], {**without_credentials(os.environ), **variables}
    folders = kept(projects, "" if python == sys.executable else python, shared)
    return confined(command, environment, seconds, folders)


class Isolation:
    """Attempts of one evaluated program, and the refusals that it met."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._attempts: dict[str, None] = {}
        self._started: dict[str, None] = {}

    @property
    def notes(self) -> list[str]:
        """Sentences for the report on what the program tried while it was evaluated."""
        return [*self._attempts, *self._started]

    def refuse(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise for an audit event that is a connection; note one that is another process."""
        here = self._line(walk_stack(sys._getframe()))
        if event in _PROCESSES:
            command = _command(event, *arguments[:1])
            held = f"it ran without AWS variables, {_held()}, and the review does not know what it did"
            self._started[f"the program started {command}{here}: {held}"] = None
            return
        end = arguments[_CONNECTIONS[event]] if len(arguments) > _CONNECTIONS[event] else ""
        said = f"the program tried to connect to {_named(end)}{here}: a review opens no connection; {_ADVICE}"
        self._attempts[said] = None
        raise ConnectionRefusedByReviewError(said)

    def end(self) -> None:
        """Stop to refuse. A program can take the refusal away, and then nobody saw what it did."""
        try:
            _active.remove(self)
        except ValueError:
            self._attempts[
                "the program switched off the refusal of connections: the review did not see all that it did"
            ] = None

    def explained(self, error: BaseException) -> str:
        """Why the program failed, if it did because it may not act; empty if it failed for another reason."""
        for chain in causes(error):
            if isinstance(chain, ConnectionRefusedByReviewError):
                return str(chain)
            if type(chain).__module__.partition(".")[0] in _SDKS:
                line = self._line(reversed([*walk_tb(chain.__traceback__)]))
                said = f"the program called AWS itself{line}: a review has no credentials and calls nothing of AWS"
                return next(iter(self._attempts), f"{said}; {_ADVICE}")
        return ""

    def _line(self, frames: Iterable[tuple[FrameType, int]]) -> str:
        """The first line of these that is the program's."""
        lines = ((Path(frame.f_code.co_filename), number) for frame, number in frames)
        own = ((path.relative_to(self._root), number) for path, number in lines if belongs(path, self._root))
        return next((f" at {path}:{number}" for path, number in own), "")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, each once: an SDK may chain errors in a circle."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        seen.add(id(cause))
        chained = (one for one in (cause.__cause__, cause.__context__) if one is not None)
        cause = next((one for one in chained if id(one) not in seen), None)


def _named(end: Any) -> str:
    """Host and port of a socket's address; a path for a local socket."""
    if isinstance(end, tuple) and len(end) > 1:
        return f"{_named(end[0])}:{end[1]}"
    return end.decode(errors="replace") if isinstance(end, bytes) else str(end)


def _held() -> str:
    confined = held() or Held.NOTHING
    network = "it had no network" if Held.NETWORK in confined else "it could connect"
    return f"{network} and {'an empty home folder' if Held.HOME in confined else 'could read the files of the user'}"


def not_held() -> list[str]:
    """Sentences for the report on what the system did not allow to keep the program from."""
    confined = held()
    if confined is None:
        return []
    possible = [
        (Held.NETWORK, "connect to the network"),
        (Held.FILES, "connect to Unix sockets and change your files"),
        (Held.HOME, "read your home folder"),
        (Held.PROCESSES, "see and end your other processes"),
    ]
    left = [words for kind, words in possible if kind not in confined]
    if not left:
        return []
    *all_but, last = left
    could = f"{', '.join(all_but)} and {last}" if all_but else last
    return [f"the program was not fully isolated: C code and child processes could {could}, since {_reason(confined)}"]


def _reason(confined: Held) -> str:
    if confined == Held.NETWORK | Held.FILES | Held.PROCESSES:
        return "the project or its repository contains your home folder"
    return "this system does not allow namespaces for that"


def _command(event: str, given: Any = "") -> str:
    """The name of the program that is started; only `os.system` takes a line of a shell, where a space ends it."""
    text = os.fsdecode(given) if isinstance(given, (str, bytes, os.PathLike)) else str(given)
    path = text.strip().partition(" ")[0] if event == "os.system" else text
    return Path(path).name or "another process"


_lock = threading.Lock()
_active: list[Isolation] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _active and (event in _CONNECTIONS or event in _PROCESSES):
        _active[-1].refuse(event, arguments)


def _starting(start: Callable[[BaseProcess], None]) -> Callable[[BaseProcess], None]:
    @functools.wraps(start)
    def started(process: BaseProcess) -> None:
        sys.audit(_MULTIPROCESSING)
        start(process)

    return started


@functools.cache
def _watch() -> None:
    """Once: a hook cannot be removed, and one that has nothing to watch does nothing."""
    sys.addaudithook(_audit)
    BaseProcess.start = _starting(BaseProcess.start)  # type: ignore[method-assign, assignment] # replaced on purpose


def _begin(root: Path) -> Isolation:
    with _lock:
        _watch()
    isolation = Isolation(root)
    _active.append(isolation)
    kept = without_credentials(os.environ)
    os.environ.clear()
    os.environ.update(kept)
    return isolation


@contextmanager
def isolated_process() -> Iterator[None]:
    """Isolate this process until it ends: threads and exit handlers of a program outlive its evaluation.

    The report is written within. What such handlers print afterwards goes to the error output.
    """
    _begin(Path.cwd())
    yield
    sys.stdout.flush()
    with suppress(io.UnsupportedOperation):  # a test's own
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())


@contextmanager
def isolated(root: Path) -> Iterator[Isolation]:
    """Within, Python opens no connection here and has no AWS variables; the environment is put back after."""
    before = dict(os.environ)
    ledger.pause(False)
    isolation = _begin(root)
    try:
        yield isolation
    finally:
        ledger.pause(True)
        isolation.end()
        os.environ.clear()
        os.environ.update(before)
