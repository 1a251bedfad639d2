"""A Pulumi project in a temporary folder, written by the test that runs it."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from review.evaluate.project_file import Project, load
from review.evaluate.runner import run
from review.evaluate.stack_file import read_stack
from review.graph import Graph

WriteProject = Callable[..., Project]
RunProgram = Callable[..., Graph]


@pytest.fixture
def write_project(tmp_path: Path) -> WriteProject:
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
def run_program(write_project: WriteProject) -> RunProgram:
    """`run_program(program, ..., known=True)` writes a project and gives the graph of its stack `dev`."""

    def evaluate(program: str, *, known: bool = True, strict: bool = True, **written: str) -> Graph:
        project = write_project(program, **written)
        return run(project, read_stack(project, "dev"), known=known, strict=strict)

    return evaluate
