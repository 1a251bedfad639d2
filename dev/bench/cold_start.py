"""What a cold start of the forwarder costs on top of Python's: of its handler, and of its loop that streams.

Measured are the processor time of the import on top of `json` and `os`, from the archives that are deployed, with
`proxy.precompiled` and without; and the time from the start of the process until it requests its first event, beside
Lambda's own loop. What Lambda reads is read-only, so that without compiled files Python compiles the source at each
start.

    python -m dev.bench.cold_start [--starts 15]
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Final

from components.function.function_code import WRAPPER, forwarder_code
from dev.bench.judge import Judge

LOOPS: Final = {"handler": "handler", "streaming loop": "runtime"}
# Over `json` and `os`, processor time, without compiled files.
MOST_MILLISECONDS: Final = {("handler", "as source"): 10.0}


def archives(folder: Path) -> dict[str, Path]:
    """The folders that Lambda makes of the two archives."""
    made = {"as source": folder / "source", "precompiled": folder / "compiled"}
    for name, place in made.items():
        with zipfile.ZipFile(forwarder_code(compiled=name == "precompiled").path) as archive:
            archive.extractall(place)
        (place / WRAPPER).chmod(0o755)
    return made


def imports(deployed: dict[str, Path], count: int, judge: Judge) -> None:
    """Print what each import costs, and judge it."""
    script = "import time; start = time.process_time(); {}; print((time.process_time() - start) * 1000)"
    runs = {("json and os", ""): (deployed["as source"], "import json, os")}
    for loop, module in LOOPS.items():
        runs |= {(loop, how): (place, f"import json, os, {module}") for how, place in deployed.items()}
    taken: dict[tuple[str, str], list[float]] = {run: [] for run in runs}
    for _ in range(count):
        judge.sample()
        for run, (place, statement) in runs.items():
            environment = {"PYTHONPATH": str(place), "BACKEND_URL": "http://127.0.0.1"}
            command = [sys.executable, "-S", "-B", "-c", script.format(statement)]
            done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
            taken[run].append(float(done.stdout))
    # The best of each, which is what the least of all else disturbed.
    base = min(taken["json and os", ""])
    print(f"cold import, Python {sys.version.split()[0]}")
    for (loop, how), times in taken.items():
        more = min(times) - base
        median = statistics.median(times)
        print(f"  {loop:<15} {how:<12} median {median:6.2f} ms   best {min(times):6.2f} ms   {more:+6.2f} ms")
        if (loop, how) in MOST_MILLISECONDS:
            judge.most(f"cold import, {loop} {how}", more, MOST_MILLISECONDS[loop, how], " ms")


def first_event(deployed: dict[str, Path], count: int) -> None:
    """Print how long it takes from the start of the process until it requests its first event."""
    lambdas = [sys.executable, "-B", "-m", "awslambdaric", "handler.handler"]
    taken: dict[str, list[float]] = {}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        for _ in range(count):
            for how, place in deployed.items():
                environment = {
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": str(place),
                    "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{listener.getsockname()[1]}",
                    "BACKEND_URL": "http://127.0.0.1",
                }
                for loop, command in {"ours": [str(place / WRAPPER), sys.executable], "Lambda's": lambdas}.items():
                    began = time.perf_counter()
                    # A loop that is left alone complains, which is of no interest here.
                    quiet = subprocess.DEVNULL
                    started = subprocess.Popen(command, env=environment, cwd=place, stdout=quiet, stderr=quiet)
                    called, _ = listener.accept()
                    called.recv(1)
                    taken.setdefault(f"{loop}, {how}", []).append((time.perf_counter() - began) * 1000)
                    started.kill()
                    started.wait()
                    called.close()
    print("from the start of the process until it requests its first event")
    for name, times in taken.items():
        print(f"  {name:<21} median {statistics.median(times):6.1f} ms   best {min(times):6.1f} ms")


def main() -> int:
    """Measure all of it. Returns 1 if a goal is missed, 2 if the machine was too busy to judge, else 0."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--starts", type=int, default=15)
    count = options.parse_args().starts
    with tempfile.TemporaryDirectory() as folder:
        deployed = archives(Path(folder))
        judge = Judge()
        imports(deployed, count, judge)
        first_event(deployed, count)
    return judge.status()


if __name__ == "__main__":
    sys.exit(main())
