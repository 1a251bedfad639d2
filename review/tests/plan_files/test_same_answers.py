"""The same stack by evaluation, by plan and by state: the same resources, findings, paths and bill."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.cost import estimate
from review.graph import Graph, Options, Origin, Resource
from review.plan_files.plan import read_plan
from review.plan_files.states import build_graph as graph_of_states
from review.reach import trace
from review.rules import check
from review.tests.helpers.stacks import VARIED, graph_of
from review.tests.plan_files import writer


def by_plan(graph: Graph, folder: Path) -> Graph:
    return read_plan(writer.saved(writer.plan(graph), folder / "plan.json")).after


def by_state(graph: Graph) -> Graph:
    return graph_of_states(writer.state(graph)["deployment"]["resources"], Origin.STATE, graph.config)


def judged(graph: Graph) -> dict[str, Any]:
    reach = trace(graph)
    findings = check(graph)
    bill = estimate(AwsModel(graph))
    return {
        "resources": {resource.urn: resource.type for resource in graph},
        # Only an evaluation knows which lookups the command answers.
        "findings": sorted((one.rule.id, one.status.value, one.message.partition("; ")[0]) for one in findings),
        "paths": sorted(map(str, reach.paths)),
        "bill": [(line.resource.name, line.label, line.amount) for line in bill.lines],
        "source": {resource.urn: resource.source for resource in graph},
        "options": {resource.urn: options(resource) for resource in graph},
    }


def options(one: Resource) -> Options:
    timeouts = {key: str(writer.seconds(text)) for key, text in one.options.custom_timeouts.items()}
    return replace(one.options, delete_before_replace=None, aliases=(), custom_timeouts=timeouts, others={})


@pytest.mark.parametrize("stack", VARIED)
def test_a_stack_has_the_same_answers_by_evaluation_by_plan_and_by_state(stack: str, tmp_path: Path) -> None:
    graph = graph_of(stack)
    wanted = judged(writer.without_secrets(graph))
    for found in (judged(by_plan(graph, tmp_path)), judged(by_state(graph))):
        for part, answer in wanted.items():
            assert found[part] == answer, part
