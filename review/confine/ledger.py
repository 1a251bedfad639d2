"""Memory that a confined process shares with the process that waits for it: its status, and what it proves.

It is a file, so that a Python of another environment can open it after `exec`.
"""

import mmap
import os
import secrets
import struct
import sys
import tempfile
from collections.abc import Callable
from typing import Final

VARIABLE: Final = "GATEHOUSE_REVIEW_LEDGER"
"""For a process that another Python runs: the ledger's file descriptor and nonce."""
_FAULT: Final = 2
_STATUS: Final = struct.Struct("<16sII")
"""The nonce, the status and the number of rules."""
_ENDING: Final = struct.Struct("<?i")
_BEGUN, _PAUSED, _ENDED, _FINISHED, _SIZE = 0, 1, 8, 16, 64


class Ledger:
    def __init__(self, number: int, nonce: bytes) -> None:
        self.number, self.nonce = number, nonce
        self._memory = mmap.mmap(number, _SIZE)

    @property
    def begun(self) -> bool:
        """Whether the work began: confined as it was asked for."""
        return self._memory[_BEGUN] == 1

    def begin(self) -> None:
        self._memory[_BEGUN] = 1

    @property
    def paused(self) -> bool:
        """Whether the review works, and not the program: that time does not count."""
        return self._memory[_PAUSED] == 1

    def pause(self, paused: bool) -> None:
        self._memory[_PAUSED] = paused

    @property
    def ending(self) -> int | None:
        """Exit status of the process that did the work, or the signal that ended it below 0. None if it never began."""
        known, code = _ENDING.unpack_from(self._memory, _ENDED)
        return int(code) if known else None

    def end(self, code: int) -> None:
        _ENDING.pack_into(self._memory, _ENDED, True, code)

    @property
    def finished(self) -> tuple[int, int] | None:
        """Status of the work and the number of rules that it ran. None without the nonce: the work wrote neither."""
        nonce, status, rules = _STATUS.unpack_from(self._memory, _FINISHED)
        return (status, rules) if nonce == self.nonce else None

    def finish(self, status: int) -> None:
        _STATUS.pack_into(self._memory, _FINISHED, self.nonce, status, _rules)
        self.pause(False)

    def do(self, work: Callable[[], int]) -> int:
        """The status of some work, which is noted as soon as the work is done."""
        work_for(self)
        try:
            status = work()
            sys.stdout.flush()
        except Exception:
            self.finish(_FAULT)
            raise
        # Exit handlers of the program still run, and may end this process with another status.
        self.finish(status)
        return status

    @property
    def variable(self) -> str:
        return f"{self.number}:{self.nonce.hex()}"


def new() -> Ledger:
    with tempfile.TemporaryFile() as file:
        file.truncate(_SIZE)
        return Ledger(os.dup(file.fileno()), secrets.token_bytes(16))


_here: Ledger | None = None
_rules = 0


def here() -> Ledger | None:
    """The ledger of the work that this process does. None if nobody waits for it."""
    return _here


def work_for(ledger: Ledger) -> None:
    """Do this ledger's work in this process."""
    global _here
    _here = ledger


def handed_on() -> Ledger | None:
    """The ledger that this process got from another Python; no child process gets it."""
    value = os.environ.pop(VARIABLE, "")
    if not value:
        return None
    number, _, nonce = value.partition(":")
    os.set_inheritable(int(number), False)
    return Ledger(int(number), bytes.fromhex(nonce))


def ran(rules: int) -> None:
    """Note the number of rules that judged."""
    global _rules
    _rules = rules


def pause(paused: bool) -> None:
    """Stop the clock of the time limit, or let it run."""
    if _here is not None:
        _here.pause(paused)
