"""Comparisons of the pairs of pairs.yaml and of stack files: the line that each must have, and what all keep."""

import itertools
import json
import re
from dataclasses import replace

import pytest

from review.compare.comparison import Comparison
from review.compare.lines import Group
from review.compare.render import FIRST_SCREEN, build_document, format_markdown_blocks, format_text_lines
from review.graph import Graph, Resource, Secret
from review.report.render.markdown import escape
from review.tests.compare.pairs import PAIRS, comparison, graphs
from review.tests.compare.properties import faults
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import STACKS, VARIED, graph_of

FILES = [*STACKS, *(str(one.values[0]) for one in VARIED)]


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_has_its_line_and_keeps_the_properties(name: str) -> None:
    wanted = PAIRS[name]["line"]
    lines = [f"{line.topic.group.name.lower()} {line.sign.value} {line.sentence}" for line in comparison(name).lines]
    if wanted == "nothing":
        assert lines == []
    elif wanted.upper() in Group.__members__:
        assert not [line for line in lines if line.startswith(f"{wanted} ")]
    else:
        assert any(wanted in line for line in lines), "\n".join(lines)
    assert faults(*graphs(name)) == []


@pytest.mark.parametrize("pair", [*itertools.pairwise(FILES)], ids=str)
def test_stack_files_keep_them_and_none_differs_from_itself(pair: tuple[str, str]) -> None:
    before, after = map(graph_of, pair)
    assert faults(before, after) == []
    found = compare_graphs(before, before)
    assert (found.lines, found.heading, found.failures) == ((), "Nothing differs", [])


SECRET_NAMES = ("password", "apiKey", "DB_PASSWORD", "GITHUB_TOKEN", "clientSecret", "privateKey")


def insert_secrets(graph: Graph, word: str) -> Graph:
    """A version of a stack with secrets: some marked, and others only by the names of inputs and variables."""

    def insert_secret(number: int, resource: Resource) -> Resource:
        own = f"{word}{number:04}"
        names = {name: f"{name[:2]}{own}" for name in SECRET_NAMES}
        variables = [{"name": name, "value": value} for name, value in names.items()]
        definitions = json.dumps([{"name": "app", "environment": variables}])
        script = f"#!/bin/bash\nexport API_TOKEN=to{own}\ncurl https://user:{own}@example.com\nAKIA{own[-16:]:A>16}"
        more = {"description": Secret(f"ma{own}"), "variables": names, "definitions": definitions, "userData": script}
        return replace(resource, inputs={**resource.inputs, **more})

    resources = {
        urn: insert_secret(at, one) if one.custom else one for at, (urn, one) in enumerate(graph.resources.items())
    }
    return replace(graph, resources=resources)


def rendered(found: Comparison) -> str:
    """All three forms."""
    text = "\n".join(f"{sign} {line}" for sign, line in format_text_lines(found))
    return "\n".join([text, *format_markdown_blocks(found, str), json.dumps(build_document(found), ensure_ascii=False)])


@pytest.mark.parametrize("stack", FILES[:3])
def test_no_secret_is_printed(stack: str) -> None:
    graph = graph_of(stack)
    first, second = insert_secrets(graph, "ONEHIDDEN"), insert_secrets(graph, "TWOHIDDEN")
    for before, after in ((graph, first), (first, second), (second, graph)):
        found = compare_graphs(before, after)
        assert found.lines
        assert re.findall(r"\S*(?:ONE|TWO)HIDDEN\d*", rendered(found)) == []


@pytest.mark.parametrize(
    ("name", "places", "headings"),
    [
        ("a route opened", ["GET /orders (and below) of front (− IAM)"],
         ["Opens to anyone: GET /orders (and below) of front (− IAM)"]),
        ("a table removed", ["one"], ["Deletes data: one"]),
        ("a retained table removed", [], ["Leaves the stack and stays in AWS: one"]),
        ("a protected table removed", [], ["Is refused: one (Table) leaves the program and is protected"]),
        ("a bucket removed", [], ["Deletes data: one"]),
        ("logs kept for less", [], ["1 resource changes: one (LogGroup)"]),
        ("another throttle", [],
         ["Costs at the limits: $2,724.22 → $278.39 a month for calls, if they come at the limit all month",
          "Changes limits: GET /orders (and below) of front (100/s, burst 50 → 10/s, burst 5)"]),
        ("perhaps a replacement", [], ["1 resource changes: one (Device)"]),
        ("a set in another order", [], ["Nothing differs"]),
    ],
)  # fmt: skip
def test_what_strict_makes_an_error_and_the_heading_has_the_gravest_facts(
    name: str, places: list[str], headings: list[str]
) -> None:
    found = comparison(name)
    assert [line.place for line in found.failures] == places
    assert found.headings[: len(headings)] == headings


def test_the_first_screen_has_thirty_lines_and_the_others_are_folded() -> None:
    found = compare_graphs(graph_of("dev"), graph_of("examples/private-cross-account.yaml"))
    others = len(found.lines) - FIRST_SCREEN
    shown, folded = "\n".join(format_markdown_blocks(found, escape)).split("<details>")
    assert (shown.count("\n- `"), folded.count("\n- `")) == (FIRST_SCREEN, others)
    assert f"The other {others} lines:" in [line for _, line in format_text_lines(found)]
    groups = [line.topic.group for line in found.lines]
    assert groups == sorted(groups, key=list(Group).index)
    assert "<" not in re.sub(r"</?(details|summary|span)>|<!-- -->", "", "".join(format_markdown_blocks(found, escape)))
