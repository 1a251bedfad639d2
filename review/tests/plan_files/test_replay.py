"""The components of a plan are built again, and only inputs that they would not declare are altered."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.facts.statements import KEY
from review.graph import Graph
from review.plan_files.plan import read_plan
from review.plan_files.replay import mark_altered
from review.reach import trace
from review.tests.helpers.stacks import PROGRAM, VARIED, graph_of
from review.tests.plan_files import writer

PROXY = "gatehouse:index:ServerlessProxy"
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
@pytest.mark.parametrize("stack", VARIED)
def test_the_plan_of_a_stack_has_what_its_components_declare(stack: str, tmp_path: Path) -> None:
    made = build_again(graph_of(stack, known=False), tmp_path / "plan.json", "create")
    assert list_altered(made) == {}
    assert list_doubts(made) == ""


def test_only_an_input_that_a_component_would_not_declare_is_altered(tmp_path: Path) -> None:
    graph = change(graph_of("dev"), PERMISSION, lambda inputs: {**inputs, "sourceArn": None, "principal": "*"})
    made = build_again(graph, tmp_path / "plan.json")
    name = graph.list_by_type(PERMISSION)[0].name
    assert list_altered(made) == {name: ["principal", "sourceArn"]}
    assert f"principal, sourceArn of {name}, which this version of its component declares otherwise," in list_doubts(
        made
    )
    assert "transform" not in list_doubts(made)


@pytest.mark.parametrize(
    ("argument", "says"), [("", "port of orders-listener, which"), (KEY, "orders could not be built again")]
)
def test_a_further_service_is_compared_with_what_its_ingress_declares(argument: str, says: str, tmp_path: Path) -> None:
    graph = graph_of("examples/three-services.yaml")
    (one,) = (each for each in graph if each.name == ("orders" if argument else "orders-listener"))
    inputs = {key: one.inputs[key] for key in one.inputs if key != argument}
    altered = replace(one, inputs=inputs if argument else {**inputs, "port": 4711}, state={**one.state, "port": 4711})
    made = build_again(replace(graph, resources={**graph.resources, one.urn: altered}), tmp_path / "plan.json")
    assert says in list_doubts(made)
    assert "users" not in list_doubts(made)


@pytest.mark.parametrize("argument", [KEY, "url"])
def test_a_component_without_its_statement_or_its_arguments_is_doubted(argument: str, tmp_path: Path) -> None:
    without = change(graph_of("dev"), PROXY, lambda inputs: {key: inputs[key] for key in inputs if key != argument})
    made = build_again(without, tmp_path / "plan.json")
    doubt = "has no statement that this version reads" if argument == KEY else "could not be built again"
    assert f"proxy {doubt}" in list_doubts(made)
    assert "cannot tell" in str(trace(made).others)
