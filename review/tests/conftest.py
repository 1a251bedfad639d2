"""A Pulumi project in a temporary folder, written by the test that runs it."""

import gc
import os
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from review.evaluate.project_file import Project, load
from review.evaluate.stack_file import read_stack
from review.facts.review_variables import WITHOUT_PACKAGES
from review.graph import Graph
from review.report.report import Report, report
from review.tests.helpers.fixture_types import Review, Run, Write
from review.tests.helpers.in_process.evaluation import InThisProcess, evaluate, run

# Packages of functions come from an index, which no test calls.
os.environ[WITHOUT_PACKAGES] = "1"
pytest_plugins = ["review.tests.helpers.suite"]
IMPORTS = "import json, pulumi\nimport pulumi_aws as aws\n"


@pytest.fixture
def launch_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is not in the project's."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose environment names a region, for programs of tests whose stack has no file."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")


@pytest.fixture
def write_project(tmp_path: Path) -> Write:
    """`write_project(program, config="...", project="...")` writes a project whose stack is `dev`."""

    def write(program: str = "", config: str = "", project: str = "", **files: str) -> Project:
        described = textwrap.dedent(project) or "name: small\nruntime: python\n"
        (tmp_path / "Pulumi.yaml").write_text(described)
        (tmp_path / "Pulumi.dev.yaml").write_text(textwrap.dedent(config) or "config:\n  aws:region: eu-west-1\n")
        (tmp_path / "__main__.py").write_text(textwrap.dedent(program))
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        return load(tmp_path)

    return write


@pytest.fixture
def run_program(write_project: Write) -> Run:
    """`run_program(program, ..., known=True)` writes a project and gives the graph of its stack `dev`."""

    def made(program: str, *, known: bool = True, strict: bool = True, **written: str) -> Graph:
        project = write_project(program, **written)
        return run(project, read_stack(project, "dev"), known=known, strict=strict)

    return made


@pytest.fixture
def run_aws(run_program: Run) -> Run:
    """The same, with the imports of such a program put before it."""
    return lambda program, **written: run_program(IMPORTS + program, **written)


@pytest.fixture
def review_of(write_project: Write) -> Review:
    """`review_of(program)` gives the report on a program that somebody else wrote, with its imports put before it."""

    def made(program: str) -> Report:
        project = write_project(IMPORTS + program)
        return report(evaluate(project, read_stack(project, "dev"), strict=False))

    return made


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs run in this process, which starts no others: for tests of what a command does with what they declare."""
    for module in ("command", "permissions"):
        monkeypatch.setattr(f"review.cli.{module}.Launcher", InThisProcess)


@pytest.fixture
def collect() -> Iterator[Callable[[], int]]:
    """`collect()` collects what the test has left, and looks through nothing older, which takes most of a second."""
    gc.freeze()
    yield gc.collect
    gc.unfreeze()
