"""Inputs that stack files declare, altered by a transform: each leaves a reason why a sentence is withheld."""

from dataclasses import replace

import pytest

from review.aws.catalog.catalog import is_read
from review.facts.statements import PACKAGE
from review.graph import Graph, Resource
from review.ledger.entries import list_entries
from review.ledger.ways import find_ways_of_kind, is_inert
from review.tests.helpers.stacks import EXAMPLES, STACKS, graph_of

pytestmark = pytest.mark.slow


def alter(graph: Graph, resource: Resource, key: str) -> Graph:
    altered = replace(resource, altered=frozenset({key}))
    return replace(graph, resources={**graph.resources, resource.urn: altered})


def test_no_altered_input_leaves_every_sentence_without_a_reason() -> None:
    seen = set[tuple[str, str]]()
    for graph in map(graph_of, (*STACKS, *EXAMPLES)):
        assert [str(entry) for entry in list_entries(graph) if entry.ways] == []
        for resource in graph:
            decides = is_read(resource.type) and find_ways_of_kind(resource.type)
            for key in resource.inputs if resource.custom and not resource.existing and decides else ():
                if (resource.type, key) in seen or is_inert(key):
                    continue
                seen.add((resource.type, key))
                entries = [entry for entry in list_entries(alter(graph, resource, key)) if entry.ways]
                assert any(resource.urn in entry.at for entry in entries), (resource.type, key)
    assert len(seen) > 100


def test_an_altered_statement_is_not_read() -> None:
    graph = graph_of("dev")
    front = next(resource for resource in graph if resource.type == f"{PACKAGE}ApiFront")
    (entry,) = [each for each in list_entries(alter(graph, front, "reach")) if each.ways]
    assert "a transform changes the statement of front" in entry.cause
    assert {front.urn, *(child.urn for child in graph.list_children(front.urn))} <= entry.at.keys()
