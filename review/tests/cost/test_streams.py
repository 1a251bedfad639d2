"""What streams cost: Lambda's time while they are open, calls for each 10 MB, and the month at the limit."""

import pytest

from review.aws.model.model import AwsModel
from review.cost import Estimate, Usage
from review.cost.prices import load_prices
from review.reach import trace
from review.report.limitations import list_limitations
from review.tests.cost.test_worst import MONTH
from review.tests.helpers.graph_builder import Builder
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.stacks import graph_of
from review.tests.helpers.stated_apis import front, function

GIGABYTE_SECOND = 0.0000133334


CHAT = {"streams": 900}


def lines(bill: Estimate) -> dict[str, float]:
    return {line.label: line.quantity or 0.0 for line in bill.list_calls()}


def test_lambda_is_paid_for_while_a_stream_is_open() -> None:
    build = Builder()
    front(build, {"POST /chat": CHAT}, to=function(build))
    bill = estimate(build.graph(), Usage(requests=1000, stream_seconds=30))
    # 1000 calls * 30 s * 1 GB
    assert lines(bill)["Lambda time"] == 30_000
    note = next(line.note for line in bill.list_calls() if line.label == "Lambda time")
    assert "while they are open" in note


def test_whole_answers_take_no_longer_than_before() -> None:
    build, to = Builder.of(function)
    front(build, {"POST /chat": CHAT, "GET /whole": {}}, to=to)
    # Half of 1000 calls for 10 s, half for 0.1 s, of 1 GB.
    assert lines(estimate(build.graph(), Usage(requests=1000)))["Lambda time"] == pytest.approx(5050)


@pytest.mark.parametrize(("kilobytes", "calls"), [(4, 1), (10_000, 1), (10_001, 2), (95_000, 10)])
def test_each_started_10_mb_is_a_call(kilobytes: float, calls: int) -> None:
    build = Builder()
    front(build, {"POST /chat": CHAT}, to=function(build))
    bill = estimate(build.graph(), Usage(requests=1e6, kb_out=kilobytes))
    assert lines(bill)["REST API"] == calls
    # Lambda's own charge past 6 MB of an answer.
    assert lines(bill).get("Lambda streams", 0) == pytest.approx(max(kilobytes - 6000, 0))


def test_answers_through_a_link_take_no_lambda() -> None:
    build = Builder()
    front(build, {"POST /chat": CHAT})
    assert set(lines(estimate(build.graph(), Usage(kb_out=20_000)))) == {"REST API", "data out"}


def test_the_month_at_the_limit_keeps_streams_open() -> None:
    build, to = Builder.of(function, timeout=60)
    front(build, {"POST /chat": {"rate": 1, "streams": 60}}, to=to)
    worst = estimate(build.graph()).worst
    assert worst is not None
    assert worst.requests == MONTH
    assert worst.until_timeout is not None
    assert worst.usd is not None
    # Fifty seconds more of one gigabyte for each of the calls.
    assert worst.until_timeout - worst.usd == pytest.approx(MONTH * 50 * GIGABYTE_SECOND)


def test_the_limits_of_a_stream_are_reported() -> None:
    graph = graph_of("examples/streaming.yaml")
    said = next(one for one in list_limitations(trace(graph), AwsModel(graph), load_prices()) if "streamed" in one)
    assert "and each started 10 MB counts as a call; requests do not stream" in said


def test_an_api_that_does_not_stream_has_none() -> None:
    graph = graph_of("dev")
    assert not [one for one in list_limitations(trace(graph), AwsModel(graph), load_prices()) if "stream" in one]
