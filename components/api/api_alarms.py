"""Alarms of an API: errors, latency, throttled calls and too many calls.

Five alarms at $0.10 a month, and $0.30 for the metric of throttled calls, which API Gateway does not count by itself.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from ..scope import named
from .api_spec import ApiSpec, DeclaredApi, Thresholds

_PERIOD_SECONDS: Final = 300
_NAMESPACE: Final = "Gatehouse"
# Metric names of a REST and of an HTTP API.
_SERVER_ERRORS: Final = {"http": "5xx"}
_CLIENT_ERRORS: Final = {"http": "4xx"}


def declare(spec: ApiSpec, declared: DeclaredApi, thresholds: Thresholds, parent: pulumi.Resource) -> None:
    """Declare the alarms of one stage."""
    dimensions: dict[str, pulumi.Input[str]] = (
        {"ApiId": declared.api_id, "Stage": declared.stage_name}
        if spec.kind == "http"
        else {"ApiName": declared.api_name, "Stage": declared.stage_name}
    )
    server_errors = _SERVER_ERRORS.get(spec.kind, "5XXError")
    client_errors = _CLIENT_ERRORS.get(spec.kind, "4XXError")
    watched = [
        # The average of an error metric is its share of all calls.
        ("server-errors", server_errors, "Average", thresholds.server_error_percent / 100),
        ("client-errors", client_errors, "Average", thresholds.client_error_percent / 100),
        ("latency", "Latency", "p99", thresholds.latency_milliseconds),
        ("requests", "Count", "Sum", thresholds.requests_per_five_minutes),
    ]
    for what, metric, statistic, threshold in watched:
        _alarm(spec, what, "AWS/ApiGateway", metric, dimensions, statistic, threshold, thresholds.topic_arn, parent)
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
    _alarm(spec, "throttled-requests", _NAMESPACE, throttled, {}, "Sum", 1, thresholds.topic_arn, parent)


def _alarm(
    spec: ApiSpec,
    what: str,
    namespace: str,
    metric: pulumi.Input[str],
    dimensions: Mapping[str, pulumi.Input[str]],
    statistic: str,
    threshold: float,
    topic_arn: pulumi.Input[str],
    parent: pulumi.Resource,
) -> None:
    extended = statistic.startswith("p")
    aws.cloudwatch.MetricAlarm(
        f"{spec.name}-{what}",
        alarm_description=f"{spec.name}: {what.replace('-', ' ')} passed {threshold:g} in five minutes",
        namespace=namespace,
        metric_name=metric,
        dimensions=dict(dimensions) or None,
        statistic=None if extended else statistic,
        extended_statistic=statistic if extended else None,
        period=_PERIOD_SECONDS,
        evaluation_periods=1,
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=threshold,
        # No data means no calls, not a fault.
        treat_missing_data="notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        tags=named(f"{spec.name}-{what}", spec.tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )
