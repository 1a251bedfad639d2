"""What bills.yaml says of small programs."""

from pathlib import Path
from typing import Any

import pytest

from review.cost.estimate import add_known
from review.tests.cost.test_worst import MONTH
from review.tests.helpers.fixture_types import Run
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.stated_apis import front
from review.tests.helpers.yaml_tables import read_table

BILLS = read_table(Path(__file__).with_name("bills.yaml"))


@pytest.mark.parametrize("case", BILLS["fixed"], ids=lambda case: case["program"][:40])
def test_fixed_cost_by_type(run_aws: Run, case: dict[str, Any]) -> None:
    program = case["program"]
    for word, text in BILLS["words"].items():
        program = program.replace(f"${word}", text)
    bill = estimate(run_aws(program, config=f"config: {{'aws:region': {case.get('region', 'eu-west-1')}}}"))
    assert add_known(bill.list_fixed()) == pytest.approx(case["usd"], abs=0.001)
    assert bill.list_unknown() == []
    assert bill.unpriced == ()


@pytest.mark.parametrize("case", BILLS["worst"])
def test_the_calls_of_the_worst_month(case: dict[str, Any]) -> None:
    given = {key: part for key, part in case.items() if key in ("ways", "kind", "keys", "preflight")}
    build, _ = Builder.of(front, **given)
    worst = estimate(build.graph()).worst
    assert worst is not None
    calls = case.get("a_month", case.get("a_day", 0) * 730 / 24 or case.get("rate", 0) * MONTH)
    assert worst.requests == pytest.approx(calls)
    assert worst.why == case["why"]
