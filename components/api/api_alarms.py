"""Alarms of an API: errors, latency, throttled calls and too many calls.

Five alarms at $0.10 a month, and $0.30 for the metric of throttled calls, which API Gateway does not count by itself.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

from __future__ import annotations

from typing import Any, Final

import pulumi
import pulumi_aws as aws

from ..operations.alarms import name_page
from ..resource_options.scope import build_tags
from .api_spec import ApiSpec
from .args.alarms import AlarmsArgs
from .declared_api import DeclaredApi

_PERIOD_SECONDS: Final = 300
_NAMESPACE: Final = "Gatehouse"
# Metric names of a REST and of an HTTP API.
_SHARE: Final = "share"
_SERVER_ERRORS: Final = {"http": "5xx"}
_CLIENT_ERRORS: Final = {"http": "4xx"}


def declare(spec: ApiSpec, declared: DeclaredApi, thresholds: AlarmsArgs, parent: pulumi.Resource) -> None:
    """Declare the alarms of one stage."""
    dimensions: dict[str, pulumi.Input[str]] = (
        {"ApiId": declared.api_id, "Stage": declared.stage_name}
        if spec.kind == "http"
        else {"ApiName": declared.api_name, "Stage": declared.stage_name}
    )
    # A metric belongs to the account and region, where another stack may have all names of this one but the ID.
    throttled = pulumi.Output.concat(spec.name, "-", declared.api_id, "-throttled")
    aws.cloudwatch.LogMetricFilter(
        f"{spec.name}-throttled",
        log_group_name=declared.log_group_name,
        pattern='{ $.status = "429" }',
        metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
            name=throttled, namespace=_NAMESPACE, value="1", default_value="0"
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    watched: list[tuple[str, pulumi.Input[str], str, pulumi.Input[float]]] = [
        (
            "server-errors",
            _SERVER_ERRORS.get(spec.kind, "5XXError"),
            _SHARE,
            _to_share(thresholds.server_error_percent),
        ),
        (
            "client-errors",
            _CLIENT_ERRORS.get(spec.kind, "4XXError"),
            _SHARE,
            _to_share(thresholds.client_error_percent),
        ),
        ("latency", "Latency", "p99", thresholds.latency_milliseconds),
        ("requests", "Count", "Sum", thresholds.requests_per_five_minutes),
        ("throttled-requests", throttled, "Sum", 1),
    ]
    for what, metric, statistic, threshold in watched:
        own = metric is throttled
        place = {"namespace": _NAMESPACE} if own else {"namespace": "AWS/ApiGateway", "dimensions": dimensions}
        aws.cloudwatch.MetricAlarm(
            f"{spec.name}-{what}",
            alarm_description=_describe_alarm(spec.name, what, threshold),
            evaluation_periods=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=threshold,
            # No data means no calls, not a fault.
            treat_missing_data="notBreaching",
            alarm_actions=[thresholds.topic_arn],
            ok_actions=[thresholds.topic_arn],
            tags=build_tags(f"{spec.name}-{what}", spec.tags),
            opts=pulumi.ResourceOptions(parent=parent),
            **_metric_inputs(spec, metric, statistic, place),
        )


def _to_share(percent: pulumi.Input[float]) -> pulumi.Input[float]:
    if isinstance(percent, int | float):
        return percent / 100
    known: pulumi.Output[float] = pulumi.Output.from_input(percent)
    return known.apply(lambda number: number / 100)


def _describe_alarm(api: str, what: str, threshold: pulumi.Input[float]) -> pulumi.Input[str]:
    passed, ending = f"{api}: {what.replace('-', ' ')} passed", f"in five minutes.{name_page(what)}"
    if isinstance(threshold, int | float):
        return f"{passed} {threshold:g} {ending}"
    known: pulumi.Output[float] = pulumi.Output.from_input(threshold)
    return known.apply(lambda number: f"{passed} {number:g} {ending}")


def _metric_inputs(spec: ApiSpec, metric: pulumi.Input[str], statistic: str, place: dict[str, Any]) -> dict[str, Any]:
    """The metric of an alarm: one statistic, or the share of calls with an error.

    The average of a REST API's error metric is that share. An HTTP API's page has counts only.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
    """
    if statistic == _SHARE and spec.kind == "http":
        sums = {"errors": metric, "calls": "Count"}
        queries: list[dict[str, Any]] = [
            {
                "id": name,
                "metric": {"metric_name": summed, "stat": "Sum", "period": _PERIOD_SECONDS, **place},
            }
            for name, summed in sums.items()
        ]
        share = {"id": "share", "expression": "errors / calls", "label": "Share of calls", "return_data": True}
        return {"metric_queries": [*queries, share]}
    by = "Average" if statistic == _SHARE else statistic
    return {
        "metric_name": metric,
        "period": _PERIOD_SECONDS,
        "extended_statistic" if by.startswith("p") else "statistic": by,
        **place,
    }
