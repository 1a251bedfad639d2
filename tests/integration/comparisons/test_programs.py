"""Pairs of programs as a stranger would try them: each difference is said, in the words of programs.yaml."""

import functools
import json
import tempfile
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

import components  # noqa: F401 # the programs import the package from this folder
from review.compare.comparison import compare
from review.cost import Usage
from review.evaluate.project_file import load
from review.evaluate.project_texts import ProjectTexts, read_project_texts
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.tests.helpers.in_process.evaluation import run

_BESIDE: Final = Path(__file__).parents[1] / "closed_world/beside"
CASES: Final[dict[str, dict[str, Any]]] = yaml.load(
    Path(__file__).with_name("programs.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
)
_FOLDERS: Final[list[tempfile.TemporaryDirectory[str]]] = []
_SIDES: Final = ("was", "now")
_GIVEN: Final = {
    "Pulumi.yaml": "name: small\nruntime: python\n",
    "Pulumi.dev.yaml": "config:\n  aws:region: eu-west-1\n",
    "handler.py": "def handler(event, context):\n    return {}\n",
}


@functools.cache
def evaluate(text: str, files: str) -> tuple[Graph, ProjectTexts]:
    """A version, which several cases may have."""
    made = tempfile.TemporaryDirectory()
    _FOLDERS.append(made)  # the comparison reads the code of functions
    folder = Path(made.name) / "small"
    for name, content in {**_GIVEN, "__main__.py": text, **json.loads(files)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    project = load(folder)
    stack = read_stack(project, "dev")
    graph = run(project, stack, known=True, strict=False, reimport=False)
    return graph, read_project_texts(project, stack, ["__main__.py"])


def evaluate_side(case: dict[str, Any], number: int) -> tuple[Graph, ProjectTexts]:
    program = (_BESIDE / f"{case['beside']}.py").read_text(encoding="utf-8") if "beside" in case else ""
    first = case.get("first", ("", ""))[number]
    lines = ("import json, pulumi", "import pulumi_aws as aws", first, program, case.get(_SIDES[number], ""))
    return evaluate("\n".join(lines), json.dumps(case.get("files", ({}, {}))[number]))


@pytest.mark.parametrize("name", CASES)
def test_a_difference_is_said(name: str) -> None:
    case = CASES[name]
    assert case.keys() <= {"beside", "first", "was", "now", "files", "says", "fails"}
    before, after = (evaluate_side(case, number) for number in range(2))
    found = compare(before[0], after[0], Usage(), "before", None, (before[1], after[1]))
    said = [found.heading, *(line.sentence for line in found.lines)]
    assert any(case["says"] in each for each in said), said
    assert bool(found.failures) == case.get("fails", False), found.failures
