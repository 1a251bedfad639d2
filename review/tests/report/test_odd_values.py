"""Whatever a program writes where something else belongs, the bill and the summary are made, not refused."""

import dataclasses
import random
from pathlib import Path
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.cost import Usage
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Asset, Graph, Secret
from review.reach.statements import Statements
from review.report.parts.rows import list_rows
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.in_process.evaluation import run

ODD: tuple[Any, ...] = (
    UNKNOWN, Secret("x"), Secret(UNKNOWN), None, [], {}, [UNKNOWN], "x", "", -1, 0, 2.5, True, Asset(), [[]],
)  # fmt: skip
FIXTURES = Path(__file__).parents[1] / "programs"


@pytest.fixture(scope="module", params=["house", "everything"])
def graph(request: pytest.FixtureRequest) -> Graph:
    project = load(FIXTURES / request.param)
    return run(project, read_stack(project, "dev"), strict=False)


def with_input(graph: Graph, urn: str, inputs: dict[str, Any]) -> Graph:
    changed = dataclasses.replace(graph.resources[urn], inputs=inputs)
    return dataclasses.replace(graph, resources={**graph.resources, urn: changed})


def bend(value: Any, odd: Any, chance: random.Random) -> Any:
    """`value` with something odd in place of a part of it."""
    if isinstance(value, dict) and value and chance.random() < 0.7:
        key = chance.choice(sorted(value))
        return {**value, key: bend(value[key], odd, chance)}
    if isinstance(value, list) and value and chance.random() < 0.7:
        return [bend(value[0], odd, chance), *value[1:]]
    return odd


def test_every_input_may_be_odd_or_missing(graph: Graph) -> None:
    chance = random.Random(9)
    for resource in graph:
        for key in resource.inputs:
            for odd in chance.sample(ODD, 2):
                bent = with_input(
                    graph, resource.urn, {**resource.inputs, key: bend(resource.inputs[key], odd, chance)}
                )
                estimate(bent, Usage())
                list_rows(AwsModel(bent), Statements(bent))
            missing = {name: value for name, value in resource.inputs.items() if name != key}
            estimate(with_input(graph, resource.urn, missing))


def test_nothing_at_all_is_known(graph: Graph) -> None:
    blank = {
        urn: dataclasses.replace(resource, inputs=dict.fromkeys(resource.inputs, UNKNOWN), state={"id": UNKNOWN})
        for urn, resource in graph.resources.items()
    }
    unknown = dataclasses.replace(graph, resources=blank)
    bill = estimate(unknown)
    assert all(line.amount is None or line.amount >= 0 for line in bill.lines)
    assert list_rows(AwsModel(unknown), Statements(unknown))
