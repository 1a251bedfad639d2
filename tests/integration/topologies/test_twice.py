"""A stack evaluated twice does not differ from itself (G1, as far as the program decides)."""

import functools
import sys
from types import ModuleType

import pytest

from review.compare.comparison import compare
from review.cost import Usage
from review.evaluate.stack_file import read_stack
from review.graph import Graph
from review.tests.helpers.in_process.evaluation import run
from review.tests.helpers.in_process.modules import own_modules
from review.tests.helpers.stacks import ALL, ROOT, graph_of, project


@functools.cache
def imported_again() -> dict[str, ModuleType]:
    """The project's modules, imported a second time, once for all stacks."""
    graph_of("dev")
    with own_modules(ROOT, ROOT):
        before = set(sys.modules)
        run(project(), read_stack(project(), "dev"), reimport=False)
        return {name: sys.modules[name] for name in sys.modules.keys() - before}


def evaluated_again(stack: str) -> Graph:
    modules = imported_again()
    with own_modules(ROOT, ROOT):
        sys.modules.update(modules)
        return run(project(), read_stack(project(), stack), reimport=False)


@pytest.mark.parametrize("stack", ALL)
def test_a_second_evaluation_changes_nothing(stack: str) -> None:
    found = compare(graph_of(stack), evaluated_again(stack), Usage(), "itself")
    assert (found.lines, found.heading) == ((), "Nothing differs")


@pytest.mark.xdist_group("twice")
def test_a_group_runs_in_one_process(request: pytest.FixtureRequest) -> None:
    """Else every process evaluates every stack: a pytest and a pytest-xdist that do not fit ignore the groups."""
    grouped = request.config.getoption("loadgroup", default=False)
    assert request.node.nodeid.endswith("@twice") is bool(grouped)
