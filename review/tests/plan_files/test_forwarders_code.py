"""A plan vouches for the forwarder only if the function has its archive and its variables."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from review.graph import Asset, Graph
from review.graph.reading import get_declared_input
from review.plan_files.plan import read_plan
from review.reach import trace
from review.tests.helpers.stacks import graph_of
from review.tests.plan_files import writer

WEBHOOK = "examples/webhook.yaml"


def describe_plan(change: dict[str, Any], folder: Path) -> tuple[str, str]:
    """What a plan whose forwarder has other inputs does not rest on, and the sentence on other ways in."""
    graph = graph_of(WEBHOOK)
    variables = dict(get_declared_input(change_function(graph, {})[1], "environment", "variables") or {})
    if extra := change.pop("variables", None):
        change["environment"] = {"variables": {**variables, **extra}}
    changed, _ = change_function(graph, change)
    reach = trace(read_plan(writer.saved(writer.plan(changed), folder / "plan.json")).after)
    return " ".join(map(str, reach.ledger.entries)), str(reach.others)


def change_function(graph: Graph, inputs: dict[str, Any]) -> tuple[Graph, Any]:
    function = next(one for one in graph if one.type == "aws:lambda/function:Function" and "proxy" in one.name)
    changed = replace(function, inputs={**function.inputs, **inputs})
    return replace(graph, resources={**graph.resources, function.urn: changed}), changed


def test_the_archive_of_this_version_checks_signatures(tmp_path: Path) -> None:
    entries, others = describe_plan({}, tmp_path)
    assert not entries
    assert "cannot tell" not in others


@pytest.mark.parametrize(
    "change",
    [
        {"code": Asset(text="exports.handler = 1", archive=True)},
        {"layers": ["arn:aws:lambda:eu-west-1:999988887777:layer:wrap:1"]},
        {"variables": {"PYTHONPATH": "/opt"}},
        {"variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"}},
    ],
    ids=["code", "layer", "search path", "wrapper"],
)
def test_other_code_is_not_vouched_for(change: dict[str, Any], tmp_path: Path) -> None:
    entries, others = describe_plan(dict(change), tmp_path)
    assert "of proxy-function, which the forwarder of this version has not, may decide what answers" in entries
    assert "cannot tell" in others
