"""Compare two programs, each run for itself."""

from collections.abc import Callable

import pytest

from review.compare.changes import Changes, compare
from review.compare.side import side
from review.cost import Usage
from review.evaluate.project_file import Project
from review.evaluate.runner import run
from review.evaluate.stack_file import read_stack
from review.rules.check import failed

Write = Callable[..., Project]
HEAD = "import pulumi\nimport pulumi_aws as aws\n"


@pytest.fixture
def changes(write_project: Write) -> Callable[[str, str], Changes]:
    """The changes from one program to another."""

    def made(before: str, after: str) -> Changes:
        sides = []
        for program in (before, after):
            project = write_project(HEAD + program)
            graph = run(project, read_stack(project, "dev"), strict=False)
            sides.append(side(graph, Usage(), project.program, failed))
        return compare(sides[0], sides[1], "before")

    return made
