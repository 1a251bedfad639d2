"""What automatic scaling may add, and the region that prices are for, in what a reader sees."""

import json

import jsonschema
import pytest

from review.aws.catalog import types
from review.aws.model.model import AwsModel
from review.cost.scaling import estimate_scaling
from review.evaluate.problems import StackFileError
from review.report.render.costs import list_worst_month
from review.report.render.json_report import as_json
from review.report.render.markdown import format_markdown
from review.report.render.text import format_plain
from review.report.report import Report, report
from review.tests.helpers.fixture_types import Run
from review.tests.helpers.stacks import ROOT, evaluation_with

PROXY = {"topology": "vpc-link", "ingress": {"kind": "alb"}, "api": {"kind": "http"}}
IMAGE = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1.0"


def scaled(kind: str, **backend: object) -> Report:
    config = {**PROXY, "backend": {"kind": kind, "image": IMAGE, "port": 80, **backend}}
    return report(evaluation_with(config))


@pytest.mark.parametrize("kind", ["fargate", "ec2"])
def test_the_maximum_of_scaling_is_in_the_worst_month(kind: str) -> None:
    """Six in place of two are three times what the two cost, and their number does not change that of the balancer."""
    few, many = (scaled(kind, scaling={"minimum": 2, "maximum": most, "cpuPercent": 60}) for most in (2, 6))
    assert few.bill.scaling == pytest.approx(0)
    of_backend = sum(
        line.amount or 0.0
        for line in many.bill.list_fixed()
        if line.resource.type.endswith((":Service", ":Group")) and line.component == "backend"
    )
    assert of_backend > 0
    assert many.bill.scaling == pytest.approx(2 * of_backend)
    assert (f"+ ${2 * of_backend:,.2f}", "if automatic scaling stays at its maximum") in list_worst_month(many)
    assert not [line for line in list_worst_month(few) if "automatic scaling" in line[1]]


def test_what_is_not_known_of_a_part_is_not_known_of_all(run_program: Run) -> None:
    graph = run_program("import pulumi_aws as aws\naws.autoscaling.Group('fleet', min_size=1, max_size=3)\n")
    (group,) = graph.list_by_type(*types.SCALING_GROUP)
    model = AwsModel(graph)
    assert estimate_scaling([(group, 10.0)], model) == 20.0
    assert estimate_scaling([(group, 10.0), (group, None)], model) is None


def test_a_firewall_inspects_what_is_refused_as_well() -> None:
    config = {
        **PROXY,
        "api": {"kind": "rest"},
        "protection": {"waf": {}},
        "backend": {"kind": "fargate", "image": IMAGE, "port": 80},
    }
    assert ("+ $0.60", "for each million refused calls, which the web ACL inspects too") in list_worst_month(
        report(evaluation_with(config))
    )


GREETER = {"topology": "public-proxy", "backend": {"kind": "greeter"}}


def test_a_stack_without_a_region_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StackFileError, match="aws:region: it is not set"):
        evaluation_with({**GREETER, "aws:region": None})


def test_a_region_without_prices_is_named_at_the_top() -> None:
    said = "cn-north-1: the price table has no such region, so no sum of dollars is known"
    found = report(evaluation_with({**GREETER, "aws:region": "cn-north-1"}))
    assert found.region_notes == (said,)
    assert format_plain(found).splitlines()[1].startswith(said[:40])
    assert format_markdown(found).splitlines()[2].startswith("⚠️ ")
    document_ = json.loads(as_json(found))
    jsonschema.validate(document_, json.loads((ROOT / "review" / "docs" / "review.schema.json").read_text()))
    assert document_["regionNotes"] == [said]
    cost = document_["cost"]
    assert (cost["perMillionRequests"], cost["worstMonth"]["usd"]) == (None, None)
