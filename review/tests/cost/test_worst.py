"""The worst month of small APIs, each figure multiplied out by hand beside the case that it belongs to."""

from dataclasses import replace
from typing import Any

import pytest

from review import cost
from review.aws.model.model import AwsModel
from review.cost.worst import Worst
from review.graph import Graph
from review.reach import trace
from review.reach.keys import group_keys
from review.reach.statements import Statements
from review.recording.resources import COMPONENT
from review.tests.helpers.graph_builder import Builder, Made
from review.tests.helpers.graph_reports import estimate, of_components
from review.tests.helpers.stacks import graph_of
from review.tests.helpers.stated_apis import front, function

MONTH = 730 * 3600
"""Seconds."""


def worst_of(graph: Graph) -> Worst:
    found = estimate(graph).worst
    assert found is not None
    return found


@pytest.fixture
def build() -> Builder:
    return Builder()


def test_dollars_of_a_month_at_one_call_a_second(build: Builder) -> None:
    """eu-west-1: 2,628,000 calls at 3.50 a million, 0.20 for each function call, 4 kB out at 0.09 a GB, 1 kB of logs at
    0.57 a GB, and Lambda's 0.1 s of 1 GB at 0.0000133334; 10 s each until the timeout."""
    front(build, {"GET /a": {"rate": 1}}, to=function(build, timeout=10))
    found = worst_of(build.graph())
    each = 3.50 + 0.20 + 4 * 0.09 + 0.57
    assert found.usd == pytest.approx(2.628 * each + 262_800 * 0.0000133334)
    assert found.until_timeout == pytest.approx(2.628 * each + 26_280_000 * 0.0000133334)


def test_a_function_is_billed_for_the_calls_that_its_own_routes_let_through(build: Builder) -> None:
    """30/s to one function, 10/s to another with twice the memory, and 60/s to neither."""
    one, other = function(build, "one"), function(build, "two", 2048)
    ways: dict[str, Any] = {
        "GET /one": {"rate": 30, "to": one},
        "GET /two": {"rate": 10, "to": other},
        "GET /away": {"rate": 60},
    }
    front(build, ways)
    seconds_gb = (30 * 1 + 10 * 2) * MONTH * 0.1
    calls = (30 + 10) * MONTH / 1e6
    gate = 262.8 * 3.50 + 262.8 * 4 * 0.09
    assert worst_of(build.graph()).usd == pytest.approx(gate + calls * (0.20 + 0.57) + seconds_gb * 0.0000133334)


def test_calls_beyond_a_quota_run_no_function(build: Builder) -> None:
    """A hundred calls a day with the key, beside one a second that API Gateway answers by itself."""
    keys = {1: {"quota": {"limit": 100, "period": "DAY"}}}
    preflight = {"rate": {"rate": 1, "burst": 1}}
    front(build, {"GET /a": {"rate": 1, "key": True}}, to=function(build), keys=keys, preflight=preflight)
    called = 100 * 730 / 24 / 1e6
    of_function = called * (0.20 + 0.57) + called * 1e6 * 0.1 * 0.0000133334
    expected = (2.628 + called) * (3.50 + 4 * 0.09) + of_function
    assert worst_of(build.graph()).usd == pytest.approx(expected)


@pytest.mark.parametrize(("cap", "expected"), [({}, None), ({"reservedConcurrentExecutions": 5}, 5)])
def test_a_cap_on_concurrency_caps_the_functions_cost_and_not_the_apis(
    build: Builder, cap: dict[str, Any], expected: int | None
) -> None:
    front(build, {"ANY /": {"rate": 100}}, kind="http", to=function(build, timeout=10, **cap))
    found = worst_of(build.graph())
    assert found.requests == 100 * MONTH
    # So many at once, all month, with a gigabyte each and 1 kB of logs a call; the API charges for all the calls.
    seconds = 1000 * MONTH if expected is None else expected * MONTH
    of_function = seconds / 10 / 1e6 * (0.20 + 0.57) + seconds * 0.0000133334
    assert found.until_timeout == pytest.approx(262.8 * 1.11 + 262.8 * 4 * 0.09 + of_function, rel=0.03)


@pytest.mark.parametrize("changed", ["altered", "ignored"])
def test_what_changes_the_throttle_of_a_stage_makes_the_month_not_known(changed: str) -> None:
    graph = graph_of("dev")
    settings = next(each for each in graph if each.kind == "MethodSettings")
    options = replace(settings.options, ignore_changes=("settings",) if changed == "ignored" else ())
    other = replace(settings, options=options, altered=frozenset({"settings"} if changed == "altered" else ()))
    assert worst_of(graph).not_counted == ()
    (said,) = worst_of(replace(graph, resources={**graph.resources, settings.urn: other})).not_counted
    assert said.startswith("calls of front, whose rates front-settings may have otherwise")


def test_an_api_that_no_component_declares_is_in_no_sum() -> None:
    build = Builder()
    build("apigateway/restApi:RestApi", "mine")
    graph = build.graph()
    bill = cost.estimate(AwsModel(graph))
    worst = bill.worst
    assert worst is not None
    assert bill.per_million is None
    assert worst.not_counted == ("calls of mine, which are in none of these sums",)


def test_keys_are_summed_up_by_what_each_may_do(build: Builder) -> None:
    limits = {"rate": {"rate": 50, "burst": 5}, "quota": {"limit": 1000, "period": "DAY"}}
    front(build, {"GET /": {"key": True}}, keys={2: limits, 1: {"rate": {"rate": 5, "burst": 5}}})
    (api,) = Statements(of_components(build.graph())).list_of("ApiFront")
    assert sorted(map(str, group_keys(api))) == ["1 key, 5/s", "2 keys, each 50/s and 1,000 a day"]


def test_keys_of_another_plan_are_calls_that_no_limit_bounds(build: Builder) -> None:
    made = front(build, {"GET /": {"key": True, "rate": 1}}, keys={1: {"quota": {"limit": 10, "period": "DAY"}}})
    owned = {made.urn, *(urn for urn, each in build.resources.items() if each.parent == made.urn)}
    api = next(each for each in build.resources.values() if each.parent == made.urn)
    build("apigateway/usagePlan:UsagePlan", "other", apiStages=[{"apiId": Made(api.urn, api.state).id, "stage": "v1"}])
    graph = build.graph()
    ours = {urn: replace(each, declared_by=COMPONENT) for urn, each in graph.resources.items() if urn in owned}
    (said,) = trace(replace(graph, resources={**graph.resources, **ours})).list_uncounted_calls()
    assert said == "calls that no throttle limits: other (UsagePlan) may decide what answers in place of api"
