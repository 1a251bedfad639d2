"""The worst month of small APIs, each figure multiplied out by hand beside the case that it belongs to."""

from typing import Any

import pytest

from review.aws.gateway.apis import Apis
from review.aws.gateway.throttle import parse_method_path
from review.aws.gateway.usage_plans import list_plans
from review.cost import Usage
from review.cost.worst import Worst
from review.evaluate.runner import Evaluation
from review.report.report import report
from review.tests.helpers.graph_builder import Builder, Json, Made
from review.tests.helpers.graph_reports import estimate
from review.tests.helpers.stack_parts import http_route

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
        made = build("apigateway/deployment:Deployment", f"{stage}-deployment", restApi=api.id)
        build("apigateway/stage:Stage", stage, restApi=api.id, stageName=stage, deployment=made.id)
    return api


def throttle(build: Builder, api: Made, path: str, rate: float | None, stage: str = "live") -> None:
    rated = {"throttlingRateLimit": rate, "throttlingBurstLimit": 20}
    settings: dict[str, Any] = {"stageName": stage, "settings": {"metricsEnabled": True} if rate is None else rated}
    kind = "apigateway/methodSettings:MethodSettings"
    build(kind, f"settings-{stage}-{path}", restApi=api.id, methodPath=path, **settings)


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


def test_paths_of_settings_are_distinguished_as_json_pointers() -> None:
    assert parse_method_path("~1/GET") == parse_method_path("//GET") == parse_method_path("/GET") == ("", "GET")
    assert parse_method_path("~1a~1{proxy+}/ANY") == ("a/{proxy+}", "ANY")
    assert parse_method_path("~1a~0b/GET") == ("a~b", "GET")
    assert parse_method_path("*/*") == ("*", "*")


def test_each_stage_lets_its_own_rate_through(build: Builder) -> None:
    to = function(build)
    api = rest(build, {"/a": {"get": operation(to)}}, "live", "test")
    throttle(build, api, "*/*", 30, "live")
    throttle(build, api, "*/*", 5, "test")
    assert bound(build) == (35, "35/s for GET /a")


def test_an_http_api_has_its_throttles_in_its_stage(build: Builder) -> None:
    api = build("apigatewayv2/api:Api", "api", protocolType="HTTP")
    for key in ("GET /a", "POST /a", "ANY /b"):
        http_route(build, key, api, "http://a.invalid", routeKey=key)
    own = {"routeKey": "POST /a", "throttlingRateLimit": 2.5, "throttlingBurstLimit": 5}
    rates: dict[str, Any] = {"defaultRouteSettings": {"throttlingRateLimit": 100}, "routeSettings": [own]}
    build("apigatewayv2/stage:Stage", "stage", apiId=api.id, name="$default", **rates)
    assert bound(build) == (202.5, "2.5/s for POST /a and 100/s for each method (GET /a, ANY /b)")


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


def summary(build: Builder) -> str:
    graph = build.graph()
    return " ".join(row.summary for row in report(Evaluation(known=graph, unknown=graph)).rows)


def test_plans_are_summed_up_by_what_each_key_may_do(build: Builder) -> None:
    api = orders(build)
    plan(build, api, "partners", 2, throttleSettings={"rateLimit": 50}, quotaSettings={"limit": 1000, "period": "DAY"})
    assert "2 keys, each 50/s and 1,000 a day" in summary(build)
    (found,) = list_plans(build.graph(), Apis(build.graph()).all[0])
    assert found.counted == "2 keys"


def test_plans_that_allow_the_same_are_counted(build: Builder) -> None:
    api = orders(build)
    for name in ("acme", "globex"):
        plan(build, api, name, 1, throttleSettings={"rateLimit": 50})
    plan(build, api, "initech", 2, throttleSettings={"rateLimit": 5})
    found = summary(build)
    assert "2 plans of 1 key, 50/s" in found
    assert "· 2 keys, each 5/s" in found
