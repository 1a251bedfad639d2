"""The components of a plan are built again, and only inputs that they would not declare are altered."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.evaluate.process import LAUNCH
from review.facts.statements import KEY
from review.graph import UNKNOWN, Graph
from review.plan_files import rebuild, replay
from review.plan_files.plan import read_plan
from review.plan_files.replay import mark_altered
from review.reach import trace
from review.tests.helpers.in_process.loop import own_loop
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


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Components are built again in the process of the tests. Those without this start one of their own."""

    def build(question: replay.Question, folder: Path) -> replay.Answer:
        with contextlib.chdir(folder), own_loop():
            return rebuild.answer(question)

    monkeypatch.setattr(replay, "rebuild", build)


@pytest.mark.slow
@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("stack", VARIED)
def test_the_plan_of_a_stack_has_what_its_components_declare(stack: str, tmp_path: Path) -> None:
    made = build_again(graph_of(stack, known=False), tmp_path / "plan.json", "create")
    assert list_altered(made) == {}
    assert list_doubts(made) == ""


@pytest.mark.slow
def test_the_installed_command_builds_them_again_too(tmp_path: Path) -> None:
    """Its package has another name, and the folder from which it is started no module of ours."""
    plan = writer.saved(writer.plan(graph_of("dev"), operation="same"), tmp_path / "plan.json")
    command = [sys.executable, str(LAUNCH), "--plan", str(plan), "--project", str(PROGRAM)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "the only way in" in done.stdout
    assert "built again" not in done.stdout


def test_only_an_input_that_a_component_would_not_declare_is_altered(tmp_path: Path) -> None:
    graph = change(graph_of("dev"), PERMISSION, lambda inputs: {**inputs, "sourceArn": None, "principal": "*"})
    made = build_again(graph, tmp_path / "plan.json")
    name = graph.list_by_type(PERMISSION)[0].name
    assert list_altered(made) == {name: ["principal", "sourceArn"]}
    assert f"principal, sourceArn of {name}, which this version of its component declares otherwise," in list_doubts(
        made
    )
    assert "transform" not in list_doubts(made)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("operation", ["create", "same"])
def test_an_altered_statement_is_read_by_nobody(operation: str, tmp_path: Path) -> None:
    graph = graph_of("dev", known=operation == "same")
    front = next(resource for resource in graph if resource.kind == "ApiFront")
    ways = {key: {**way, "needs": {**way["needs"], "caller": {"iam": {"accounts": {"own": True}}}}}
            for key, way in front.inputs[KEY]["ways"].items()}  # fmt: skip
    altered = replace(front, inputs={**front.inputs, KEY: {**front.inputs[KEY], "ways": ways}})
    made = build_again(replace(graph, resources={**graph.resources, front.urn: altered}), tmp_path / "p", operation)
    assert list_altered(made) == {"front": [KEY]}
    assert "the statement of front, which this version of its component declares otherwise" in list_doubts(made)


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("kind", "key"),
    [(PERMISSION, "principal"), ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "toPort")],
)
def test_an_input_that_is_not_known_is_no_literal(kind: str, key: str, tmp_path: Path) -> None:
    graph = change(graph_of("dev", known=False), kind, lambda inputs: {**inputs, key: UNKNOWN})
    made = build_again(graph, tmp_path / "plan.json", "create")
    assert list_altered(made) == {graph.list_by_type(kind)[0].name: [key]}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("stack", ["dev", "prod", "examples/private-cross-account.yaml", "examples/second-stack.yaml"])
def test_a_deployed_stack_has_what_its_components_declare(stack: str, tmp_path: Path) -> None:
    made = build_again(graph_of(stack), tmp_path / "plan.json")
    assert (list_altered(made), list_doubts(made)) == ({}, "")


def test_what_is_missing_ignored_or_elsewhere_is_doubted(tmp_path: Path) -> None:
    graph = graph_of("dev")
    group, function, permission, settings = (
        graph.list_by_type(kind)[0]
        for kind in (
            "aws:ec2/securityGroup:SecurityGroup",
            "aws:lambda/function:Function",
            PERMISSION,
            "aws:apigateway/methodSettings:MethodSettings",
        )
    )
    other = "urn:pulumi:dev::gatehouse::pulumi:providers:aws::other::11111111-1111-4111-8111-111111111111"
    source = "arn:aws:execute-api:eu-west-1:999988887777:*/*/*/*"
    changed = {
        group.urn: replace(group, options=replace(group.options, ignore_changes=("ingress",))),
        function.urn: replace(function, provider=other),
        permission.urn: replace(permission, inputs={**permission.inputs, "sourceArn": source}),
    }
    kept = {urn: one for urn, one in {**graph.resources, **changed}.items() if urn != settings.urn}
    doubts = list_doubts(build_again(replace(graph, resources=kept), tmp_path / "plan.json"))
    assert f"ignore_changes of {group.name} leaves ingress as AWS has it" in doubts
    assert f"the provider of {function.name}, which this version of its component declares otherwise" in doubts
    assert f"sourceArn of {permission.name}, which" in doubts
    assert f"front lacks {settings.name}, which this version of it declares" in doubts


@pytest.mark.usefixtures("here")
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


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("argument", [KEY, "url"])
def test_a_component_without_its_statement_or_its_arguments_is_doubted(argument: str, tmp_path: Path) -> None:
    without = change(graph_of("dev"), PROXY, lambda inputs: {key: inputs[key] for key in inputs if key != argument})
    made = build_again(without, tmp_path / "plan.json")
    doubt = "has no statement that this version reads" if argument == KEY else "could not be built again"
    assert f"proxy {doubt}" in list_doubts(made)
    assert "cannot tell" in str(trace(made).others)
