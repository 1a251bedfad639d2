"""A stack evaluated twice does not differ from itself (G1, as far as the program decides)."""

import pytest

from review.compare.changes import compare
from review.compare.side import side
from review.cost import Usage
from review.evaluate.project_file import load
from review.evaluate.runner import run
from review.evaluate.stack_file import read_stack
from review.rules.check import failed
from tests.stacks import ALL, ROOT, graph_of


@pytest.mark.parametrize("stack", ALL)
def test_a_second_evaluation_changes_nothing(stack: str) -> None:
    project = load(ROOT)
    again = run(project, read_stack(project, stack))
    first, second = (side(graph, Usage(), ROOT, failed) for graph in (graph_of(stack), again))
    found = compare(first, second, "itself")
    assert (found.added, found.removed, found.changed) == ((), (), ())
    assert (found.opened, found.closed, found.steps, found.interruptions) == ((), (), (), ())
