"""Refuses the connections of Python's own sockets with a sentence, and notes the processes that a program starts.

`pulumi preview` lets a program call AWS by itself, in boto3 for example. Namespaces (`review/confine`) hold C code and
child processes as well, and name no line.
"""

import functools
import os
import sys
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from traceback import walk_stack, walk_tb
from typing import Any, Final

from .modules import Own, noting

_CONNECTIONS: Final = {  # https://docs.python.org/3/library/audit_events.html
    **dict.fromkeys(("socket.connect", "socket.sendto", "socket.sendmsg"), 1),
    **dict.fromkeys(("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"), 0),
}
"""By audit event of what leaves the process, the argument that names the other end."""
_MULTIPROCESSING: Final = "review.multiprocessing"  # our own event: some of `multiprocessing`'s ways to start have none
_PROCESSES: Final = frozenset(
    {"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty", _MULTIPROCESSING}
)
_SDKS: Final = ("boto3", "botocore", "aiobotocore")
_ADVICE: Final = "skip that call if pulumi.runtime.is_dry_run(), or look the value up by a Pulumi function"


class ConnectionRefusedByReviewError(PermissionError):
    """A connection that the evaluated program tried to open."""


class Refusals:
    """Attempts of one evaluated program, and the refusals that it met."""

    def __init__(self, root: Path) -> None:
        self._own = Own(root)
        self.attempts: dict[str, None] = {}
        self.started: dict[str, None] = {}

    def begin(self) -> None:
        """Refuse from now on."""
        _watch()
        _active.append(self)

    def refuse(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise for an audit event that is a connection; note one that is another process."""
        line = self._own.caller(walk_stack(sys._getframe()))
        here = f" at {line}" if line else ""
        if event in _PROCESSES:
            self.started[f"the program started {_command(event, *arguments[:1])}{here}"] = None
            return
        end = arguments[_CONNECTIONS[event]] if len(arguments) > _CONNECTIONS[event] else ""
        said = f"the program tried to connect to {_named(end)}{here}: a review opens no connection; {_ADVICE}"
        self.attempts[said] = None
        raise ConnectionRefusedByReviewError(said)

    def end(self) -> None:
        """Stop to refuse. A program can take the refusal away, and then nobody saw what it did."""
        try:
            _active.remove(self)
        except ValueError:
            said = "the program switched off the refusal of connections: the review did not see all that it did"
            self.attempts[said] = None

    def explained(self, error: BaseException) -> str:
        """Why the program failed, if it did because it may not act; empty if it failed for another reason."""
        for chain in causes(error):
            if isinstance(chain, ConnectionRefusedByReviewError):
                return str(chain)
            if type(chain).__module__.partition(".")[0] in _SDKS:
                line = self._own.caller(reversed([*walk_tb(chain.__traceback__)]))
                here = f" at {line}" if line else ""
                said = f"the program called AWS itself{here}: a review has no credentials and calls nothing of AWS"
                return next(iter(self.attempts), f"{said}; {_ADVICE}")
        return ""


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, each once: an SDK may chain errors in a circle."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        seen.add(id(cause))
        chained = (link for link in (cause.__cause__, cause.__context__) if link is not None)
        cause = next((link for link in chained if id(link) not in seen), None)


def _named(end: Any) -> str:
    """Host and port of a socket's address; a path for a local socket."""
    if isinstance(end, tuple) and len(end) > 1:
        return f"{_named(end[0])}:{end[1]}"
    return end.decode(errors="replace") if isinstance(end, bytes) else str(end)


def _command(event: str, argument: Any = "") -> str:
    """The name of the program that is started; only `os.system` takes a line of a shell, where a space ends it."""
    text = os.fsdecode(argument) if isinstance(argument, (str, bytes, os.PathLike)) else str(argument)
    return Path(text.strip().partition(" ")[0] if event == "os.system" else text).name or "another process"


_active: list[Refusals] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _active and (event in _CONNECTIONS or event in _PROCESSES):
        _active[-1].refuse(event, arguments)


@functools.cache
def _watch() -> None:
    """Once: a hook cannot be removed, and one that has nothing to watch does nothing."""
    sys.addaudithook(_audit)
    started = noting(lambda _: sys.audit(_MULTIPROCESSING), BaseProcess.start)
    BaseProcess.start = started  # type: ignore[method-assign] # replaced on purpose
