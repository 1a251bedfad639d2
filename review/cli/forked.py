"""Work in a copy of this process: a program that it evaluates may end the copy, and a time limit does."""

import mmap
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ..evaluate.namespace import confine

FAULT: Final = 2
_DONE: Final = 1
"""Number that a copy of this process adds to its status, so that 0 means that it ended before it had one."""
LATE: Final = -signal.SIGALRM
"""Status of a program that did not end in time."""

Guard = Callable[[Callable[[], int], Callable[[int], int], float, Sequence[Path]], int]
"""Does some work within some seconds and returns its status; else that of a report on how its process ended.

The folders are those that the work needs.
"""


def in_a_copy(work: Callable[[], int], ended: Callable[[int], int], seconds: float, kept: Sequence[Path]) -> int:
    """The status of `work`, which is done in a copy of this process; that of `ended` if the copy ends within it.

    A copy that takes longer than the seconds is ended. Of the user's home it sees the `kept` folders only.
    """
    if not hasattr(os, "fork"):
        return work()
    # A caller that ignores this signal hands that on, and the copy could not be waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    shared = mmap.mmap(-1, 1)
    copy = os.fork()
    if not copy:
        status = FAULT
        try:
            confine(kept)
            status = work()
            sys.stdout.flush()
        finally:
            # Exit handlers of the program still run, and may end this copy with another status.
            shared[0] = _DONE + status
        return status
    # From a terminal both get it, and the copy reports it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: os.kill(copy, number))
    late = False

    def end(*_: object) -> None:
        nonlocal late
        late = True
        os.kill(copy, signal.SIGKILL)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    ending = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
    signal.setitimer(signal.ITIMER_REAL, 0)
    if late:
        return ended(LATE)
    if ending == -signal.SIGINT:
        raise KeyboardInterrupt
    return shared[0] - _DONE if shared[0] else ended(ending)
