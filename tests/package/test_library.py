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


def review(program: str, installed: Path) -> dict[str, Any]:
    """The report on one of the example programs, which sees the installed package and not the checkout's folders."""
    done = subprocess.run(
        [sys.executable, "-m", "review", "--project", f"examples/library/{program}", "dev", "--format", "json"],
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
def test_the_program_runs_and_breaks_no_rule(program: str, installed: Path) -> None:
    report = review(program, installed)
    assert [finding for finding in report["rules"]["findings"] if finding["status"] == "fail"] == []


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


def test_a_transform_changes_an_input_that_no_argument_has(installed: Path) -> None:
    program = "from pathlib import Path; from review.evaluate.project_file import load;"
    program += "from review.evaluate.runner import run; from review.evaluate.stack_file import read_stack;"
    program += "project = load(Path('examples/library/transforms'));"
    program += "graph = run(project, read_stack(project, 'dev'), strict=False);"
    program += "(function,) = graph.of_type('aws:lambda/function:Function'); print(function.inputs['ephemeralStorage'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join((str(installed), str(ROOT)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "{'size': 1024}", done.stderr


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
