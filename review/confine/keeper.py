"""Splits a process: a confined copy does the work, and this one waits for it, limits its time and ends what it leaves.

With a process namespace, two more processes stand between the two: `unshare` moves only processes that are started
later, and the first of the namespace ends all others with it, but takes no signals as the program should.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from . import mounts
from .folders import Folders
from .ledger import Ledger
from .namespace import LEVELS, Held, adopt, available, end_with_parent, lock, unshare

LATE: Final = -signal.SIGALRM
"""Ending of a process that did not end in time."""
VARIABLE: Final = "GATEHOUSE_REVIEW_HELD"
"""For processes within: they are confined already."""
_TICK: Final = 0.25
_PAUSE: Final = 0.005
_MEANT_FOR_THE_WORK: Final = (signal.SIGINT, signal.SIGTERM)

_Handlers = Mapping[signal.Signals, Callable[..., Any] | int | None]


def held() -> Held | None:
    """What this process is kept from. None if nobody tried to confine it."""
    given = os.environ.get(VARIABLE)
    return None if given is None else Held(int(given))


def split(ledger: Ledger, seconds: float, folders: Folders) -> int | None:
    """Do the rest in a copy of this process, in which this returns None. Here it returns how the copy ended.

    The seconds are those that the ledger does not pause. The copy is confined as far as the system allows. Call it
    while this process has one thread and no children.
    """
    # A caller that ignores this signal hands that on, and the copy could not be waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    adopt()
    handlers = {number: signal.getsignal(number) for number in _MEANT_FOR_THE_WORK}
    sys.stdout.flush()
    sys.stderr.flush()
    for level in _levels():
        copy = os.fork()
        if not copy:
            # A program could type into the terminal of its session, and a shell would run that later.
            os.setsid()
            os.environ[VARIABLE] = str(_confine(level, ledger, folders, handlers).value)
            ledger.begin()
            return None
        ending = _wait(copy, ledger, seconds)
        if ledger.begun or ending < 0:
            break
    _end_the_rest()
    return ledger.ending if ending == 0 and ledger.ending is not None else ending


def _levels() -> tuple[Held, ...]:
    confined = held()
    if confined is not None:
        return (confined,)
    return LEVELS if available() else (Held.NOTHING,)


def _confine(level: Held, ledger: Ledger, folders: Folders, handlers: _Handlers) -> Held:
    """Confine this process. What it returns, it is kept from. It ends if the system does not allow that level."""
    end_with_parent()
    if held() is not None:
        return level
    try:
        reached = _entered(level, ledger, folders, handlers)
    except OSError:
        reached = None
    if reached is None or not lock(level):
        os._exit(1)
    return reached


def _entered(level: Held, ledger: Ledger, folders: Folders, handlers: _Handlers) -> Held | None:
    if not level:
        return level
    found = mounts.sockets() if Held.FILES in level else []
    if not unshare(level):
        return None
    if Held.FILES in level and not mounts.hide(folders, found):
        level &= ~Held.HOME
    if Held.PROCESSES in level:
        _in_between(os.fork(), lambda _: None)
        end_with_parent()
        mounts.own_processes()
        _in_between(os.fork(), ledger.end)
        end_with_parent()
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return level


def _in_between(below: int, ended: Callable[[int], None]) -> None:
    """In the process that has one below it: wait for that, and end as it did not succeed or did."""
    for number in _MEANT_FOR_THE_WORK:
        signal.signal(number, signal.SIG_IGN)
    if not below:
        return
    code = None
    while code is None:
        # The first process of a namespace gets the children of all that ended.
        one, status = os.waitpid(-1, 0)
        code = os.waitstatus_to_exitcode(status) if one == below else None
    ended(code)
    os._exit(0)


def _wait(copy: int, ledger: Ledger, seconds: float) -> int:
    """How the copy ended, or was ended: for being late, or by a signal that this process got in its place."""
    reason: list[int] = []
    used, last = 0.0, time.monotonic()

    def end(number: int, _: object) -> None:
        reason.append(-number)
        with suppress(ProcessLookupError):
            os.kill(copy, signal.SIGKILL)

    def tick(number: int, frame: object) -> None:
        nonlocal used, last
        now = time.monotonic()
        used, last = used + (0 if ledger.paused else now - last), now
        if used >= seconds and not reason:
            end(number, frame)

    def hand_on(number: int, _: object) -> None:
        # The copy has a session of its own, so a terminal sends it nothing. It reports the interruption.
        with suppress(ProcessLookupError):
            os.killpg(copy, number)

    signal.signal(signal.SIGINT, hand_on)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)
    ending = -1
    one = 0
    while one != copy:
        # Children of processes that ended come here too.
        one, status = os.waitpid(-1, 0)
        ending = os.waitstatus_to_exitcode(status)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return reason[0] if reason else ending


def _end_the_rest() -> None:
    """End the processes that the copy left behind: they became children of this one."""
    while True:
        for child in _children():
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            one, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not one:
            time.sleep(_PAUSE)


def _children() -> list[int]:
    own = str(os.getpid())
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name of a command may hold spaces and brackets.
            if entry.read_text(errors="replace").rpartition(")")[2].split()[1] == own:
                found.append(int(entry.parent.name))
    return found
