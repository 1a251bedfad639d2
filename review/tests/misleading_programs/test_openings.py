"""Openings that somebody adds to stacks of ours: no report vouches for the way in beside one of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.graph import Graph, Resource
from review.ledger.ledger import Vouched, Withheld
from review.reach import trace
from review.tests.helpers.stacks import graph_of

CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("openings.yaml").read_text(encoding="utf-8"))


def add_opening(graph: Graph, case: Mapping[str, Any]) -> Graph:
    """The graph of a stack with the resources of a case."""
    resources = {resource.name: resource for resource in graph}
    for number, inputs in enumerate(case["add"]):
        added = _declare(resources, f"planted-{number}", inputs)
        resources[added.name] = added
    return replace(graph, resources={resource.urn: replace(resource) for resource in resources.values()})


def _declare(resources: Mapping[str, Resource], name: str, written: Mapping[str, Any]) -> Resource:
    inputs = _resolve(resources, written)
    token, name = f"aws:{inputs.pop('kind')}", inputs.pop("name", name)
    state = {"id": f"{name}-id", **inputs}
    return Resource(urn=f"urn:{name}", type=token, name=name, parent=None, custom=True, inputs=inputs, state=state)


def _resolve(resources: Mapping[str, Resource], written: Any) -> Any:
    """The value, with an output for each `$name.output`."""
    if isinstance(written, dict):
        return {key: _resolve(resources, value) for key, value in written.items()}
    if isinstance(written, list):
        return [_resolve(resources, value) for value in written]
    if not str(written).startswith("$"):
        return written
    name, _, key = written[1:].rpartition(".")
    return resources[name].state[key]


@pytest.mark.parametrize("name", CASES)
def test_an_opening_withholds_the_way_in_and_is_named(name: str) -> None:
    case = CASES[name]
    reach = trace(add_opening(graph_of(case["stack"]), case))
    # What only leads out lets nobody in.
    assert isinstance(reach.others, Vouched if case.get("opens") == "out" else Withheld)
    assert any(
        f"planted-{number}" in line or str(each.get("name", "")) in line
        for number, each in enumerate(case["add"])
        for line in reach.ledger.lines
    )


@pytest.mark.parametrize("stack", sorted({case["stack"] for case in CASES.values()}))
def test_the_stack_without_it_vouches(stack: str) -> None:
    reach = trace(graph_of(stack))
    assert isinstance(reach.others, Vouched)
    assert reach.ledger.lines == []
