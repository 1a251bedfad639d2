"""The bill of a stack, line by line against prices multiplied out by hand."""

from datetime import date
from pathlib import Path

import pytest

from review.aws.catalog.month import HOURS
from review.cost import Estimate, Usage, UsageError
from review.cost.estimate import add_known
from review.cost.free_offers import list_free_offers
from review.cost.parts import Part
from review.cost.prices import Prices
from review.evaluate.project_file import load
from review.evaluate.stack_file import read_stack
from review.graph import UNKNOWN, Graph
from review.graph.prose import HARD_SPACE
from review.report.render.costs import describe_items, list_caveats, list_fixed_costs
from review.tests.helpers.fixture_types import Run
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.in_process.evaluation import run

IRELAND = "config: {'aws:region': eu-west-1}"


@pytest.fixture(scope="module")
def house() -> Graph:
    project = load(Path(__file__).parents[1] / "programs" / "house")
    return run(project, read_stack(project, "dev"))


def by_label(bill: Estimate) -> dict[str, float | None]:
    return {f"{line.component}: {line.label}": line.amount for line in bill.lines}


def test_the_houses_bill_line_by_line(house: Graph) -> None:
    """Prices of eu-west-1 as published, multiplied out by hand."""
    expected = {
        "network: t4g.nano": 3.358,  # 0.0046 * 730
        "network: disk 2 GB": 0.176,  # 2 * 0.088
        "network: public IPv4": 3.65,  # 0.005 * 730
        "backend: t4g.micro": 6.716,  # 0.0092 * 730
        "backend: disk 8 GB": 0.704,  # 8 * 0.088
        "front: REST API": 3.50,
        "front: data out": 0.36,  # 4 kB a call: 4 GB * 0.09
        "proxy: Lambda calls": 0.20,
        "proxy: Lambda time": 0.66667,  # 1M * 0.1 s * 0.5 GB * 0.0000133334
        "proxy: logs": 0.57,  # 1 kB a call: 1 GB
    }
    assert by_label(estimate(house)) == pytest.approx(expected)


def test_what_the_gatehouse_adds_is_listed_separately_from_the_backend(house: Graph) -> None:
    bill = estimate(house)
    assert bill.list_parts() == [Part.GATEHOUSE, Part.BACKEND]
    assert add_known(bill.list_fixed(Part.GATEHOUSE)) == pytest.approx(7.184)
    assert add_known(bill.list_fixed(Part.BACKEND)) == pytest.approx(7.42)
    assert bill.sum_components() == pytest.approx({"backend": 7.42, "network": 7.184})
    assert bill.per_million == pytest.approx(3.5 + 0.36 + 0.2 + 0.66667 + 0.57)
    assert bill.unpriced == ()


def test_the_worst_month_is_every_method_at_its_rate_from_first_to_last_second(house: Graph) -> None:
    worst = estimate(house).worst
    assert worst is not None
    assert worst.requests == 2 * 100 * 730 * 3600
    assert worst.why == "100/s for each method (GET /forward, POST /forward)"
    calls = 333 * 3.50 + (525.6 - 333) * 3.19
    rest = 525.6 * (0.36 + 0.2 + 0.66667 + 0.57)
    assert worst.usd == pytest.approx(calls + rest, rel=1e-4)
    # At the function's one second instead of a tenth, only its time grows.
    assert worst.until_timeout == pytest.approx(calls + rest + 525.6 * 0.66667 * 9, rel=1e-4)


def test_usage_changes_what_depends_on_it_and_nothing_else(house: Graph) -> None:
    low, high = estimate(house), estimate(house, Usage().replace_from_text("requests=10M, ms=200"))
    assert high.list_fixed() == low.list_fixed()
    assert by_label(high)["front: REST API"] == pytest.approx(35.0)
    assert by_label(high)["proxy: Lambda time"] == pytest.approx(2 * 10 * 0.66667, rel=1e-4)


def test_credits_without_a_limit_are_reported(run_aws: Run) -> None:
    program = "aws.ec2.Instance('i', instance_type='t4g.nano', ami='a', credit_specification={'cpu_credits': '%s'})"
    bill = estimate(run_aws(program % "unlimited", config=IRELAND))
    (line,) = bill.list_other_use()
    assert (line.label, line.price, line.amount) == ("CPU credits of t4g.nano", 0.04, 0)
    assert any("sustained load is billed on top" in said for said in list_caveats(bill))
    assert estimate(run_aws(program % "standard", config=IRELAND)).list_other_use() == []


def test_a_price_that_is_not_known_is_said_and_never_zero(run_aws: Run) -> None:
    unpriced = "aws.memorydb.Cluster('d', node_type='x', acl_name='a')"
    program = f"aws.ec2.Instance('i', instance_type='x99.huge', ami='a', associate_public_ip_address=False)\n{unpriced}"
    bill = estimate(run_aws(program, config=IRELAND))
    assert [(line.label, line.amount) for line in bill.list_unknown()] == [("x99.huge", None)]
    assert "no price for eu-west-1" in bill.list_unknown()[0].source
    assert bill.group_unpriced() == {"aws:memorydb/cluster:Cluster": ["d"]}
    assert estimate(run_aws(f"aws.ec2.Eip('e')\n{unpriced}", config=IRELAND)).sum_fixed() is None
    in_china = estimate(run_aws("aws.ec2.Eip('e')", config="config: {'aws:region': cn-north-1}"))
    assert [line.amount for line in in_china.lines] == [None]


def test_resources_beside_the_components_are_not_added_by_them(run_aws: Run) -> None:
    program = """
pulumi.ComponentResource("gatehouse:index:PrivateNetwork", "network")
aws.ec2.Instance("mine", instance_type="t4g.small", ami="ami-1", subnet_id="s")
aws.lb.LoadBalancer("balancer", load_balancer_type="application", internal=True, subnets=["s"])
"""
    bill = estimate(run_aws(program, config=IRELAND))
    assert bill.list_parts() == [Part.BACKEND, Part.OTHER]
    assert {line.resource.name for line in bill.list_fixed(Part.OTHER)} == {"mine"}
    assert list_fixed_costs(bill)[1][0] == "other resources of the program"


def test_what_aws_gives_away_is_named_and_not_taken_off(run_aws: Run) -> None:
    program = "aws.ec2.Instance('i', instance_type='t4g.small', ami='ami-1', subnet_id='s')"
    bill = estimate(run_aws(program, config=IRELAND))
    assert any("$200 of credits" in offer for offer in bill.free)
    assert not any("Lambda" in offer for offer in bill.free)
    (said,) = (said for said in list_caveats(bill) if "not deducted" in said)
    assert said.startswith("AWS Free Tier, not deducted: ")
    machine = next(line for line in bill.lines if line.item == "ec2-t4g.small")
    assert machine.amount == pytest.approx(0.0184 * HOURS)
    trial = ["t4g.small: 750 hours a month of an account, until 2026-12-31"]
    assert list_free_offers({"ec2-t4g.small"}, date(2026, 12, 31))[:1] == trial
    assert list_free_offers({"ec2-t4g.small"}, date(2027, 1, 1))[:1] != trial
    assert list_free_offers(set()) == []


def test_a_metric_that_an_alarm_watches_is_paid_once_and_those_of_aws_not_at_all(run_aws: Run) -> None:
    program = "".join(
        f"aws.cloudwatch.MetricAlarm({name!r}, namespace={namespace!r}, metric_name='Works', comparison_operator="
        "'LessThanThreshold', evaluation_periods=1, period=60, statistic='Minimum', threshold=1)\n"
        for name, namespace in (("a", "Mine"), ("b", "Mine"), ("c", "AWS/EC2"))
    )
    lines = estimate(run_aws(program, config=IRELAND)).list_fixed()
    assert sorted(line.amount or 0 for line in lines) == pytest.approx([0.1, 0.1, 0.1, 0.3])
    assert "custom metric Works" in {line.label for line in lines}


def test_an_alarm_on_several_metrics_has_a_product_of_its_own(run_aws: Run) -> None:
    metric = {"metricName": "Works", "namespace": "AWS/EC2", "period": 60, "stat": "Sum"}
    simple = "namespace='AWS/EC2', metric_name='Works', period=60, statistic='Sum'"
    several = f"metric_queries={[{'id': name, 'metric': metric} for name in 'ab']!r}"
    program = "".join(
        f"aws.cloudwatch.MetricAlarm('alarm{at}', comparison_operator='LessThanThreshold', evaluation_periods=1, "
        f"threshold=1, {watched})\n"
        for at, watched in enumerate((simple, simple, several))
    )
    items = describe_items(estimate(run_aws(program, config=IRELAND)).list_fixed()).replace(HARD_SPACE, " ")
    assert set(items.split(" + ")) == {"2 × alarm 0.20", "alarm on 2 metrics 0.20"}


def test_a_regional_nat_gateway_whose_zones_aws_decides_has_no_known_price(run_aws: Run) -> None:
    bill = estimate(run_aws("aws.ec2.NatGateway('n', vpc_id='v', availability_mode='regional')", config=IRELAND))
    assert bill.sum_fixed() is None


def test_a_metric_whose_namespace_is_not_known_has_no_known_price() -> None:
    build = Builder()
    build("cloudwatch/metricAlarm:MetricAlarm", "a", namespace=UNKNOWN, metricName="Works", period=60)
    bill = estimate(build.graph())
    assert bill.sum_fixed() is None
    assert "the namespace of its metric is not known" in {line.note for line in bill.list_fixed()}


def test_usage_is_read_with_suffixes_and_its_mistakes_are_named() -> None:
    usage = Usage().replace_from_text("requests=5M, kb_out=2.5")
    assert (usage.requests, usage.kb_out, usage.ms) == (5e6, 2.5, 100.0)
    assert usage.describe().startswith("requests=5M, kb_in=1, kb_out=2.5")
    assert Usage().replace_settings({"requests": 3, "ms": "20"}).requests == 3
    for text, said in [
        ("request=1", "did you mean 'requests'"),
        ("requests=lots", "want a number"),
        ("requests=-1", "want a number"),
        ("requests", "want name=quantity"),
        ("zzz=1", "known: requests"),
    ]:
        with pytest.raises(UsageError, match="usage: ") as caught:
            Usage().replace_from_text(text)
        assert said in str(caught.value)


def test_another_table_of_prices_can_be_used(house: Graph) -> None:
    empty = Prices({"items": {}, "sources": {}, "as_of": "never"})
    bill = estimate(house, prices=empty)
    assert all(line.amount is None for line in bill.lines)
    assert bill.per_million is None
