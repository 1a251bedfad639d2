"""Alarms of parts behind an API, $0.10 a month each (us-east-1): their metrics are AWS's own and cost nothing.

AWS has no metric of a failed roll-out, which fails the update itself. A service's number of running tasks is the sample
count of its CPU, and there is none while no task runs.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pulumi
import pulumi_aws as aws

from .scope import Scope

_PAGE: Final = "docs/incidents.md"
_MINUTE_SECONDS: Final = 60
_MINUTES: Final = 5
"""Longer than the checks of a target that starts or leaves."""


class Watched(NamedTuple):
    """A metric of a resource, and the values that are a fault."""

    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    is_missing: bool
    """Whether a value below 1, or no data, is the fault. Otherwise a value of 1 or more is."""


def name_page(suffix: str) -> str:
    """The end of an alarm's description: the page, with the section that is called like the end of the alarm's name."""
    return f" See {_PAGE}#{suffix}"


def declare_alarm(
    scope: Scope,
    suffix: str,
    what: str,
    watched: Watched,
    topic_arn: pulumi.Input[str],
    after: Sequence[pulumi.Resource] = (),
) -> None:
    """Declare an alarm that notifies the topic when the fault has lasted for five minutes, and when it has ended."""
    below = watched.is_missing
    aws.cloudwatch.MetricAlarm(
        f"{scope.name}-{suffix}",
        alarm_description=f"{scope.name}: {what}.{name_page(suffix)}",
        namespace=watched.namespace,
        metric_name=watched.metric,
        dimensions=watched.dimensions,
        statistic=watched.statistic,
        period=_MINUTE_SECONDS,
        evaluation_periods=_MINUTES,
        # A single error counts; a target or a task has to be away for the whole time.
        datapoints_to_alarm=1 if watched.statistic == "Sum" else _MINUTES,
        comparison_operator="LessThanThreshold" if below else "GreaterThanOrEqualToThreshold",
        threshold=1,
        treat_missing_data="breaching" if below else "notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        tags=scope.tagged(suffix),
        opts=scope.child(depends_on=list(after)),
    )
