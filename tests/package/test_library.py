"""The components in other people's programs: installed by pip, imported as `gatehouse`, reviewed like any program."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.stacks import ROOT

pytestmark = pytest.mark.xdist_group("installed")
PROGRAMS = sorted(path.parent.name for path in (ROOT / "examples" / "library").glob("*/Pulumi.yaml"))


REVIEW = """
import json, sys
from pathlib import Path
from review.evaluate.project_file import load
from review.evaluate.runner import evaluate
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
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_runs_and_breaks_no_rule(program: str, reviews: dict[str, Any]) -> None:
    assert reviews[program]["failed"] == []


BROUGHT = (
    "user_data/nat_instance.sh",
    "handlers/forwarder/handler.py",
    "handlers/forwarder/forwarder/event.py",
    "handlers/greeter/handler.py",
)


def test_the_package_brings_its_handlers_and_scripts(installed: Path) -> None:
    for name in BROUGHT:
        assert (installed / "gatehouse" / name).is_file(), name
    assert not (installed / "components").exists()


def test_a_transform_changes_an_input_that_no_argument_has(reviews: dict[str, Any]) -> None:
    assert reviews["transforms"]["storage"] == [{"size": 1024}]


def test_the_unit_test_of_the_library_page_passes_and_can_fail(installed: Path, tmp_path: Path) -> None:
    blocks = (ROOT / "docs" / "library.md").read_text().split("```python\n")
    (text,) = (block.partition("```")[0] for block in blocks if "def test_" in block)
    test = tmp_path / "test_program.py"
    wider = text.replace('"backend_cidrs": ["10.20.30.40/32"]', '"backend_cidrs": ["10.0.0.0/8"]')
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
