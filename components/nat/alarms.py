"""Alarms of a NAT instance, $0.10 a month each after the first ten of the account.

One watches the metric of the instance's own check, $0.30 a month after the first ten of the account; the metrics of EC2
cost nothing. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/UsingAlarmActions.html
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pulumi
import pulumi_aws as aws

from ..aws_lookups.account import find_partition, find_region
from ..operations.alarms import name_page
from ..resource_options.scope import Scope

METRIC: Final = "Works"
_STATUS_SECONDS: Final = 60  # status checks are measured each minute, and so is the way through
_CREDIT_SECONDS: Final = 300  # CPU credits every five
# A T4g starts with none and earns six an hour (nano): after half an hour one has more than this, or has run out.
_FEW_CREDITS: Final = 1.0


def declare_nat_alarms(
    scope: Scope,
    instance: aws.ec2.Instance,
    namespace: pulumi.Input[str],
    topic_arn: pulumi.Input[str] | None,
    *,
    burstable: bool,
) -> None:
    """Say when nothing gets through or CPU credits are used up, and reboot the instance when it hangs.

    EC2 moves it off broken hardware by itself (simplified automatic recovery), so no alarm does.
    """
    of_instance = {"dimensions": {"InstanceId": instance.id}, "statistic": "Maximum", "treat_missing_data": "missing"}
    # Alarms that people hear of when they begin and when they end.
    notified = {"alarm_actions": [topic_arn] if topic_arn is not None else []}
    notified["ok_actions"] = notified["alarm_actions"]
    _declare_alarm(
        scope,
        "down",
        # One that is stopped comes back by itself, and a restart would not mend what is still broken after minutes.
        pulumi.Output.concat(
            "Nothing in private subnets gets out: the NAT instance ",
            instance.id,
            " is off, or lets nothing through. If it lasts for ten minutes run `pulumi up --refresh`, which brings back"
            " an instance, an address or a route that is gone. Its console has the reason.",
        ),
        _Metric(namespace, METRIC, _STATUS_SECONDS, periods=3),
        statistic="Minimum",
        # An instance that is stopped, gone or without an address reports nothing.
        treat_missing_data="breaching",
        **notified,
    )
    reboot = pulumi.Output.concat(
        "arn:", find_partition(scope.parent), ":automate:", find_region(scope.parent), ":ec2:reboot"
    )
    _declare_alarm(
        scope,
        "hung",
        "The NAT instance does not answer EC2: it is rebooted.",
        # Five minutes are longer than a boot takes: a first boot cut short would never be finished.
        _Metric("AWS/EC2", "StatusCheckFailed_Instance", _STATUS_SECONDS, periods=5),
        comparison_operator="GreaterThanOrEqualToThreshold",
        alarm_actions=[reboot],
        **of_instance,
    )
    if burstable:
        slow = "The NAT instance is out of CPU credits and slow: a larger instance_type has more."
        credits = _Metric("AWS/EC2", "CPUCreditBalance", _CREDIT_SECONDS, periods=6)
        _declare_alarm(scope, "credits", slow, credits, threshold=_FEW_CREDITS, **of_instance, **notified)


class _Metric(NamedTuple):
    namespace: pulumi.Input[str]
    name: str
    seconds: int
    periods: int


def _declare_alarm(scope: Scope, suffix: str, description: pulumi.Input[str], metric: _Metric, **how: Any) -> None:
    aws.cloudwatch.MetricAlarm(
        f"{scope.name}-{suffix}",
        alarm_description=pulumi.Output.concat(description, name_page(suffix)),
        namespace=metric.namespace,
        metric_name=metric.name,
        period=metric.seconds,
        evaluation_periods=metric.periods,
        tags=scope.build_tags(suffix),
        opts=scope.child_options(),
        **{"comparison_operator": "LessThanThreshold", "threshold": 1, **how},
    )
