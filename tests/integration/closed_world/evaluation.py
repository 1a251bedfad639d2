"""Evaluates the programs of this folder."""

import contextvars
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

from components import COMPONENTS
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.recording.recorder import Recorder
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.in_process.kept import keep

BESIDE: Final = Path(__file__).with_name("beside")
IMPORTS: Final = "import json, pulumi\nimport pulumi_aws as aws"
NEIGHBOURS: Final = "from tests.integration.closed_world.neighbours import *"
_READ: Final = [
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("neighbours.py", "evaluation.py")
]
_OURS: Final = "|".join(kind.__name__ for kind in COMPONENTS)
_ALL: Final = re.compile(rf"StackReference|\bget(_\w+)?\(|pulumi\.runtime|depends_on|\b({_OURS})\(")
"""What a program writes beside its resources, and what looks up or reads others: the SDK waits for all children of a
component that something depends on."""
_PROJECT: Final = contextvars.ContextVar("_PROJECT", default="small")
_make_urn: Final = Recorder.make_urn


def evaluate(case: Mapping[str, Any], folder: Path) -> Graph:
    made = prepare(case, folder)
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    return keep(made, files, _READ, project=folder)


def prepare(case: Mapping[str, Any], folder: Path) -> Callable[[], Graph]:
    """Write the case's project, and return what evaluates it."""
    program = case.get("program") or _read(case["beside"])
    (folder / "__main__.py").write_text("\n".join([IMPORTS, case.get("before", ""), program, case.get("adds", "")]))
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (folder / "handler.py").write_text("def handler(event, context):\n    return {}\n")
    project = load(folder)
    return partial(run, project, read_stack(project, "dev"), known=True, strict=False, reimport=False)


def _read(beside: str) -> str:
    return (BESIDE / f"{beside}.py").read_text(encoding="utf-8")


def is_piece(case: Mapping[str, Any]) -> bool:
    """Whether a case only adds resources to its program."""
    return "beside" in case and case.get("before") in (None, NEIGHBOURS) and not _ALL.search(case.get("adds", ""))


def evaluate_pieces(beside: str, cases: Mapping[str, Mapping[str, Any]]) -> dict[str, Graph]:
    """What each case's program declares. The program that they share runs once, with all their pieces side by side."""
    pieces = {name: f"{case.get('before', '')}\n{case.get('adds', '')}" for name, case in cases.items()}
    projects: dict[str, dict[str, Any]] = {"small": {}, **{f"piece-{number}": {} for number in range(len(pieces))}}
    adds = f"from {__name__} import declare\ndeclare({pieces!r}, globals())"
    with TemporaryDirectory() as name, patch.object(Recorder, "make_urn", _make_own_urn):
        folder = Path(name)

        def evaluate_both() -> list[Graph]:
            return [prepare({"beside": beside, "adds": text}, folder)() for text in ("", adds)]

        # Kept together: a graph that was kept names other files for its archives than one of this process.
        alone, graph = keep(evaluate_both, _read(beside), adds, _READ, project=folder)
    for resource in graph:
        projects[resource.urn.split("::")[1]][resource.urn] = resource
    own, *added = projects.values()
    assert replace(graph, resources=own, invokes=alone.invokes) == alone, "a piece does more than add resources"
    assert sorted(map(repr, graph.invokes)) == sorted(map(repr, alone.invokes)), "a piece reads more of AWS"
    return {name: replace(alone, resources=own | piece) for name, piece in zip(pieces, added, strict=True)}


def declare(pieces: Mapping[str, str], names: Mapping[str, Any]) -> None:
    """Run each piece for itself: what it declares, also in tasks that it starts, is of a project of its own."""
    for number, (name, piece) in enumerate(pieces.items()):
        context, file = contextvars.copy_context(), Path(names["__file__"]).with_name(f"{name}.py")
        context.run(_PROJECT.set, f"piece-{number}")
        context.run(exec, compile(piece, str(file), "exec"), dict(names))


def _make_own_urn(recorder: Recorder, *of: str) -> str:
    return _make_urn(recorder, *of).replace("::small::", f"::{_PROJECT.get()}::", 1)
