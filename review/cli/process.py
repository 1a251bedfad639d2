"""A command as a whole process: what it does at signals, at a closed pipe and at its end."""

import atexit
import gc
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

from .arguments import FAULT
from .output import report_fault

_GARBAGE: Final = 200_000
"""New objects after which Python looks for garbage: most live to the end, and with 700 half of the time is lost."""
_ending: Final[list[int]] = []  # the signals that end this process


def is_ending() -> bool:
    """Whether a signal has come that ends this process."""
    return bool(_ending)


def run_as_process(command: Callable[[], int]) -> int:
    """Run a command as the only one of this process. Returns its exit status."""
    gc.set_threshold(_GARBAGE)
    # A short life and hundreds of thousands of objects that stay: collecting them at exit takes half of the time.
    atexit.register(gc.freeze)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # As Ctrl-C: what is temporary goes. Not with nohup, which ignores one of them.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end_process)
    try:
        return command()
    except KeyboardInterrupt:
        # Without a traceback. Python then ends by the signal, from which a shell's loop and make know to end too.
        sys.excepthook = lambda *_: None
        raise
    except OSError as error:
        # The rest of the buffer would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return FAULT  # a reader that closed its pipe, like head, wants no more
        return report_fault(f"{error.filename or 'the output'}: {error.strerror}")
    finally:
        if _ending:  # a library that is ended while it holds a lock makes another error of that
            signal.alarm(0)
            sys.exit(128 + _ending[0])


def _end_process(number: int, _: object) -> None:
    """Ends the process and what is temporary. Repeated after a second: an exception in a finalizer ends nothing."""
    _ending.append(number)
    if not isinstance(sys.exc_info()[1], SystemExit):  # else it is on its way
        # Not by a thread: what is interrupted may hold the lock with which one starts.
        signal.signal(signal.SIGALRM, _end_process)
        signal.alarm(1)
        sys.exit(128 + _ending[0])
