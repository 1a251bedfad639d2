"""Runs a command confined: the review's own Python does that, before the Python of a project starts."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from ..launch import CONFINED
from . import ledger
from .folders import Folders
from .keeper import split

_LAUNCH: Final = Path(__file__).resolve().parents[1] / "launch.py"
_FAULT: Final = 2


@dataclass(frozen=True)
class Done:
    """How a command ended. Only a review of this version has the ledger's nonce, and so an output that counts."""

    returncode: int
    stdout: str
    stderr: str
    rules: int | None = None
    """How many rules judged. None if the command was no review."""


def confined(command: Sequence[str], environment: Mapping[str, str], seconds: float, folders: Folders) -> Done:
    """Run a command that does its work for a ledger. The output of one that does not is left out.

    The output goes to files: a process that the command leaves behind would keep a pipe open.
    """
    book = ledger.new()
    spec = json.dumps({"command": [*command], "seconds": seconds, "ledger": book.variable, "folders": asdict(folders)})
    # Isolated, and without site-packages: those of this Python are the project's, if it is installed there.
    own = [sys.executable, "-I", "-S", str(_LAUNCH), CONFINED, spec]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        status = subprocess.run(  # noqa: S603 # our own command
            own, check=False, stdout=output, stderr=errors, env=dict(environment), pass_fds=[book.number]
        ).returncode
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    os.close(book.number)
    ended, finished = book.ending, book.finished
    if finished is None:
        return Done(status if ended is None else ended, "", texts[1])
    return Done(finished[0], texts[0], texts[1], finished[1])


def run(text: str) -> int:
    """In the process that `confined` starts: split it, and become the command in the copy."""
    spec = json.loads(text)
    number, _, nonce = spec["ledger"].partition(":")
    book = ledger.Ledger(int(number), bytes.fromhex(nonce))
    ending = split(book, spec["seconds"], Folders(**spec["folders"]))
    if ending is not None:
        book.end(ending)
        return 0
    command = spec["command"]
    try:
        os.execve(command[0], command, {**os.environ, ledger.VARIABLE: book.variable})  # noqa: S606 # no shell
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        sys.stderr.flush()
        os._exit(_FAULT)
