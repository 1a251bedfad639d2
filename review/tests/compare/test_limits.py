"""Calls that a change refuses with 429, where it let them pass before."""

from typing import Any

import pytest

from review.aws.gateway.usage_plans import quota_of
from review.aws.model.model import AwsModel
from review.compare.settings import other_limits
from review.reach import Reach, trace
from review.tests.graph_builder import Builder


def reach(
    rate: float | None = None,
    plan: float | None = None,
    quota: int | None = None,
    at_once: int | None = None,
    **more: Any,
) -> Reach:
    """A REST API with one route, whose stage and usage plan have these limits, and an HTTP API of the same name."""
    build = Builder()
    other = build("aws:apigatewayv2/api:Api", "api", protocolType="HTTP")
    away: dict[str, Any] = {"integrationType": "HTTP_PROXY", "integrationUri": "https://other.invalid"}
    target = build("aws:apigatewayv2/integration:Integration", "away", apiId=other.id, **away)
    build("aws:apigatewayv2/route:Route", "route", apiId=other.id, routeKey="GET /", target="integrations/" + target.id)
    build("aws:apigatewayv2/stage:Stage", "stage", apiId=other.id)
    api = build("aws:apigateway/restApi:RestApi", "api")
    common = {"restApi": api.id, "httpMethod": "GET", "resourceId": api.rootResourceId, **more}
    build("aws:apigateway/method:Method", "method", authorization="NONE", **common)
    build("aws:apigateway/integration:Integration", "called", type="MOCK", **common)
    deployed = build("aws:apigateway/deployment:Deployment", "deployed", restApi=api.id)
    stage = build("aws:apigateway/stage:Stage", "live", restApi=api.id, deployment=deployed.id, stageName="live")
    if rate is not None:
        settings = {"throttlingRateLimit": rate, "throttlingBurstLimit": 1}
        build("aws:apigateway/methodSettings:MethodSettings", "all", restApi=api.id, stageName=stage.stageName,
              methodPath="*/*", settings=settings)  # fmt: skip
    concurrency: dict[str, Any] = {} if at_once is None else {"reservedConcurrentExecutions": at_once}
    build("aws:lambda/function:Function", "function", role="arn:aws:iam::1:role/r", **concurrency)
    limits: dict[str, Any] = {"throttleSettings": {"rateLimit": plan}} if plan is not None else {}
    if quota is not None:
        limits["quotaSettings"] = {"limit": quota, "period": "DAY"}
    build("aws:apigateway/usagePlan:UsagePlan", "plan", apiStages=[{"apiId": api.id, "stage": "live"}], **limits)
    return trace(AwsModel(build.graph()))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"rate": 100}, {"rate": 20}, ["GET / of api: 429 above 20/s (100/s before)"]),
        ({}, {"rate": 20}, ["GET / of api: 429 above 20/s", "GET / of api: 429 above a burst of 1"]),
        ({"plan": 50, "quota": 1000}, {"plan": 5, "quota": 10}, [
            "each key of plan: 429 above 5/s (50/s before)",
            "each key of plan: 429 above 10 a day (1,000 a day before)",
        ]),
        ({}, {"quota": 10}, ["each key of plan: 429 above 10 a day"]),
        ({}, {"at_once": 0}, ["calls of function: throttled by Lambda above 0 at once"]),
        ({"at_once": 5}, {"at_once": 1}, [
            "calls of function: throttled by Lambda above 1 at once (5 at once before)",
        ]),
        ({"at_once": 5}, {"at_once": -1}, []),
        ({"rate": 20}, {"rate": 100}, []),
        ({"rate": 20, "plan": 5, "quota": 10}, {"rate": 20, "plan": 5, "quota": 10}, []),
        ({"rate": 20, "plan": 5, "quota": 10}, {}, []),
    ],
)  # fmt: skip
def test_a_lower_limit_is_told(before: dict[str, Any], after: dict[str, Any], said: list[str]) -> None:
    assert other_limits(reach(**before), reach(**after))[0] == said


@pytest.mark.parametrize(("period", "known"), [("DAY", True), ("", False), ({}, False), ([], False), (5, False)])
def test_a_quota_of_an_odd_period_is_none(period: Any, known: bool) -> None:
    """A program may give anything: no report ends for it."""
    build = Builder()
    plan = build("aws:apigateway/usagePlan:UsagePlan", "plan", quotaSettings={"limit": 5, "period": period})
    assert (quota_of(build.resources[plan.urn]) is not None) is known
