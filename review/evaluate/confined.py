"""Starts a program confined, in a process of its own, as the language host of its language does."""

import json
import os
import signal
import site
import sys
from collections.abc import Collection, Iterator
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
from .files import close
from .host.python import passed
from .node import command, not_run
from .problems import ProgramError
from .protocol import served
from .runner import Run

_LAUNCH: Final = Path(__file__).resolve().parents[1] / "launch.py"


class Confinement:
    """Starts runs, each in a confined process.

    Temporary files of programs are in `folder` and stay there: they may be the code of functions. Programs get the
    caller's environment variables of `names`, beside those that every program gets.
    """

    def __init__(self, folder: Path, names: Collection[str] = ()) -> None:
        self._folder, self._names = folder, names

    def __call__(self, run: Run) -> None:
        folder = Path(mkdtemp(dir=self._folder)).resolve()
        process: list[Confined] = []
        ours, theirs, temporary, home = (folder / name for name in ("ours", "program", "tmp", "home"))
        for one in (ours, theirs, temporary, home):
            one.mkdir(mode=0o700)
        with served(run, theirs, ours, lambda port: process[0].connect(port)) as address:
            arguments, variables, python, own = _command(run, theirs, address)
            folders = kept(run.project.root, python, [theirs, *own], [temporary, home])
            folders = replace(folders, socket=address.removeprefix("unix:"))
            named = (*folders.layered, *folders.writable, *folders.read_only)
            run.files.roots = roots = sorted({Path(one).resolve() for one in named} - {theirs})
            # Python looks for the packages that its user installed below HOME.
            own_folders = {"HOME": str(home), "TMPDIR": str(temporary), "PYTHONUSERBASE": site.getuserbase()}
            environment = passed(os.environ, self._names) | own_folders | variables
            limits = Limits(seconds=run.patience)
            started = Confined(arguments, environment, run.project.program, folders, limits, _print)
            process.append(started)
            try:
                ending, limit, changed = started.wait()
            finally:
                started.end()
                for one in (temporary, home):
                    close(one, roots)
        held = started.held
        run.written = frozenset(changed)
        run.claims.as_held(_as_held(held))
        run.notes = tuple(_notes(run, started, changed))
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


def _notes(run: Run, started: Confined, changed: list[str]) -> Iterator[str]:
    """Sentences for the report on what the program was not kept from, and on what it changed."""
    root, held, dropped = run.project.root, started.held, started.dropped
    names = [os.path.relpath(one, root) for one in changed if "__pycache__" not in one]
    if names:
        listed = few([printable(one) for one in sorted(names)])
        yield f"the program wrote {listed}: only it saw that, and your files are as they were"
    if Held.FILES in held and not started.layered:
        yield "the program could not write into its repository: this system allows no overlay on it"
    if run.files.refused:
        listed = few([printable(one) for one in sorted(run.files.refused)])
        yield f"the review did not read {listed}: the program names it as content, and it is outside the repository"
    if dropped:
        yield f"the program printed {dropped:,} bytes more than are shown"
    possible = [
        (Held.NETWORK, "connect to the network"),
        (Held.FILES, "connect to Unix sockets, change your files (which are not listed here) and use your terminal"),
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
