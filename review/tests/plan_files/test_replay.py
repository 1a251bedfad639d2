"""The components of a plan are built again, and only inputs that they would not declare are altered."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.facts.statements import KEY
from review.graph import Graph
from review.graph.statements import NOT_BUILT
from review.plan_files.plan import read_plan
from review.plan_files.replay import mark_altered
from review.reach import trace
from review.tests.helpers.stacks import ALL, PROGRAM, graph_of
from review.tests.plan_files import writer

PROXY = "gatehouse:index:ServerlessProxy"
NOT_BUILT_AGAIN = {
    # A look-up of the balancer decides, and a plan has no look-ups.
    "examples/existing-balancer.yaml": ["ingress"],
    "examples/instead-of-public-balancer.yaml": ["ingress"],
    # What services share is no argument of theirs.
    "examples/three-services.yaml": ["orders", "users"],
    # The URL is secret, and a plan masks it.
    "examples/two-webhooks.yaml": ["shop-backend"],
}
PERMISSION = "aws:lambda/permission:Permission"


def build_again(graph: Graph, file: Path, operation: str = "same") -> Graph:
    return mark_altered(read_plan(writer.saved(writer.plan(graph, operation=operation), file)).after, PROGRAM)


def list_altered(graph: Graph) -> dict[str, list[str]]:
    return {resource.name: sorted(resource.altered) for resource in graph if resource.altered}


def list_doubts(graph: Graph) -> str:
    return " ".join(map(str, trace(graph).ledger.entries))


def change(graph: Graph, kind: str, alter: Callable[[dict[str, Any]], dict[str, Any]]) -> Graph:
    """The graph with other inputs of its first resource of a type."""
    one = graph.list_by_type(kind)[0]
    inputs = alter(dict(one.inputs))
    state = {**{key: value for key, value in one.state.items() if key in inputs or key not in one.inputs}, **inputs}
    return replace(graph, resources={**graph.resources, one.urn: replace(one, inputs=inputs, state=state)})


@pytest.mark.slow
@pytest.mark.parametrize("stack", ALL)
def test_the_plan_of_a_stack_has_what_its_components_declare(stack: str, tmp_path: Path) -> None:
    made = build_again(graph_of(stack, known=False), tmp_path / "plan.json", "create")
    expected = {name: [NOT_BUILT] for name in NOT_BUILT_AGAIN.get(stack, ())}
    assert list_altered(made) == expected
    assert list_doubts(made).count("could not be built again") == len(expected)
    assert (list_doubts(made) == "") is (not expected)


def test_only_an_input_that_a_component_would_not_declare_is_altered(tmp_path: Path) -> None:
    graph = change(graph_of("dev"), PERMISSION, lambda inputs: {**inputs, "sourceArn": None, "principal": "*"})
    made = build_again(graph, tmp_path / "plan.json")
    name = graph.list_by_type(PERMISSION)[0].name
    assert list_altered(made) == {name: ["principal", "sourceArn"]}
    assert f"principal, sourceArn of {name}, which this version of its component declares otherwise," in list_doubts(
        made
    )
    assert "transform" not in list_doubts(made)


@pytest.mark.parametrize("argument", [KEY, "url"])
def test_a_component_without_its_statement_or_its_arguments_is_doubted(argument: str, tmp_path: Path) -> None:
    without = change(graph_of("dev"), PROXY, lambda inputs: {key: inputs[key] for key in inputs if key != argument})
    made = build_again(without, tmp_path / "plan.json")
    doubt = "has no statement that this version reads" if argument == KEY else "could not be built again"
    assert f"proxy {doubt}" in list_doubts(made)
    assert "cannot tell" in str(trace(made).others)
