"""Openings that somebody plants in stacks of ours: the report shows each of them."""

import fnmatch
import functools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from review.graph import Graph, Resource, reveal
from review.rules import Status, check
from review.tests.helpers.stack_parts import paths
from review.tests.helpers.stacks import graph_of

CASES: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("openings.yaml").read_text(encoding="utf-8"))


def add_opening(graph: Graph, case: Mapping[str, Any]) -> Graph:
    """The graph of a stack with what a case adds, changes and removes."""
    resources = {one.name: one for one in graph}
    assert not {*case.get("remove", ()), *case.get("change", ())} - resources.keys()
    for number, inputs in enumerate(case.get("add", ())):
        added = _added(resources, f"planted-{number}", inputs)
        resources[added.name] = added
    for name, inputs in case.get("change", {}).items():
        resources[name] = _changed(resources, resources[name], inputs)
    for name, texts in case.get("swap", {}).items():
        resources[name] = _swapped(resources[name], texts)
    kept = [one for name, one in resources.items() if name not in case.get("remove", ())]
    return replace(graph, resources={one.urn: replace(one) for one in kept})


def _added(resources: Mapping[str, Resource], name: str, written: Mapping[str, Any]) -> Resource:
    inputs = _resolved(resources, written)
    token, name = f"aws:{inputs.pop('kind')}", inputs.pop("name", name)
    state = {"id": f"{name}-id", **inputs}
    return Resource(
        urn=f"urn:{name}", type=token, name=name, parent=None, custom=True, remote=False, inputs=inputs, state=state
    )


def _changed(resources: Mapping[str, Resource], old: Resource, written: Mapping[str, Any]) -> Resource:
    """The resource with other inputs; one that is null is gone."""
    new = _resolved(resources, written)
    inputs = {key: value for key, value in {**old.inputs, **new}.items() if value is not None}
    return replace(old, inputs=inputs, state={**old.state, **new})


def _swapped(old: Resource, texts: Mapping[str, list[str]]) -> Resource:
    """The resource with another text in some inputs, wherever the first one is."""
    new = {}
    for key, (before, after) in texts.items():
        text = str(reveal(old.inputs[key]))
        assert before in text
        new[key] = text.replace(before, after)
    return replace(old, inputs={**old.inputs, **new}, state={**old.state, **new})


def _resolved(resources: Mapping[str, Resource], written: Any) -> Any:
    """What is written, with an output for each `$name.output`."""
    if isinstance(written, dict):
        return {key: _resolved(resources, value) for key, value in written.items()}
    if isinstance(written, list):
        return [_resolved(resources, value) for value in written]
    if not str(written).startswith("$"):
        return written
    name, _, key = written[1:].rpartition(".")
    return resources[name].state[key]


def lines(graph: Graph) -> Iterator[str]:
    """Open ways, and rules that fail, as a report prints them."""
    yield from (str(path) for path in paths(graph) if path.open)
    yield from (f"{one.rule.id} {one.message}" for one in check(graph) if one.status is Status.FAILED)


@functools.cache
def as_written(stack: str) -> frozenset[str]:
    return frozenset(lines(graph_of(stack)))


@pytest.mark.parametrize("name", CASES)
def test_an_opening_is_in_the_report(name: str) -> None:
    case = CASES[name]
    new = [line for line in lines(add_opening(graph_of(case["stack"]), case)) if line not in as_written(case["stack"])]
    assert fnmatch.filter(new, case["shows"]), new


@pytest.mark.parametrize("stack", sorted({case["stack"] for case in CASES.values()}))
def test_the_stack_without_it_breaks_no_rule(stack: str) -> None:
    assert [one.message for one in check(graph_of(stack)) if one.status is Status.FAILED] == []
