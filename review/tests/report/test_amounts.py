"""What the report says of money: totals, what has no price, and numbers of requests."""

import json
import re
from typing import Any

import jsonschema
import pytest

from review.cli.gatehouse import COMMANDS
from review.cost import Usage, UsageError
from review.evaluate.project_file import Project, load
from review.evaluate.runner import Evaluation
from review.evaluate.stack_file import read_stack
from review.graph.prose import HARD_SPACE
from review.report.render import costs
from review.report.render.json_report import as_json
from review.report.render.markdown import format_markdown
from review.report.render.text import format_plain
from review.report.report import Report, report
from review.tests.helpers.fixture_types import HEAD, Write
from review.tests.helpers.graph_reports import of_components
from review.tests.helpers.in_process.evaluation import evaluate
from review.tests.helpers.stacks import REVIEW


def review_of(project: Project, usage: Usage | None = None) -> Report:
    """The report as if components declared all that the program has."""
    made = evaluate(project, read_stack(project, "dev"), strict=False)
    return report(Evaluation(of_components(made.known), of_components(made.unknown)), usage)


def test_the_fixed_costs_have_a_total() -> None:
    house = review_of(load(REVIEW / "tests" / "programs" / "house"))
    together = costs.find_fixed_total(house.bill)
    assert together is not None
    assert together[1] == "$14.60"
    assert f"- **$14.60 a month** {together[0]}" in format_markdown(house)


def test_a_total_without_a_price_says_so(write_project: Write) -> None:
    program = HEAD + "aws.ec2.Eip('a')\naws.memorydb.Cluster('d', node_type='x', acl_name='a')\n"
    together = costs.find_fixed_total(review_of(write_project(program)).bill)
    assert together is not None
    assert together[1].endswith("+ ?")


def test_prices_that_are_missing_are_said(write_project: Write) -> None:
    unpriced = "aws.memorydb.Cluster('d', node_type='x', acl_name='a')"
    program = f"{HEAD}aws.ec2.Instance('i', ami='a', instance_type='x99.huge')\n{unpriced}"
    text = format_plain(review_of(write_project(program)), 200)
    assert "x99.huge (price not known)" in text
    assert "+ ?" in text
    assert "? stands for a price that the table does not have: x99.huge in eu-west-1" in text
    assert "`gatehouse prices` reads it" in text  # an installed package refuses to write its own table
    assert "prices" in COMMANDS
    assert "?   d (aws:memorydb/cluster:Cluster): in none of these sums, which are of what components declare" in text


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("""ami = aws.ec2.get_ami(most_recent=True, owners=['amazon'], filters=[
    {'name': 'name', 'values': ['Windows_Server-2022-English-Full-Base-*']}])
aws.ec2.Instance('w', ami=ami.id, instance_type='t3.large')""",
         ["t3.large (price not known)", "t3.large: the price of a machine with Windows is not in the table"]),
        ("""vpc = aws.ec2.get_vpc(default=True)
subnets = aws.ec2.get_subnets(filters=[{'name': 'vpc-id', 'values': [vpc.id]}])
aws.ec2.VpcEndpoint('e', vpc_id=vpc.id, service_name='com.amazonaws.eu-west-1.ssm', vpc_endpoint_type='Interface',
    subnet_ids=subnets.ids)""",
         ["the whole stack not known ssm (quantity not known)", "ssm: the number of its zones is not known"]),
        ("""subnet = aws.ec2.Subnet('p', vpc_id='vpc-1', cidr_block='10.0.1.0/24', map_public_ip_on_launch=True)
aws.ec2.Instance('web', ami='ami-1', instance_type='t3.micro', subnet_id=subnet.id)""",
         ["the whole stack", "t3.micro 8.32", "public IPv4 3.65"]),
    ],
)  # fmt: skip
def test_a_price_is_made_of_what_is_known(write_project: Write, program: str, said: list[str]) -> None:
    text = " ".join(format_plain(review_of(write_project(HEAD + program)), 200).split())
    assert [words for words in said if words not in text] == []


def test_a_quantity_that_is_not_known_is_not_a_missing_price(write_project: Write) -> None:
    program = f"""{HEAD}count = pulumi.StackReference('o/p/s').get_output('n')
definition = aws.ecs.TaskDefinition('t', family='t', cpu='256', memory='512', network_mode='awsvpc',
    requires_compatibilities=['FARGATE'], container_definitions='[]')
aws.ecs.Service('s', task_definition=definition.arn, launch_type='FARGATE', desired_count=count)
"""
    text = format_plain(review_of(write_project(program)), 200)
    assert "Fargate tasks (quantity not known)" in text
    assert "the number of tasks is not known" in text
    assert "a price that the table does not have" not in text


def test_another_number_of_requests_has_its_own_sum(write_project: Write) -> None:
    project = write_project(HEAD + "aws.apigatewayv2.Api('a', protocol_type='HTTP')")
    million = ("per million requests", "$1.47", "HTTP API 1.11 + data out 0.36")
    report = review_of(project, Usage(requests=1e9))

    def rows(one: Report) -> list[tuple[str, ...]]:
        return [tuple(text.replace(HARD_SPACE, " ") for text in row) for row in costs.list_call_costs(one.bill)]

    # Past 300 million HTTP API has a lower price: the items of a million still add up to the million.
    assert rows(review_of(project)) == [million]
    many = ("for the 1,000 million requests assumed", "$1,393", "HTTP API 1,033.00 + data out 360.00")
    assert rows(report) == [million, many]
    for form in (format_plain(report, 200), format_markdown(report)):
        assert all(text in form for text in many[:2])


def test_nothing_is_called_free_beside_what_has_no_price(write_project: Write, schema: Any) -> None:
    program = f"""{HEAD}pulumi.ComponentResource('other:index:Thing', 'thing', {{}}, None, True)
aws.memorydb.Cluster('d', node_type='x', acl_name='a')
"""
    report = review_of(write_project(program))
    for form in (format_plain(report), format_markdown(report)):
        assert "$0.00" not in form
        assert "nothing here has a fixed price" not in form
        assert "in none of these sums" in re.sub(r"\s+", " ", form)
        assert "thing (other:index:Thing)" in re.sub(r"\s+", " ", form)
    document = json.loads(as_json(report))
    jsonschema.validate(document, schema)
    assert {"type": "other:index:Thing", "count": 1, "names": ["thing"]} in document["cost"]["notPriced"]
    assert document["cost"]["fixed"] == {"whole": None}
    free = review_of(write_project(HEAD + "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')"))
    assert "$0.00   nothing here has a fixed price" in format_plain(free)


def test_usage_comes_from_the_stack_and_an_argument_wins(write_project: Write) -> None:
    config = "config: {'aws:region': eu-west-1, 'review:usage': {requests: 2M}}"
    project = write_project(HEAD, config=config)
    assert review_of(project).bill.usage.requests == 2e6
    assert review_of(project, Usage(requests=5)).bill.usage.requests == 5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "'review:usege': {requests: 2M}",
            "review:usege: the review reads no such key of the config; did you mean review:usage?",
        ),
        ("'review:x': 1", "review:x: the review reads no such key of the config; known keys: review:usage, review:ack"),
        ("'review:usage': 2M", "review:usage: got '2M'; want a map, such as {requests: 5M}"),
    ],
)
def test_usage_that_nothing_would_read_is_a_fault(write_project: Write, given: str, message: str) -> None:
    config = f"config: {{'aws:region': eu-west-1, {given}}}"
    with pytest.raises(UsageError, match=re.escape(message)):
        review_of(write_project(HEAD, config=config))
