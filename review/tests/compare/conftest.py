"""Compare two programs, each run for itself."""

import pytest

from review.compare.changes import Changes
from review.evaluate.stack_file import read_stack
from review.tests.fixtures import HEAD, Compare, Write
from review.tests.updates import updated
from tests.helpers.in_process.evaluation import run


@pytest.fixture
def changes(write_project: Write) -> Compare:
    """The changes from one program to another."""

    def made(before: str, after: str) -> Changes:
        graphs = []
        for program in (before, after):
            project = write_project(HEAD + program)
            graphs.append(run(project, read_stack(project, "dev"), strict=False))
        return updated(graphs[0], graphs[1], project.program)

    return made
