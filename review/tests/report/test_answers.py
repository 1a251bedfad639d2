"""Open, closed or cannot tell; passed, failed, inconclusive or nothing to look at; a price, free or unknown."""

import json
import re
from typing import Any

import jsonschema
import pytest

from review.evaluate.runner import Evaluation
from review.reach.path import Kind
from review.report.render.json_report import as_json, build_document
from review.report.render.markdown import format_markdown
from review.report.render.outside import describe_outside, is_only
from review.report.render.text import format_plain
from review.report.render.verdict import make_banner
from review.report.report import Report, report
from review.tests.helpers.fixture_types import Review
from review.tests.helpers.stacks import ALL, evaluation, graph_of, graph_with
from review.tests.report.conftest import HOUSE, forms

pytestmark = pytest.mark.usefixtures("in_this_process")
NOBODY = "no path from outside is open"
UNREAD = """
aws.globalaccelerator.Accelerator("cluster")
aws.elasticbeanstalk.Environment("data", application="app")
"""


def test_no_path_and_no_price_beside_what_was_not_read_is_no_promise(review_of: Review, schema: Any) -> None:
    review = review_of(UNREAD)
    for text in forms(review)[:2]:
        assert "no way in was found among the resources that were read" in text
        assert "data (aws:elasticbeanstalk/environment:Environment), which no component states" in text
        assert NOBODY not in text
    told = json.loads(as_json(review))
    jsonschema.validate(told, schema)
    assert told["cost"]["fixed"] == {"whole": None}
    assert "data (aws:elasticbeanstalk/environment:Environment)" in forms(review)[0]


API = "api = aws.apigatewayv2.Api('a', protocol_type='HTTP')\n"
STAGE = "aws.apigatewayv2.Stage('s', api_id=api.id, name='$default', auto_deploy=True)\n"


def test_an_api_that_no_component_declares_is_no_path_and_no_promise(review_of: Review) -> None:
    review = review_of(
        f"{API}made = aws.apigatewayv2.Integration('i', api_id=api.id, integration_type='HTTP_PROXY',"
        "integration_uri='https://example.com/', integration_method='ANY')\n"
        "target = made.id.apply('integrations/{}'.format)\n"
        f"aws.apigatewayv2.Route('r', api_id=api.id, route_key='GET /', target=target)\n{STAGE}"
    )
    assert review.paths == ()
    for text in forms(review)[:2]:
        assert "no way in was found among the resources that were read" in text
        assert "a (aws:apigatewayv2/api:Api), which no component states" in text
        assert NOBODY not in text


@pytest.mark.parametrize("program", ["", "aws.s3.Bucket('b')", "aws.ec2.Vpc('v', cidr_block='10.0.0.0/16')", API])
def test_a_program_without_a_backend_has_no_empty_part(review_of: Review, schema: Any, program: str) -> None:
    review = review_of(program)
    for form in (format_plain(review), format_markdown(review)):
        assert NOBODY in form or "no way in was found among the resources" in form
        assert not re.search(r"<(\w+)[^>]*>\s*</\1>|class=\"\"|</summary>\s*</details>", form.replace("<td></td>", ""))
        # No table without a row.
        assert not re.search(r"\|--[-:|]*\n\s*(\n|$)", form)
    jsonschema.validate(json.loads(as_json(review)), schema)


def test_rules_with_nothing_to_look_at_have_not_passed(review_of: Review) -> None:
    review = review_of("aws.sns.Topic('t')")
    assert review.tally.nothing > review.tally.passed
    assert f"RULES   {review.tally.passed} passed" in format_plain(review)
    assert json.loads(as_json(review))["rules"]["passed"] == review.tally.passed


def test_a_call_without_a_price_makes_the_sum_unknown() -> None:
    graph = graph_with({**HOUSE, "aws:region": "cn-north-1"})
    made = report(Evaluation(graph, graph))
    assert build_document(made)["cost"]["perMillionRequests"] is None
    assert "price not known" in forms(made)[0]


def test_findings_of_one_rule_are_shown_thrice_and_counted(review_of: Review) -> None:
    review = review_of("for n in range(9):\n    pulumi.export(f'password{n}', f'hunter2-is-long-enough-{n}')")
    (rule,) = {finding.rule.id for finding in review.list_findings("failed")}
    assert len(review.list_findings("failed")) == 9
    for form in (format_plain(review), format_markdown(review)):
        # Once in the verdict, and with each finding that is shown.
        assert re.sub(r"<[^>]*>", "", form).count(rule) <= 5
        assert "and 6 more" in form


def test_no_path_of_the_json_is_open_and_uncertain() -> None:
    graph = graph_of("examples/existing-balancer.yaml")
    paths = build_document(report(Evaluation(graph, graph)))["paths"]
    assert None in [path["open"] for path in paths]
    for path in paths:
        assert (path["open"] is None) == (bool(path["uncertainty"]) and not path["blockedBy"])


def reviewed(**config: Any) -> Report:
    api = {"routes": [{"path": "/", "authorization": "iam"}]}
    adopted = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"], **config.pop("more", {})}
    graph = graph_with({"topology": "public-proxy", "api": api, "network": adopted, **config})
    return report(Evaluation(graph, graph))


def test_who_else_calls_a_backend_that_is_only_named_is_not_known() -> None:
    found = reviewed(backend={"url": "http://10.20.30.40:8080"})
    (way,) = [path for path in found.paths if path.open and path.kind is Kind.INBOUND]
    assert not is_only(found, way)
    assert "the only way in" not in format_plain(found)


def test_routes_of_an_adopted_network_are_not_taken_for_public() -> None:
    found = reviewed(more={"egress": "ipv6"}, backend={"image": "traefik/whoami:v1.11.0", "port": 80})
    assert not found.list_findings("failed")
    assert "(cannot tell: the routes of its network are its owner's)" in format_plain(found)


@pytest.mark.parametrize("stack", ALL)
def test_no_line_below_contradicts_it_and_the_boxes_have_all_fixed_costs(stack: str) -> None:
    found = report(evaluation(stack))
    sentence = describe_outside(found)
    # A call of the stack's own machine begins inside.
    paths = [path for path in found.paths if path.open and path.kind.value != "outbound" and path.origin is None]
    outside = [path for path in paths if not str(path).startswith("people →")]
    number = int(match[0]) if (match := re.match(r"\d+", sentence)) else 0
    assert number == len(outside)
    if kinds := re.findall(r"(\d+) (?:for|undecided)", sentence):
        assert sum(map(int, kinds)) == number
    whole = found.bill.sum_fixed()
    assert whole is not None
    assert sum(node.fixed or 0 for node in found.diagram.nodes.values()) == pytest.approx(whole)


@pytest.mark.xdist_group("examples/existing-balancer.yaml")
def test_a_guarded_front_is_never_called_open() -> None:
    said = [caller.sentence for caller in make_banner(report(evaluation("examples/existing-balancer.yaml"))).callers]
    assert said
    assert said[0].startswith("cannot tell whether a call arrives: ")
    assert all(line.endswith(("is not known", "are not known")) for line in said[1:])


def test_needless_costs_are_named() -> None:
    def list_notes(egress: list[str], budget: int) -> str:
        stack = {
            "aws:region": "eu-west-1",
            "topology": "public-proxy",
            "network": {"egress": egress},
            "backend": {"image": "nginx:1.29", "platform": "linux/arm64"},
            "protection": {"budget": {"monthlyUsd": budget, "emails": ["a@example.com"]}},
            "api": {"routes": [{"path": "/", "authorization": "iam"}]},
        }
        graph = graph_with(stack)
        return "\n".join(report(Evaluation(graph, graph)).notes)

    notes = list_notes(["nat-gateway", "nat-instance"], 10)
    assert "a month are over the budget of $10.00: it alerts each month" in notes
    assert "network pays for two ways out" in notes
    notes = list_notes(["nat-instance"], 99)
    assert "budget" not in notes
    assert "two ways out" not in notes
