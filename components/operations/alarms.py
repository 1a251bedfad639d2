"""Alarms of parts behind an API, $0.10 a month each (us-east-1): their metrics are AWS's own and cost nothing.

AWS has no metric of a failed roll-out, which fails the update itself. The sample count of a service's CPU in a minute
is the number of its running tasks, and there is none while no task runs.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
https://github.com/aws/containers-roadmap/issues/2718
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import Scope

_PAGE: Final = "docs/incidents.md"
_MINUTE_SECONDS: Final = 60
_MINUTES: Final = 5
"""Longer than the checks of a target that starts or leaves."""


class WatchedMetric(NamedTuple):
    """A metric of a resource, and the values that are a fault."""

    namespace: str
    metric: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    is_missing: bool
    """Whether a value below the threshold, or no data, is the fault. Otherwise the threshold, or more, is."""
    threshold: int = 1
    faulty_minutes: int = _MINUTES
    """The fault has to be there in this many of the last `minutes`."""
    minutes: int = _MINUTES


def name_page(suffix: str) -> str:
    """The end of an alarm's description: the page, with the section that is called like the end of the alarm's name."""
    return f" See {_PAGE}#{suffix}"


def declare_alarm(
    scope: Scope,
    suffix: str,
    what: str,
    watched: WatchedMetric,
    topic_arn: pulumi.Input[str],
    after: Sequence[pulumi.Resource] = (),
) -> None:
    """Declare an alarm that notifies the topic when the fault has lasted, and when it has ended."""
    below = watched.is_missing
    aws.cloudwatch.MetricAlarm(
        f"{scope.name}-{suffix}",
        alarm_description=f"{scope.name}: {what}.{name_page(suffix)}",
        namespace=watched.namespace,
        metric_name=watched.metric,
        dimensions=watched.dimensions,
        statistic=watched.statistic,
        period=_MINUTE_SECONDS,
        evaluation_periods=watched.minutes,
        datapoints_to_alarm=watched.faulty_minutes,
        comparison_operator="LessThanThreshold" if below else "GreaterThanOrEqualToThreshold",
        threshold=watched.threshold,
        treat_missing_data="breaching" if below else "notBreaching",
        alarm_actions=[topic_arn],
        ok_actions=[topic_arn],
        tags=scope.build_tags(suffix),
        opts=scope.child_options(depends_on=list(after)),
    )
