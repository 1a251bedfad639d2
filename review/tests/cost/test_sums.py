"""The report prints the sums that a comparison compares."""

from dataclasses import replace

import pytest

from review.compare.facts import Later, collect_facts
from review.compare.report_rows import list_cost_lines
from review.cost import Usage, sums
from review.evaluate.runner import Evaluation
from review.report.render.costs import format_dollars, list_call_costs, list_sums, list_worst_month
from review.report.report import report
from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import remembered

CONFIG = {
    "topology": "vpc-link",
    "network": {"egress": "nat-instance"},
    "ingress": {"kind": "alb"},
    "backend": {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80},
    "api": {"kind": "rest", "routes": [{"path": "/orders", "methods": ["GET"], "authorization": "iam"}]},
}


def _scaled(maximum: int) -> dict[str, object]:
    backend = {**CONFIG["backend"], "scaling": {"minimum": 1, "maximum": maximum, "cpuPercent": 60}}  # type: ignore[dict-item]
    return {**CONFIG, "backend": backend}


@pytest.mark.parametrize("change", [{}, {"ingress": {"kind": "nlb"}}, {"network": {"egress": "nat-gateway"}}])
def test_the_report_prints_the_sums_of_the_comparison(change: dict[str, object]) -> None:
    graph = remembered({**CONFIG, **change})
    made = report(Evaluation(graph, graph))
    facts = collect_facts(graph, Usage())
    known = {
        found.label: format_dollars(found.amount) for found in sums.list_sums(facts.bill) if found.amount is not None
    }
    assert dict(list_sums(made.bill)) == {
        "total without calls": known[sums.FIXED],
        "total with 1 million requests": known[sums.USED],
    }
    assert [amount for label, amount, _ in list_call_costs(made.bill)] == [known[sums.PER_MILLION]]
    assert known[sums.AT_THE_LIMIT] in list_worst_month(made)[0][1]


def test_another_maximum_of_scaling_is_a_line_and_the_same_bill_is_none() -> None:
    before, after = remembered(_scaled(6)), remembered(_scaled(100))
    lines = [line.text for line in compare_graphs(before, after).lines if line.topic.group.name == "MONEY"]
    assert any(sums.SCALED in line for line in lines), lines
    facts = collect_facts(before, Usage())
    assert [*list_cost_lines(facts, facts, Later())] == []


def test_a_price_that_is_not_known_cannot_be_compared() -> None:
    facts = collect_facts(remembered(CONFIG), Usage())
    (first, *others) = facts.bill.lines
    lacking = replace(facts, bill=replace(facts.bill, lines=(replace(first, amount=None, price=None), *others)))
    texts = [line.text for line in list_cost_lines(facts, lacking, Later())]
    assert any(text.startswith("cannot compare") for text in texts), texts
    assert [*list_cost_lines(lacking, lacking, Later())] == []


def test_the_known_parts_are_compared_where_neither_version_has_a_price_for_the_rest() -> None:
    facts = collect_facts(remembered(CONFIG), Usage())
    (first, second, *others) = facts.bill.lines
    unpriced = replace(first, amount=None, price=None)
    before = replace(facts, bill=replace(facts.bill, lines=(unpriced, second, *others)))
    after = replace(facts, bill=replace(facts.bill, lines=(unpriced, *others)))
    texts = [line.text for line in list_cost_lines(before, after, Later())]
    assert not [text for text in texts if "cannot compare" in text]
    same = f"; ? is the same in both: {first.label} ({first.quantity})"
    assert [text for text in texts if sums.PER_MILLION in text and text.endswith(same)], texts
