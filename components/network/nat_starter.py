"""Starts a NAT instance again that was stopped or has switched itself off.

A schedule of EventBridge calls EC2's StartInstances, which does nothing to an instance that runs. 8,760 calls a month
of the 14 million that are free. https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from .. import lookups
from ..compute.instance_permissions import assumed_by, policy, start
from ..scope import Scope

_EVERY: Final = "rate(5 minutes)"


def nat_starter(scope: Scope, instance: aws.ec2.Instance) -> None:
    """Declare the schedule, and a role that may start this instance and nothing else."""
    trust = lookups.account(scope.parent).apply(_trust)
    role = aws.iam.Role(
        f"{scope.name}-starter-role",
        assume_role_policy=pulumi.Output.json_dumps(trust),
        tags=scope.tagged("starter-role"),
        opts=scope.child(),
    )
    permissions = aws.iam.RolePolicy(
        f"{scope.name}-starter-permissions",
        role=role.name,
        policy=pulumi.Output.json_dumps(instance.arn.apply(lambda arn: policy([start(arn)]))),
        opts=scope.child(),
    )
    aws.scheduler.Schedule(
        f"{scope.name}-starter",
        description="Starts the NAT instance when it is stopped",
        schedule_expression=_EVERY,
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": pulumi.Output.concat(
                "arn:", lookups.partition(scope.parent), ":scheduler:::aws-sdk:ec2:startInstances"
            ),
            "role_arn": role.arn,
            "input": pulumi.Output.json_dumps({"InstanceIds": [instance.id]}),
            # The next turn is the next attempt.
            "retry_policy": {"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60},
        },
        opts=scope.child(depends_on=[permissions]),
    )


def _trust(account: str) -> dict[str, object]:
    document = assumed_by("scheduler.amazonaws.com")
    document["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
    return document
