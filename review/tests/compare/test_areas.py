"""Which changed inputs a heading names: all but those that are known to decide about nothing."""

import re
from dataclasses import replace
from typing import Any, Final

import pytest

from review.aws.catalog.catalog import ROWS, make_token
from review.aws.catalog.tables import load_table
from review.compare.areas import INERT, Inert, find_topic
from review.compare.lines import Topic
from review.graph import Graph
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import compare_graphs

NOTHING: Final = "no data, calls, rules or costs differ"
INPUTS: Final[dict[str, dict[str, str]]] = load_table("input_types")
_VALUES: Final[dict[str, tuple[Any, Any]]] = {"int": (1, 2), "float": (1.5, 2.5), "bool": (True, False)}
_WHOLE: Final = ("added", "deleted", "replaced", "*")


def test_each_type_that_the_review_reads_has_an_area() -> None:
    assert {token: find_topic(token) for token in ROWS if find_topic(token) is Topic.NOT_READ} == {}
    assert find_topic("quantum:device:Device") is Topic.NOT_READ


def test_each_inert_input_is_an_input_of_its_type_and_has_one_reason() -> None:
    rows = [
        (reason, name, key) for reason, types in INERT.items() for name, keys in types.items() for key in keys.split()
    ]
    assert all(len(reason.split()) > 3 for reason, _, _ in rows)
    assert len({row[1:] for row in rows}) == len(rows)
    unknown = [
        (name, key)
        for _, name, key in rows
        if name != "*" and key.partition(".")[0] not in (*INPUTS[make_token(name)], *_WHOLE)
    ]
    assert unknown == []


@pytest.mark.parametrize("token", sorted(INPUTS))
def test_every_input_is_inert_or_its_change_is_in_the_heading(token: str) -> None:
    for name, kind in INPUTS[token].items():
        before, after = (declared(token, **{name: value}) for value in _VALUES.get(kind, ("one", "two")))
        heading = compare_graphs(before, after).heading
        is_inert = Inert((before, after)).has(token, name)
        # An input that decides about nothing may still cost.
        is_only_paid = heading.startswith("Costs: ")
        assert (heading.endswith(NOTHING) or is_only_paid) == (is_inert and "(replaced)" not in heading), (
            name,
            heading,
        )
        protects = "Takes protection off: |Protects from deletion: "
        found = re.search(rf"\(({name}|replaced)\)|data: |another (value|time)|^(Costs: |{protects})", heading)
        assert heading.endswith(NOTHING) or found, (name, heading)


@pytest.mark.parametrize("token", sorted(INPUTS))
def test_a_resource_that_comes_or_goes_is_in_the_heading(token: str) -> None:
    there, empty = declared(token), Builder().graph()
    for before, after, fate in ((empty, there, "added"), (there, empty, "deleted")):
        heading = compare_graphs(before, after).heading
        # A rule may find a fault in what affects nothing.
        is_only_a_rule = re.fullmatch(r"(Newly|No longer) fails: [A-Z]+-\d+ \(\w+\)", heading) is not None
        assert (heading.endswith(NOTHING) or is_only_a_rule) == Inert((before, after)).has(token, fate), heading


def test_a_label_is_not_inert_where_a_policy_reads_labels() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "ec2:StopInstances",
        "Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}},
    }
    role = {"assumeRolePolicy": '{"Statement": []}', "inlinePolicies": [{"policy": str(statement)}]}

    def heading(**inputs: Any) -> str:
        graphs = []
        for value in ("one", "two"):
            build = Builder()
            build("iam/role:Role", "reader", **inputs)
            build("ec2/vpc:Vpc", "net", cidrBlock="10.0.0.0/16", tags={"a": value})
            graphs.append(build.graph())
        return compare_graphs(*graphs).heading

    assert heading().endswith(NOTHING)
    assert heading(**role) == "Changes the network: VPC net (a)"


def declared(token: str, **inputs: Any) -> Graph:
    build = Builder()
    build(token.removeprefix("aws:"), "one")
    graph = build.graph()
    return replace(graph, resources={urn: replace(one, inputs=inputs) for urn, one in graph.resources.items()})
