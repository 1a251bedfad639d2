"""Work in a copy of this process: a program that it evaluates may end the copy, and a time limit does."""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from ..confine import ledger
from ..confine.folders import kept
from ..confine.keeper import split

FAULT: Final = 2

Guard = Callable[[Callable[[], int], Callable[[int], int], float, Sequence[Path]], int]
"""Does some work within some seconds and returns its status; else that of a report on how its process ended.

The folders are those of the projects that the work needs.
"""


def in_a_copy(work: Callable[[], int], ended: Callable[[int], int], seconds: float, projects: Sequence[Path]) -> int:
    """The status of `work`, which is done in a confined copy of this process; that of `ended` if the copy ends in it.

    If another process waits for this one, it is such a copy itself.
    """
    book = ledger.handed_on()
    if book is not None:
        return book.do(work)
    if not hasattr(os, "fork"):
        return work()
    book = ledger.new()
    ending = split(book, seconds, kept(projects))
    if ending is None:
        return book.do(work)
    if book.finished is not None:
        return book.finished[0]
    if ending == -signal.SIGINT:
        raise KeyboardInterrupt
    return ended(ending)
