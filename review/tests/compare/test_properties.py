"""Properties of comparisons of stack files and of the pairs."""

import itertools
import json
import re
from dataclasses import replace

import pytest

from review.compare.comparison import Comparison
from review.compare.lines import Group
from review.compare.render import FIRST_SCREEN, document, markdown_blocks, text_lines
from review.graph import Graph, Resource, Secret
from review.report.render.markdown import safe
from review.tests.compare.pairs import PAIRS, graphs
from review.tests.compare.properties import faults
from review.tests.helpers.stacks import EXAMPLES, STACKS, graph_of
from review.tests.updates import compared

FILES = [*STACKS, *EXAMPLES]
NEIGHBOURS = [*itertools.pairwise(FILES)]


def rendered(found: Comparison) -> str:
    """All three forms."""
    text = "\n".join(f"{sign} {line}" for sign, line in text_lines(found))
    return "\n".join([text, *markdown_blocks(found, str), json.dumps(document(found), ensure_ascii=False)])


@pytest.mark.parametrize("stack", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in FILES])
def test_a_stack_file_does_not_differ_from_itself(stack: str) -> None:
    found = compared(graph_of(stack), graph_of(stack))
    assert (found.lines, found.heading, found.failures) == ((), "Nothing differs", [])


@pytest.mark.parametrize("pair", NEIGHBOURS, ids=str)
def test_stack_files_against_each_other(pair: tuple[str, str]) -> None:
    assert faults(graph_of(pair[0]), graph_of(pair[1])) == []


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_keep_the_properties(name: str) -> None:
    assert faults(*graphs(name)) == []


SECRET_NAMES = ("password", "apiKey", "DB_PASSWORD", "GITHUB_TOKEN", "clientSecret", "privateKey")


def planted(graph: Graph, word: str) -> Graph:
    """A version of a stack with secrets: some marked, and others only by the names of inputs and variables."""

    def plant(number: int, resource: Resource) -> Resource:
        own = f"{word}{number:04}"
        names = {name: f"{name[:2]}{own}" for name in SECRET_NAMES}
        variables = [{"name": name, "value": value} for name, value in names.items()]
        document = json.dumps([{"name": "app", "environment": variables}])
        script = f"#!/bin/bash\nexport API_TOKEN=to{own}\ncurl https://user:{own}@example.com\nAKIA{own[-16:]:A>16}"
        planted = {"description": Secret(f"ma{own}"), "variables": names, "definitions": document, "userData": script}
        return replace(resource, inputs={**resource.inputs, **planted})

    resources = {urn: plant(at, one) if one.custom else one for at, (urn, one) in enumerate(graph.resources.items())}
    return replace(graph, resources=resources)


@pytest.mark.parametrize("stack", FILES[:6])
def test_no_secret_is_printed(stack: str) -> None:
    graph = graph_of(stack)
    first, second = planted(graph, "ONEHIDDEN"), planted(graph, "TWOHIDDEN")
    for before, after in ((graph, first), (first, second), (second, graph)):
        found = compared(before, after)
        assert found.lines
        assert re.findall(r"\S*(?:ONE|TWO)HIDDEN\d*", rendered(found)) == []


@pytest.mark.parametrize(
    ("name", "fails"),
    [
        ("a route opened", ["GET /orders (and below) of front", "API-01 (high)", "API-01 (high)"]),
        ("a table removed", ["one (Table) is deleted"]),
        ("a retained table removed", []),
        ("a protected table removed", []),
        ("a bucket removed", []),
        ("logs kept for less", []),
        ("another image", []),
        ("a NAT gateway", []),
        ("another throttle", []),
        ("perhaps a replacement", []),
    ],
)
def test_what_strict_makes_an_error(name: str, fails: list[str]) -> None:
    found = compared(*graphs(name)).failures
    assert [text.startswith(start) for text, start in zip(found, fails, strict=True)] == [True] * len(fails), found


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        (
            "a route opened",
            "Opens to anyone: GET /orders (and below) of front; Newly fails: API-01 (high); Changes calls",
        ),
        ("a table removed", "Deletes data: one"),
        ("another image", "Replaces data: backend-instance (8 GB)"),
        ("a resource added", "1 resource changes; no data, calls, rules or costs differ"),
        ("a set in another order", "Nothing differs"),
        ("another throttle", "Changes calls: GET /orders (and below); Costs: $2,724.22 → $278.39 a month for calls"),
    ],
)
def test_the_heading_has_the_gravest_facts(name: str, heading: str) -> None:
    assert compared(*graphs(name)).heading.startswith(heading)


def test_the_first_screen_has_thirty_lines_and_the_others_are_folded() -> None:
    found = compared(graph_of("dev"), graph_of("examples/private-cross-account.yaml"))
    assert len(found.lines) > FIRST_SCREEN
    shown, folded = "\n".join(markdown_blocks(found, safe)).split("<details>")
    assert shown.count("\n- `") == FIRST_SCREEN
    assert folded.count("\n- `") == len(found.lines) - FIRST_SCREEN
    text = [line for _, line in text_lines(found)]
    assert f"The other {len(found.lines) - FIRST_SCREEN} lines:" in text
    groups = [line.group for line in found.lines]
    assert groups == sorted(groups, key=list(Group).index)
    assert "<" not in re.sub(r"</?(details|summary|span)>|<!-- -->", "", "".join(markdown_blocks(found, safe)))
