"""How long `make preview` of one stack takes, beside the least that anything of the kind could take.

The floor is a process that imports pulumi_aws and declares as many resources of the same types on the SDK's mocked
runtime, once, and does nothing else. Both run warm and in turn, so that what else the machine does hits both.

    python dev/bench/preview.py [STACK] [--runs 7]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

GOAL: Final = 1.4

FLOOR: Final = """
import importlib, json, sys
import pulumi
import pulumi_aws
from pulumi import _types

class Plain(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return args.name + "-id", args.inputs
    def call(self, args):
        return {}

def sdk_class(token):
    package, module, kind = token.split(":")
    home = f"pulumi_{package}.{module.partition('/')[0]}" if module != "index" else f"pulumi_{package}"
    for name in (home, home + "_"):
        try:
            return getattr(importlib.import_module(name), kind)
        except (ImportError, AttributeError):
            continue

@pulumi.runtime.test
def declare():
    for entry in json.load(open(sys.argv[1])):
        kind = sdk_class(entry["type"])
        names = _types.resource_pulumi_to_py_names(kind)
        kind(entry["name"], **{names.get(key, key): value for key, value in entry["inputs"].items()})

pulumi.runtime.set_mocks(Plain())
declare()
"""


def plain(value: Any) -> Any:
    """An input as JSON can hold it."""
    from review.graph import Asset, Secret

    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return None if isinstance(value, Asset) or not isinstance(value, str | int | float | bool) else value


def resources(stack: str) -> list[dict[str, Any]]:
    """Resources that the stack declares."""
    from review.evaluate.project_file import load
    from review.evaluate.runner import run
    from review.evaluate.stack_file import read_stack

    project = load(ROOT)
    graph = run(project, read_stack(project, stack))
    return [
        {"type": one.type, "name": one.name, "inputs": {key: plain(value) for key, value in one.inputs.items()}}
        for one in graph
        if one.custom and one.type.startswith("aws:")
    ]


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Wall clock of one process."""
    start = time.perf_counter()
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True)
    spent = time.perf_counter() - start
    if done.returncode:
        sys.exit(done.stderr)
    return spent


def main() -> int:
    """Print both and their ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("stack", nargs="?", default="dev")
    options.add_argument("--runs", type=int, default=7)
    chosen = options.parse_args()
    # Warm means with compiled modules, which is how everybody runs it.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    declared = resources(chosen.stack)
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "resources.json"
        listed.write_text(json.dumps(declared))
        commands = {
            "floor: import and declare": [sys.executable, "-c", FLOOR, str(listed)],
            "python -m review": [sys.executable, "-m", "review", chosen.stack],
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(chosen.runs + 1):
            for name, command in commands.items():
                spent = seconds(command, environment)
                if turn:
                    taken[name].append(spent)
    medians = [statistics.median(times) for times in taken.values()]
    print(f"{chosen.stack}: {len(declared)} resources, {chosen.runs} runs each")
    for name, times in taken.items():
        print(f"  {name:<28} median {statistics.median(times):6.3f} s   best {min(times):6.3f} s")
    ratio = medians[1] / medians[0]
    print(f"  ratio {ratio:.2f} (goal: at most {GOAL})")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
