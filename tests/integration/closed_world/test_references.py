"""Inputs by which a resource of an unknown type withholds a sentence, and those by which it does not."""

import functools
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from review.aws.catalog.catalog import is_read
from review.graph import Graph, Resource
from review.ledger.ledger import Vouched
from review.ledger.ways import find_ways
from review.reach import Reach, trace
from tests.integration.closed_world.evaluation import evaluate

PROGRAMS = ("webhook", "rest_iam", "http_api")


@functools.cache
def declare(program: str) -> Graph:
    with TemporaryDirectory() as folder:
        return evaluate({"beside": program}, Path(folder))


def add(graph: Graph, inputs: Mapping[str, Any], dependencies: tuple[str, ...], source: str = "") -> Reach:
    """The stack with one resource more, of a service that AWS has not."""
    urn = "urn:pulumi:dev::small::aws:news/thing:Thing::thing"
    thing = Resource(
        urn=urn,
        type="aws:news/thing:Thing",
        name="thing",
        parent=None,
        custom=True,
        inputs=inputs,
        state={"id": "thing-1", **inputs},
        dependencies=dependencies,
        property_dependencies={key: (source,) for key in inputs if source},
        declared_by="program",
    )
    return trace(replace(graph, resources={**graph.resources, urn: thing}))


def list_named(graph: Graph) -> list[Resource]:
    """One resource of each type on the paths of requests, which others can name."""
    reach = trace(graph)
    passed = frozenset(urn for path in reach.paths for hop in path.hops for urn in hop.rests_on)
    found = {resource.type: resource for resource in graph if resource.urn in passed and resource.state.get("id")}
    named = (token for token in found if is_read(token) and find_ways("aws:news/thing:Thing", "newsArn", token))
    return [found[token] for token in named]


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_input_that_nobody_reads_withholds_the_only_way_in(program: str) -> None:
    graph = declare(program)
    assert isinstance(trace(graph).others, Vouched)
    named = list_named(graph)
    assert len(named) > 3
    for resource in named:
        value = resource.state.get("arn") or resource.state["id"]
        reach = add(graph, {"nested": [{"newsArn": value}]}, (resource.urn,), resource.urn)
        assert not isinstance(reach.others, Vouched), resource.urn
        assert any("thing (Thing)" in entry.cause for entry in reach.ledger.entries), resource.urn


@pytest.mark.parametrize("ending", ["", "/any", ":any"])
def test_an_arn_in_a_document_names_its_resource_without_a_dependency(ending: str) -> None:
    graph = declare("rest_iam")
    (machine,) = (each for each in list_named(graph) if each.type == "aws:ec2/instance:Instance")
    reach = add(graph, {"document": json.dumps({"Resource": [f"{machine.state['arn']}{ending}"]})}, ())
    assert any("thing (Thing)" in entry.cause for entry in reach.ledger.entries)


@pytest.mark.parametrize("program", PROGRAMS)
def test_tags_and_prose_and_dependencies_change_nothing(program: str) -> None:
    graph = declare(program)
    own = [value for each in graph if each.custom for value in (each.state.get("id"), each.state.get("arn"), each.name)]
    words = " ".join(filter(None, (value for value in own if isinstance(value, str))))
    tags = {f"tag{number}": value for number, value in enumerate(words.split())}
    reach = add(graph, {"tags": tags, "description": words, "comment": words}, tuple(graph.resources))
    before = trace(graph)
    assert list(map(str, reach.paths)) == list(map(str, before.paths))
    assert list(map(str, reach.ledger.entries)) == list(map(str, before.ledger.entries)) == []
