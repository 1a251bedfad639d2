"""Alarms of a NAT instance, $0.10 a month each after the first ten of the account.

One watches the metric of the instance's own check, $0.30 a month after the first ten of the account; the metrics of EC2
cost nothing. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/UsingAlarmActions.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from .. import lookups
from ..scope import Scope

METRIC: Final = "Works"
_STATUS_SECONDS: Final = 60  # status checks are measured each minute, and so is the way through
_CREDIT_SECONDS: Final = 300  # CPU credits every five
# A T4g starts with none and earns six an hour (nano): after half an hour one has more than this, or has run out.
_FEW_CREDITS: Final = 1.0


def nat_alarms(
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
    notified = [topic_arn] if topic_arn is not None else []
    _down(scope, instance, namespace, notified)
    _hung(scope, instance)
    if burstable:
        _out_of_credits(scope, instance, notified)


def _down(
    scope: Scope,
    instance: aws.ec2.Instance,
    namespace: pulumi.Input[str],
    notified: Sequence[pulumi.Input[str]],
) -> None:
    aws.cloudwatch.MetricAlarm(
        f"{scope.name}-down",
        # One that is stopped comes back by itself, and a restart would not mend what is still broken after minutes.
        alarm_description=pulumi.Output.concat(
            "Nothing in private subnets gets out: the NAT instance ",
            instance.id,
            " is off, or lets nothing through. If it lasts for ten minutes run `pulumi up --refresh`, which brings back"
            " an instance, an address or a route that is gone. Its console has the reason.",
        ),
        namespace=namespace,
        metric_name=METRIC,
        statistic="Minimum",
        period=_STATUS_SECONDS,
        evaluation_periods=3,
        comparison_operator="LessThanThreshold",
        threshold=1,
        # An instance that is stopped, gone or without an address reports nothing.
        treat_missing_data="breaching",
        alarm_actions=notified,
        ok_actions=notified,
        tags=scope.tagged("down"),
        opts=scope.child(),
    )


def _hung(scope: Scope, instance: aws.ec2.Instance) -> None:
    reboot = pulumi.Output.concat(
        "arn:", lookups.partition(scope.parent), ":automate:", lookups.region(scope.parent), ":ec2:reboot"
    )
    aws.cloudwatch.MetricAlarm(
        f"{scope.name}-hung",
        alarm_description="The NAT instance does not answer EC2: it is rebooted",
        namespace="AWS/EC2",
        metric_name="StatusCheckFailed_Instance",
        dimensions={"InstanceId": instance.id},
        statistic="Maximum",
        period=_STATUS_SECONDS,
        evaluation_periods=5,  # longer than a boot takes: a first boot cut short would never be finished
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        treat_missing_data="missing",
        alarm_actions=[reboot],
        tags=scope.tagged("hung"),
        opts=scope.child(),
    )


def _out_of_credits(scope: Scope, instance: aws.ec2.Instance, notified: Sequence[pulumi.Input[str]]) -> None:
    aws.cloudwatch.MetricAlarm(
        f"{scope.name}-credits",
        alarm_description="The NAT instance is out of CPU credits and slow: a larger instance_type has more",
        namespace="AWS/EC2",
        metric_name="CPUCreditBalance",
        dimensions={"InstanceId": instance.id},
        statistic="Maximum",
        period=_CREDIT_SECONDS,
        evaluation_periods=6,
        comparison_operator="LessThanThreshold",
        threshold=_FEW_CREDITS,
        treat_missing_data="missing",
        alarm_actions=notified,
        ok_actions=notified,
        tags=scope.tagged("credits"),
        opts=scope.child(),
    )
