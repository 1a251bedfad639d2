"""Each price names its inputs, and one that it does not read makes it approximate; only components are priced."""

import json
from typing import Any

import pytest

from review.aws.catalog import catalog
from review.cost.inputs import INPUTS, find_unread
from review.evaluate.runner import Evaluation
from review.graph import UNKNOWN, Graph
from review.report.render.costs import describe_items, list_caveats, list_fixed_costs
from review.report.render.json_report import as_json
from review.report.report import report
from review.tests.helpers.fixture_types import Run
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import estimate, of_components
from review.tests.helpers.sdk_classes import sdk_inputs
from review.tests.helpers.stacks import ALL, graph_of

PRICED = [
    token
    for token, row in catalog.ROWS.items()
    if row.cost is not None and (row.cost.items or row.cost.functions) and token.startswith("aws:")
]


def test_each_priced_type_has_a_row() -> None:
    assert [token for token in PRICED if token not in INPUTS] == []


@pytest.mark.parametrize("token", INPUTS)
def test_each_input_of_the_provider_is_read_changes_the_price_or_does_not(token: str) -> None:
    row = INPUTS[token]
    whole = {key for key in row.changes if "." not in key}
    assert row.reads | row.inert | whole == sdk_inputs(token) | {"name", "namePrefix", "tags", "description", "region"}
    assert not row.reads & row.inert
    assert not (row.reads | row.inert) & whole
    assert {key.partition(".")[0] for key in row.changes} - whole <= row.reads | row.inert


@pytest.mark.parametrize("stack", ALL)
def test_what_components_declare_is_priced_by_all_that_changes_the_price(stack: str) -> None:
    graph = graph_of(stack)
    assert find_unread(graph) == {}
    assert estimate(graph).unpriced == ()


def machine(**more: Any) -> Graph:
    build = Builder()
    disk = {"volumeType": "gp3", "volumeSize": 8, **more.pop("disk", {})}
    build("ec2/instance:Instance", "web", ami="ami-0a", instanceType="t4g.nano", rootBlockDevice=disk, **more)
    return build.graph()


@pytest.mark.parametrize(
    ("more", "unread"),
    [
        ({}, []),
        ({"tenancy": "default", "monitoring": False, "userData": "x", "disk": {"iops": 3000, "throughput": 125.0}}, []),
        ({"tenancy": "dedicated"}, ["tenancy of web"]),
        ({"monitoring": UNKNOWN}, ["monitoring of web"]),
        ({"disk": {"iops": 3001}}, ["rootBlockDevice.iops of web"]),
        ({"disk": {"throughput": UNKNOWN}}, ["rootBlockDevice.throughput of web"]),
        ({"inputOfANewerProvider": 1}, ["inputOfANewerProvider of web"]),
    ],
)
def test_an_input_that_no_price_reads_makes_it_approximate(more: dict[str, Any], unread: list[str]) -> None:
    bill = estimate(machine(**more))
    lines = [line for line in bill.lines if line.resource.name == "web"]
    assert [*map(list, {line.unread for line in lines})] == [unread]
    assert {line.sure for line in lines if line.item == "ec2-t4g.nano"} == {not unread}
    assert ("~" in describe_items(line for line in lines if line.item == "ec2-t4g.nano")) == bool(unread)
    for name in unread:
        assert any(f"the price does not count {name}" in text for text in list_caveats(bill))
        assert any(text.endswith("or that does not count an input") for text in list_caveats(bill))


def test_one_of_a_resource_beside_it_does_too() -> None:
    build = Builder()
    task: dict[str, Any] = {
        "cpu": "256",
        "memory": "512",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": "[]",
    }
    made = build("ecs/taskDefinition:TaskDefinition", "t", family="t", ephemeralStorage={"sizeInGib": 50}, **task)
    build("ecs/service:Service", "s", taskDefinition=made.id, launchType="FARGATE", desiredCount=1)
    lines = estimate(build.graph()).list_fixed()
    assert lines
    assert {line.unread for line in lines} == {("ephemeralStorage of t",)}


def test_the_document_names_the_inputs_of_each_price() -> None:
    graph = of_components(machine(tenancy="host"))
    lines = json.loads(as_json(report(Evaluation(graph, graph))))["cost"]["lines"]
    assert {(*line["inputs"], *line["notCounted"]) for line in lines} == {
        ("ami", "instanceType", "rootBlockDevice", "tenancy of web")
    }


def test_what_no_component_declares_is_named_and_not_priced(run_aws: Run) -> None:
    program = "aws.ec2.Instance('mine', instance_type='t4g.small', ami='a')\naws.ec2.Vpc('v', cidr_block='10.0.0.0/16')"
    graph = run_aws(program, config="config: {'aws:region': eu-west-1}")
    bill = report(Evaluation(graph, graph)).bill
    assert bill.lines == ()
    assert bill.sum_fixed() is None
    ((label, amount, sentence),) = list_fixed_costs(bill)
    assert (label, amount) == ("without calls", "?")
    assert sentence == "mine (aws:ec2/instance:Instance): in none of these sums, which are of what components declare"
