"""A stack evaluated twice does not differ from itself (G1, as far as the program decides)."""

from collections.abc import Iterator

import pytest

from review.compare.changes import compare
from review.compare.side import side
from review.cost import Usage
from review.evaluate.modules import own_modules
from review.evaluate.project_file import load
from review.evaluate.runner import run
from review.evaluate.stack_file import read_stack
from review.rules.check import failed
from tests.stacks import EXAMPLES, ROOT, STACKS, graph_of

pytestmark = pytest.mark.xdist_group("twice")
EVERY = [*STACKS, *EXAMPLES]


@pytest.fixture(scope="module", autouse=True)
def imported_again() -> Iterator[None]:
    """The project's modules are imported a second time, for all stacks at once and after their first evaluation."""
    for stack in EVERY:
        graph_of(stack)
    with own_modules(ROOT, ROOT):
        yield


def test_a_group_runs_in_one_process(request: pytest.FixtureRequest) -> None:
    """Else every process evaluates every stack: a pytest and a pytest-xdist that do not fit ignore the groups."""
    grouped = request.config.getoption("loadgroup", default=False)
    assert request.node.nodeid.endswith("@twice") is bool(grouped)


@pytest.mark.parametrize("stack", EVERY)
def test_a_second_evaluation_changes_nothing(stack: str) -> None:
    project = load(ROOT)
    again = run(project, read_stack(project, stack), reimport=False)
    first, second = (side(graph, Usage(), ROOT, failed) for graph in (graph_of(stack), again))
    found = compare(first, second, "itself")
    assert (found.added, found.removed, found.changed) == ((), (), ())
    assert (found.opened, found.closed, found.steps, found.interruptions) == ((), (), (), ())
