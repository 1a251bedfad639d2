"""The components in other people's programs: installed by pip, imported as `gatehouse`, reviewed like any program."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

import components
from review.tests.helpers.stacks import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installed")]
PROGRAMS = sorted(path.parent.name for path in (ROOT / "examples" / "library").glob("*/__main__.py"))


REVIEW = """
import json, sys
from pathlib import Path
from review.evaluate.project_file import load
from review.tests.helpers.in_process.evaluation import evaluate
from review.evaluate.stack_file import read_stack
from review.rules import Status, check

found = {}
for program in sys.argv[1:]:
    project = load(Path("examples/library", program))
    graphs = evaluate(project, read_stack(project, "dev"), strict=False)
    failed = [f"{one.rule.id} {one.message}" for one in check(graphs.known) if one.status is Status.FAILED]
    functions = [one.inputs for one in graphs.known.of_type("aws:lambda/function:Function")]
    found[program] = {"failed": failed, "storage": [one.get("ephemeralStorage") for one in functions]}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def reviews(installed: Path) -> dict[str, Any]:
    """What the review finds of each example, which sees the installed package and not the checkout's folders."""
    done = subprocess.run(
        [sys.executable, "-c", REVIEW, *PROGRAMS],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_runs_and_breaks_no_rule(program: str, reviews: dict[str, Any]) -> None:
    assert reviews[program]["failed"] == []


FOLDERS = {"components": "", "handlers": "handlers", "template": "stack/template"}
CHECKOUT_ONLY = {Path(name) for name in ("__main__.py", "PulumiPlugin.yaml", "requirements.txt")}


def test_the_package_brings_every_file_of_its_folders_and_no_other(installed: Path) -> None:
    wanted = {
        Path(inner, path.relative_to(ROOT / folder))
        for folder, inner in FOLDERS.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    home = installed / "gatehouse"
    brought = {path.relative_to(home) for path in home.rglob("*") if path.suffix != ".pyc" and path.is_file()}
    assert brought == wanted - CHECKOUT_ONLY
    assert Path("facts", "limits.py") in brought
    assert Path("handlers", "forwarder", "streaming-runtime") in brought


BROUGHT = {
    "botocore": "boto3", "h11": "uvicorn", "protobuf": "pulumi",
    "referencing": "jsonschema", "urllib3": "boto3",
}  # fmt: skip
"""Packages that another package brings, which is declared."""
OPTIONAL = {"awslambdaric", "pytest"}
"""Packages that are imported only where they are installed, and by the fixture for pytest."""
DISTRIBUTIONS = {"components": (ROOT, ()), "review": (ROOT / "review", ("try", "verify"))}


@pytest.mark.parametrize("folder", DISTRIBUTIONS)
def test_a_distribution_declares_every_package_that_it_imports(folder: str) -> None:
    home, extras = DISTRIBUTIONS[folder]
    project = tomllib.loads((home / "pyproject.toml").read_text())["project"]
    listed = [*project["dependencies"], *(one for extra in extras for one in project["optional-dependencies"][extra])]
    declared = {re.split(r"[><=\[]", one)[0].lower() for one in listed}
    names = packages_distributions()
    imported = {
        names[top][0].lower().replace("_", "-")
        for path in (ROOT / folder).rglob("*.py")
        if not {"tests", "policy"} & set(path.relative_to(ROOT / folder).parts)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
        if (top := name.partition(".")[0]) in names
    }
    brought = {name for name, by in BROUGHT.items() if by in declared}
    assert imported - declared - brought <= OPTIONAL


def test_what_an_argument_takes_can_be_imported() -> None:
    offered = {name: getattr(components, name) for name in components.__all__}
    named = {name: re.findall(r"\w+Args\b", str(getattr(one, "__annotations__", ""))) for name, one in offered.items()}
    assert {name: {*args} - offered.keys() for name, args in named.items() if {*args} - offered.keys()} == {}


def test_each_package_has_facts_of_its_own(installed: Path) -> None:
    """A program may use a version of the components that is not the review's."""
    code = """
import sys, gatehouse_review.facts.limits as one, gatehouse.facts.limits as other
assert one is not other
assert "facts" not in sys.modules
"""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    subprocess.run([sys.executable, "-P", "-c", code], cwd=installed, env=environment, check=True)


def test_a_transform_changes_an_input_that_no_argument_has(reviews: dict[str, Any]) -> None:
    assert reviews["transforms"]["storage"] == [{"size": 1024}]


def test_the_unit_test_of_the_library_page_passes_and_can_fail(installed: Path, tmp_path: Path) -> None:
    blocks = (ROOT / "docs" / "library.md").read_text().split("```python\n")
    (text,) = (block.partition("```")[0] for block in blocks if "def test_" in block)
    test = tmp_path / "test_program.py"
    wider = text.replace('backend_cidrs=["10.20.30.40/32"]', 'backend_cidrs=["10.0.0.0/8"]')
    test.write_text(f"{text}\n\n{wider.replace('test_the_forwarder', 'test_a_wider_one')}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(test)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "FAILED test_program.py::test_a_wider_one" in done.stdout
