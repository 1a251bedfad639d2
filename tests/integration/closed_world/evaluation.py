"""Evaluates the programs of this folder."""

from functools import partial
from pathlib import Path
from typing import Any, Final

import components  # noqa: F401 # the programs import the package from this folder
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.in_process.kept import keep

BESIDE: Final = Path(__file__).with_name("beside")
_NEIGHBOURS: Final = Path(__file__).with_name("neighbours.py").read_text(encoding="utf-8")
IMPORTS: Final = "import json, pulumi\nimport pulumi_aws as aws"


def write_program(case: dict[str, Any], folder: Path) -> None:
    program = case.get("program") or (BESIDE / f"{case['beside']}.py").read_text(encoding="utf-8")
    (folder / "__main__.py").write_text("\n".join([IMPORTS, case.get("before", ""), program, case.get("adds", "")]))
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (folder / "handler.py").write_text("def handler(event, context):\n    return {}\n")


def evaluate(case: dict[str, Any], folder: Path) -> Graph:
    write_program(case, folder)
    project = load(folder)
    made = partial(run, project, read_stack(project, "dev"), known=True, strict=False, reimport=False)
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    return keep(made, files, _NEIGHBOURS, project=folder)
