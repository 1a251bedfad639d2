"""The worst month of small APIs, each figure multiplied out by hand beside the case that it belongs to."""

from types import SimpleNamespace
from typing import Any

import pytest

from review.aws.gateway.apis import Apis
from review.aws.gateway.throttle import route_of
from review.aws.gateway.usage_plans import plans_of
from review.cost import Usage
from review.cost.worst import Worst
from review.evaluate.runner import Evaluation
from review.report.report import report
from review.tests.bills import estimate
from review.tests.graph_builder import Builder, Json, Made

MONTH = 730 * 3600
"""Seconds."""


def function(build: Builder, name: str = "f", memory: int = 1024, **inputs: Any) -> Made:
    return build("lambda/function:Function", name, role="r", architectures=["arm64"], memorySize=memory, **inputs)


def operation(to: Made, *, key: bool = False) -> dict[str, Any]:
    uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/" + to.arn + "/invocations"
    security: list[dict[str, list[str]]] = [{"key": []}] if key else []
    return {"security": security, "x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": uri}}


def rest(build: Builder, paths: dict[str, Any], *stages: str) -> Made:
    scheme = {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}
    body = Json({"paths": paths, "components": {"securitySchemes": scheme}})
    api = build("apigateway/restApi:RestApi", "api", body=body, endpointConfiguration={"types": "REGIONAL"})
    for stage in stages or ("live",):
        build("apigateway/stage:Stage", stage, restApi=api.id, stageName=stage, deployment="d")
    return api


def throttle(build: Builder, api: Made, path: str, rate: float | None, stage: str = "live") -> None:
    settings = (
        {"throttlingRateLimit": rate, "throttlingBurstLimit": 20} if rate is not None else {"metricsEnabled": True}
    )
    build(
        "apigateway/methodSettings:MethodSettings",
        f"settings-{stage}-{path}",
        restApi=api.id,
        stageName=stage,
        methodPath=path,
        settings=settings,
    )


def test_methods_of_paths_below_are_named() -> None:
    """The report lists GET POST /x "and below": the same two again, each with a rate of its own."""
    build = Builder()
    two = {"get": operation(function(build)), "post": operation(function(build, "g"))}
    throttle(build, rest(build, {"/x": two, "/x/{proxy+}": two}), "*/*", 100)
    assert bound(build) == (400, "100/s for each method (GET /x, POST /x, GET /x/*, POST /x/*)")
    build = Builder()
    throttle(build, rest(build, {"/{proxy+}": two}), "*/*", 100)
    assert bound(build) == (200, "100/s for each method (GET /*, POST /*)")


def plan(build: Builder, api: Made, name: str, keys: int, **inputs: Any) -> None:
    throttles = inputs.pop("throttles", [])
    stages = [{"apiId": api.id, "stage": "live", "throttles": throttles}]
    made = build("apigateway/usagePlan:UsagePlan", name, apiStages=stages, **inputs)
    for number in range(keys):
        key = build("apigateway/apiKey:ApiKey", f"{name}-{number}")
        member: dict[str, Any] = {"keyId": key.id, "keyType": "API_KEY", "usagePlanId": made.id}
        build("apigateway/usagePlanKey:UsagePlanKey", f"{name}-{number}", **member)


def worst_of(build: Builder, usage: Usage | None = None) -> Worst:
    found = estimate(build.graph(), usage).worst
    assert found is not None
    return found


def bound(build: Builder) -> tuple[float, str]:
    found = worst_of(build)
    return found.requests / MONTH, found.why


@pytest.fixture
def build() -> Builder:
    return Builder()


def orders(build: Builder, *, key: bool = True) -> Made:
    to = function(build)
    return rest(build, {"/orders": {"get": operation(to, key=key), "post": operation(to, key=key)}})


@pytest.mark.parametrize("path", ["~1orders/POST", "/~1orders/POST", "orders/POST", "/orders/POST"])
def test_a_methods_own_throttle_stands_in_place_of_the_stages(build: Builder, path: str) -> None:
    api = orders(build)
    throttle(build, api, "*/*", 100)
    throttle(build, api, path, 5)
    assert bound(build) == (105, "5/s for POST /orders and 100/s for GET /orders")


def test_paths_of_settings_are_told_apart_as_json_pointers() -> None:
    assert route_of("~1/GET") == route_of("//GET") == route_of("/GET") == ("", "GET")
    assert route_of("~1a~1{proxy+}/ANY") == ("a/{proxy+}", "ANY")
    assert route_of("~1a~0b/GET") == ("a~b", "GET")
    assert route_of("*/*") == ("*", "*")


@pytest.mark.parametrize("rate", [-1, None])
def test_settings_of_a_method_without_a_rate_switch_its_throttle_off(build: Builder, rate: float | None) -> None:
    api = orders(build)
    throttle(build, api, "*/*", 100)
    throttle(build, api, "~1orders/POST", rate)
    assert bound(build) == (10_000, "no throttle: only the account's 10,000/s")


def test_each_stage_lets_its_own_rate_through(build: Builder) -> None:
    to = function(build)
    api = rest(build, {"/a": {"get": operation(to)}}, "live", "test")
    throttle(build, api, "*/*", 30, "live")
    throttle(build, api, "*/*", 5, "test")
    assert bound(build) == (35, "35/s for GET /a")


def test_an_http_api_has_its_throttles_in_its_stage(build: Builder) -> None:
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    to = build(
        "apigatewayv2/integration:Integration",
        "to",
        apiId=api.id,
        integrationType="HTTP_PROXY",
        integrationUri="http://a.invalid",
    )
    for key in ("GET /a", "POST /a", "ANY /b"):
        build("apigatewayv2/route:Route", key, apiId=api.id, routeKey=key, target="integrations/" + to.id)
    build(
        "apigatewayv2/stage:Stage",
        "stage",
        apiId=api.id,
        name="$default",
        defaultRouteSettings={"throttlingRateLimit": 100, "throttlingBurstLimit": 50},
        routeSettings=[{"routeKey": "POST /a", "throttlingRateLimit": 2.5, "throttlingBurstLimit": 5}],
    )
    assert bound(build) == (202.5, "2.5/s for POST /a and 100/s for each method (GET /a, ANY /b)")


BOTH = "100/s for each method (GET /orders, POST /orders)"


class TestPlans:
    """Keys and their plans; the stage lets 100/s through for each of two methods, 200/s together."""

    @pytest.fixture
    def api(self, build: Builder) -> Made:
        api = orders(build)
        throttle(build, api, "*/*", 100)
        return api

    @pytest.mark.parametrize(
        ("keys", "given", "rate", "why"),
        [
            # Two keys with 50/s each are slower than the stage; five are not.
            (2, {"throttleSettings": {"rateLimit": 50, "burstLimit": 5}}, 100, "2 keys × 50/s"),
            (5, {"throttleSettings": {"rateLimit": 50, "burstLimit": 5}}, 200, BOTH),
            # POST at 5/s for each of two keys, GET with what is left to them: 10 + min(100, 100).
            (
                2,
                {
                    "throttleSettings": {"rateLimit": 50, "burstLimit": 5},
                    "throttles": [{"path": "/orders/POST", "rateLimit": 5, "burstLimit": 10}],
                },
                110,
                "2 keys × 5/s on POST /orders and 100/s for GET /orders",
            ),
            # 1,000 a day for each of two keys.
            (2, {"quotaSettings": {"limit": 1000, "period": "DAY"}}, 2000 / 86400, "quota: 2 keys × 1,000 a day"),
            (1, {"quotaSettings": {"limit": 7, "period": "WEEK"}}, 1 / 86400, "quota: 1 key × 7 a week"),
            (3, {"quotaSettings": {"limit": 100, "period": "MONTH"}}, 300 / MONTH, "quota: 3 keys × 100 a month"),
            # A quota that allows more than the throttle bounds nothing.
            (1, {"quotaSettings": {"limit": 10**9, "period": "DAY"}}, 200, BOTH),
            # The smaller of a plan's two bounds counts: 0.1/s all month is 262,800 calls.
            (
                1,
                {
                    "throttleSettings": {"rateLimit": 0.1, "burstLimit": 5},
                    "quotaSettings": {"limit": 300_000, "period": "MONTH"},
                },
                0.1,
                "1 key × 0.1/s",
            ),
            # A plan without bounds leaves the stage's.
            (2, {}, 200, BOTH),
            # Nobody holds a key.
            (0, {"quotaSettings": {"limit": 1000, "period": "DAY"}}, 0, "quota: 0 keys × 1,000 a day"),
        ],
    )
    def test_one_plan(self, build: Builder, api: Made, keys: int, given: dict[str, Any], rate: float, why: str) -> None:
        plan(build, api, "partners", keys, **given)
        found = bound(build)
        assert found[0] == pytest.approx(rate)
        assert found[1] == why

    def test_plans_add_up_and_one_without_a_bound_leaves_only_the_stages(self, build: Builder, api: Made) -> None:
        plan(build, api, "small", 2, throttleSettings={"rateLimit": 5, "burstLimit": 5})
        plan(build, api, "large", 1, throttleSettings={"rateLimit": 40, "burstLimit": 5})
        assert bound(build) == (50, "2 keys × 5/s and 1 key × 40/s")
        plan(build, api, "free", 1)
        assert bound(build) == (200, BOTH)

    def test_a_plan_of_another_api_bounds_nothing(self, build: Builder, api: Made) -> None:
        other = build("apigateway/restApi:RestApi", "other", body="{}")
        plan(build, other, "theirs", 1, quotaSettings={"limit": 1, "period": "DAY"})
        assert bound(build)[0] == 200


def test_calls_without_a_key_are_bound_by_the_stage_beside_a_quota(build: Builder) -> None:
    to = function(build)
    api = rest(build, {"/open": {"get": operation(to)}, "/closed": {"get": operation(to, key=True)}})
    throttle(build, api, "*/*", 10)
    plan(build, api, "partners", 1, quotaSettings={"limit": 1000, "period": "MONTH"})
    found = worst_of(build)
    assert found.requests == 10 * MONTH + 1000
    assert found.why == "10/s for GET /open and quota: 1 key × 1,000 a month"


def test_all_apis_together_make_no_more_than_the_account_may(build: Builder) -> None:
    to = function(build)
    api = rest(build, {f"/{n}": {"get": operation(to)} for n in range(3)})
    throttle(build, api, "*/*", 9000)
    assert bound(build) == (10_000, "only the account's 10,000/s")


def test_dollars_of_a_month_at_one_call_a_second(build: Builder) -> None:
    """eu-west-1: 2,628,000 calls at 3.50 a million, 0.20 for each function call, 4 kB out at 0.09 a GB, 1 kB of logs at
    0.57 a GB, and Lambda's 0.1 s of 1 GB at 0.0000133334; 10 s each until the timeout."""
    api = rest(build, {"/a": {"get": operation(function(build, timeout=10))}})
    throttle(build, api, "*/*", 1)
    found = worst_of(build)
    each = 3.50 + 0.20 + 4 * 0.09 + 0.57
    assert found.usd == pytest.approx(2.628 * each + 262_800 * 0.0000133334)
    assert found.until_timeout == pytest.approx(2.628 * each + 26_280_000 * 0.0000133334)


def test_a_function_is_billed_for_the_calls_that_its_own_routes_let_through(build: Builder) -> None:
    """30/s to one function, 10/s to another with twice the memory, and 60/s to neither."""
    one, other = function(build, "one"), function(build, "two", 2048)
    away = {"x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "http://a.invalid"}}
    api = rest(build, {"/one": {"get": operation(one)}, "/two": {"get": operation(other)}, "/away": {"get": away}})
    for path, rate in (("~1one/GET", 30), ("~1two/GET", 10), ("~1away/GET", 60)):
        throttle(build, api, path, rate)
    seconds_gb = (30 * 1 + 10 * 2) * MONTH * 0.1
    calls = (30 + 10) * MONTH / 1e6
    gate = 262.8 * 3.50 + 262.8 * 4 * 0.09
    assert worst_of(build).usd == pytest.approx(gate + calls * (0.20 + 0.57) + seconds_gb * 0.0000133334)


def said(build: Builder) -> SimpleNamespace:
    graph = build.graph()
    found = report(Evaluation(known=graph, unknown=graph))
    return SimpleNamespace(summary=" ".join(row.summary for row in found.rows), paths=[str(way) for way in found.paths])


def test_the_summary_and_the_path_say_the_throttle_that_holds(build: Builder) -> None:
    api = orders(build)
    throttle(build, api, "*/*", 100)
    throttle(build, api, "~1orders/GET", 10)
    throttle(build, api, "~1orders/POST", 10)
    found = said(build)
    assert "10/s, burst 20 a route" in found.summary
    assert any(way.startswith("internet → api (key, 10/s a route) → f") for way in found.paths)


def test_routes_that_differ_only_in_rate_stay_one_path(build: Builder) -> None:
    api = orders(build)
    plan(build, api, "partners", 1)
    throttle(build, api, "*/*", 100)
    throttle(build, api, "~1orders/POST", 5)
    found = said(build)
    assert "5/s to 100/s by route" in found.summary
    assert [way for way in found.paths if way.startswith("internet")] == [
        "internet → api (key, 5/s to 100/s by route) → f: no, no permission lets api invoke f"
    ]
    throttle(build, api, "~1orders/GET", -1)
    assert "5/s, but not on every route" in said(build).summary


def test_plans_are_summed_up_by_what_each_key_may_do(build: Builder) -> None:
    api = orders(build)
    plan(build, api, "partners", 2, throttleSettings={"rateLimit": 50}, quotaSettings={"limit": 1000, "period": "DAY"})
    assert "2 keys, each 50/s and 1,000 a day" in said(build).summary
    (found,) = plans_of(build.graph(), Apis(build.graph()).all[0])
    assert found.counted == "2 keys"


def test_plans_that_allow_the_same_are_counted(build: Builder) -> None:
    api = orders(build)
    for name in ("acme", "globex"):
        plan(build, api, name, 1, throttleSettings={"rateLimit": 50})
    plan(build, api, "initech", 2, throttleSettings={"rateLimit": 5})
    summary = said(build).summary
    assert "2 plans of 1 key, 50/s" in summary
    assert "· 2 keys, each 5/s" in summary
