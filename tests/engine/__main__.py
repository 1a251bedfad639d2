"""`make engine`: every example and every move on the real engine and the real provider, one line each."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from review.tests.helpers.stacks import EXAMPLES, ROOT, STACKS

from . import binaries, moves
from .binaries import find_pulumi
from .checks import CHECKS
from .cli import Engine
from .corrections import CORRECTIONS
from .cycle import Stage, cycle
from .emulator import COMMAND, emulator
from .processes import PROCESSES

# Of a long message: its end, where a traceback has the reason.
_SHOWN: Final = 700
_TELLING: Final = threading.Lock()
PROVE_STACKS: Final = sorted((ROOT / "review" / "prove" / "stacks").glob("*.yaml"))
"""The stacks of `make prove`."""
RARE: Final = sorted((Path(__file__).parent / "stacks").glob("*.yaml"))
"""Stacks with the types that no other stack declares."""
REPORT: Final = ROOT / "build" / "engine.json"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Things that are run from an empty account, one after the other."""

    name: str
    parts: Sequence[tuple[str, Callable[[Engine], Iterator[Stage]]]]


@dataclass(kw_only=True)
class Ran:
    """What came of a case."""

    name: str
    seconds: float
    stages: list[Stage]

    @property
    def passed(self) -> bool:
        """Whether nothing was wrong."""
        return not any(stage.faults for stage in self.stages)


def cases(only: str) -> Iterator[Case]:
    """Every example, every move, and checks that need the engine, if the name has the words."""
    wanted = re.compile(only)
    for stack in (*(f"Pulumi.{name}.yaml" for name in STACKS), *EXAMPLES):
        name = Path(stack).stem.removeprefix("Pulumi.")
        yield from _alone(wanted, name, partial(cycle, content=(ROOT / stack).read_text()))
    for kind, paths in (("prove", PROVE_STACKS), ("type", RARE)):
        for path in paths:
            yield from _alone(wanted, f"{kind}: {path.stem}", partial(cycle, content=path.read_text()))
    for name, check in CHECKS.items():
        yield from _alone(wanted, f"check: {name}", check)
    for names in moves.chains([name for name in moves.MOVES if wanted.search(f"move: {name}")]):
        deployed = moves.DeployedStack()
        parts = [(f"move: {name}", partial(_move, name=name, deployed=deployed)) for name in names]
        yield Case(name=parts[0][0], parts=[*parts, ("destroy after the moves", partial(moves.end, deployed=deployed))])


def _alone(wanted: re.Pattern[str], name: str, run: Callable[[Engine], Iterator[Stage]]) -> Iterator[Case]:
    if wanted.search(name):
        yield Case(name=name, parts=[(name, run)])


def _move(engine: Engine, name: str, deployed: moves.DeployedStack) -> Iterator[Stage]:
    return moves.move(engine, deployed, name)


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Programs of a run."""

    pulumi: Path
    emulator: Sequence[str]
    """The command of the emulator, which prints its address."""


def run(case: Case, tools: Tools, keep: Path | None, report: Callable[[Ran], None]) -> None:
    """Run one case with an emulator and a state of its own, and report the result of each part."""
    folder = Path(tempfile.mkdtemp(prefix="engine-"))
    try:
        with emulator(tools.emulator, folder / "emulator.log") as address:
            engine = Engine(pulumi=tools.pulumi, folder=folder, endpoint=address)
            engine.prepare()
            for name, part in case.parts:
                started = time.monotonic()
                stages: list[Stage] = []
                try:
                    stages.extend(part(engine))
                except Exception as error:  # a part that breaks is a fault of its own, not the end of the others
                    stages.append(Stage(name="broken", seconds=0, steps=0, faults=[f"{type(error).__name__}: {error}"]))
                report(Ran(name=name, seconds=round(time.monotonic() - started, 1), stages=stages))
    finally:
        if keep is not None:
            shutil.move(folder, keep / case.name.replace("/", "-").replace(" ", "-"))
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _line(ran: Ran) -> str:
    mark = "ok    " if ran.passed else "FAILED"
    times = "  ".join(f"{stage.name} {stage.seconds:.0f}s" for stage in ran.stages if stage.seconds)
    lines = [f"{mark} {ran.name}: {ran.seconds:.0f} s ({times})"]
    for stage in ran.stages:
        lines += [f"       {stage.name}: {fault[-_SHOWN:]}" for fault in stage.faults]
    return "\n".join(lines)


def _report(all_ran: Iterable[Ran], tools: Tools) -> dict[str, Any]:
    version = subprocess.run([tools.pulumi, "version"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "pulumi": version,
        "emulator": " ".join(tools.emulator),
        "cases": [{**asdict(ran), "passed": ran.passed} for ran in all_ran],
        "corrected in the emulator": [str(correction.__doc__).partition("\n")[0] for correction in CORRECTIONS],
    }


def _terminated(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def main() -> int:
    """Run what was asked for; returns 0 if all passed."""
    parser = argparse.ArgumentParser(prog="python -m tests.engine", description=__doc__)
    parser.add_argument("--only", default="", metavar="REGEX", help="the cases whose name has it")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="cases at a time")
    parser.add_argument("--report", type=Path, default=REPORT, metavar="FILE", help="where the JSON report goes")
    parser.add_argument(
        "--emulator",
        type=shlex.split,
        default=COMMAND,
        metavar="COMMAND",
        help="starts another emulator, and prints its address of 127.0.0.1 as the first line",
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep each case's logs and state there")
    options = parser.parse_args()
    pulumi = find_pulumi()
    if pulumi is None:
        return binaries.main()
    tools = Tools(pulumi=pulumi, emulator=options.emulator)
    if options.keep is not None:
        options.keep.mkdir(parents=True, exist_ok=True)
    all_ran: list[Ran] = []

    def report(ran: Ran) -> None:
        with _TELLING:
            all_ran.append(ran)
            sys.stdout.write(f"{_line(ran)}\n")
            sys.stdout.flush()
            # After each, so that a run that is ended has a report.
            options.report.write_text(json.dumps(_report(all_ran, tools), indent=2) + "\n")

    chosen = cases(options.only)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _terminated)
    with ThreadPoolExecutor(options.jobs) as pool:
        try:
            for done in [pool.submit(run, case, tools, options.keep, report) for case in chosen]:
                done.result()
        except BaseException:  # leave nothing behind: the cases that run end with their processes
            pool.shutdown(wait=False, cancel_futures=True)
            PROCESSES.end()
            raise
    failed = sum(not ran.passed for ran in all_ran)
    sys.stdout.write(f"{len(all_ran) - failed} of {len(all_ran)} passed; report in {options.report}\n")
    return 1 if failed or not all_ran else 0


if __name__ == "__main__":
    sys.exit(main())
