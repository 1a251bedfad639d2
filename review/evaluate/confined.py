"""Starts a program confined, in a process of its own, as the language host of its language does."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from ..confine.command import LATE, Confined, Held, Limits
from ..confine.folders import kept
from ..graph.prose import few, printable
from ..launch import PROGRAM
from .failure import LATE as NEVER
from .host.python import without_credentials
from .node import command, not_run
from .problems import ProgramError
from .protocol import served
from .runner import Run

_LAUNCH: Final = Path(__file__).resolve().parents[1] / "launch.py"


class Confinement:
    """Starts runs, each in a confined process.

    Temporary files of programs are in `folder` and stay there: they may be the code of functions.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, run: Run) -> None:
        folder = Path(mkdtemp(dir=self._folder)).resolve()
        process: list[Confined] = []
        ours, theirs, temporary = (folder / name for name in ("ours", "program", "tmp"))
        for one in (ours, theirs, temporary):
            one.mkdir(mode=0o700)
        with served(run, theirs, ours, lambda port: process[0].connect(port)) as address:
            arguments, variables, python, own = _command(run, theirs, address)
            folders = kept(run.project.root, python, [theirs, *own], [temporary])
            folders = replace(folders, socket=address.removeprefix("unix:"))
            environment = {**without_credentials(os.environ), **variables}
            variables = {"TMPDIR": str(temporary)}
            limits = Limits(seconds=run.patience)
            started = Confined(arguments, environment | variables, run.project.program, folders, limits, _print)
            process.append(started)
            try:
                ending, limit, changed = started.wait()
            finally:
                started.end()
        held = started.held
        run.written = frozenset(changed)
        run.claims.as_held(_as_held(held))
        run.notes = tuple(_notes(run, held, changed, started.dropped))
        _judge(run, ending, limit)


def _judge(run: Run, ending: int, limit: str) -> None:
    """Raise ProgramError if the program's process ended without telling why."""
    if limit == LATE:
        raise ProgramError(f"{NEVER}; --timeout gives it more seconds")
    if limit:
        raise ProgramError(f"the program used {limit}, which is the most that a review allows: it was ended")
    told = run.claims.complete or run.project.language != "python"
    if run.claims.failure is not None or (told and not ending):
        return
    if run.refused:
        raise ProgramError(run.refused[0])
    if ending < 0:
        raise ProgramError(f"the signal {signal.Signals(-ending).name} ended the program's process")
    raise ProgramError(f"the program ended its process with status {ending}, and did not say that its run was complete")


def _command(run: Run, folder: Path, address: str) -> tuple[list[str], dict[str, str], str, list[Path]]:
    """The command, its variables, its Python if it has one, and folders that it reads."""
    config = {
        "PULUMI_CONFIG": json.dumps(run.program["config"]),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(run.program["secret_keys"]),
    }
    if run.project.language == "nodejs":
        arguments, variables, read = command(run.project, run.program, address)
        run.claims.unrun = not_run(run.project)
        return arguments, {**config, **variables}, "", read
    python, file = run.project.python, folder / "program.json"
    file.write_text(json.dumps({**run.program, "address": address}))
    return [python, str(_LAUNCH), PROGRAM, str(file)], config, python, []


def _print(line: str) -> None:
    """Show a line that the program printed. Control characters of it do not steer the terminal."""
    with suppress(OSError, ValueError):
        print(printable(line.rstrip("\r\n")), file=sys.stderr)


def _as_held(held: Held) -> str:
    network = "it had no network" if Held.NETWORK in held else "it could connect"
    home = "an empty home folder" if Held.HOME in held else "could read the files of the user"
    return f"{network} and {home}"


def _notes(run: Run, held: Held, changed: list[str], dropped: int) -> Iterator[str]:
    """Sentences for the report on what the program was not kept from, and on what it changed."""
    root = run.project.root
    names = [os.path.relpath(one, root) for one in changed if "__pycache__" not in one]
    if names:
        listed = few([printable(one) for one in sorted(names)])
        yield f"the program wrote {listed}: only it saw that, and your files are as they were"
    if dropped:
        yield f"the program printed {dropped:,} bytes more than are shown"
    possible = [
        (Held.NETWORK, "connect to the network"),
        (Held.FILES, "connect to Unix sockets, change your files and use your terminal"),
        (Held.HOME, "read your home folder"),
        (Held.PROCESSES, "see and end your other processes and read their variables"),
    ]
    left = [words for kind, words in possible if kind not in held]
    if left:
        *all_but, last = left
        could = f"{', '.join(all_but)} and {last}" if all_but else last
        yield f"the program was not fully isolated: it could {could}, since {_reason(held)}"


def _reason(held: Held) -> str:
    if held == Held.NETWORK | Held.FILES | Held.PROCESSES:
        return "the project or its repository contains your home folder"
    return "this system does not allow namespaces for that"
