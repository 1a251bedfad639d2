"""Calls that EventBridge makes on a schedule, each by a role that may do nothing else.

14 million calls a month are free. https://aws.amazon.com/eventbridge/pricing/
"""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws

from ..aws_lookups.account import find_account_id
from ..iam.statements import Statement, build_policy, build_trust_policy
from ..resource_options.scope import Scope


def declare_schedule(
    scope: Scope,
    suffix: str,
    *,
    why: str,
    rate: str,
    target: pulumi.Input[str],
    request: dict[str, Any],
    permission: pulumi.Input[Statement],
) -> None:
    """Declare a schedule that sends `request` to `target`, and its role. A call that fails waits for the next turn.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html
    """
    name = f"{scope.name}-{suffix}"
    role = aws.iam.Role(
        f"{name}-role",
        assume_role_policy=pulumi.Output.json_dumps(find_account_id(scope.parent).apply(_build_trust)),
        tags=scope.build_tags(f"{suffix}-role"),
        opts=scope.child_options(),
    )
    permissions = aws.iam.RolePolicy(
        f"{name}-permissions",
        role=role.name,
        policy=pulumi.Output.json_dumps(pulumi.Output.from_input(permission).apply(lambda one: build_policy([one]))),
        opts=scope.child_options(),
    )
    aws.scheduler.Schedule(
        name,
        description=why,
        schedule_expression=rate,
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": target,
            "role_arn": role.arn,
            "input": pulumi.Output.json_dumps(request),
            "retry_policy": {"maximum_retry_attempts": 0, "maximum_event_age_in_seconds": 60},
        },
        opts=scope.child_options(depends_on=[permissions]),
    )


def _build_trust(account: str) -> dict[str, Any]:
    document = build_trust_policy("scheduler.amazonaws.com")
    document["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceAccount": account}}
    return document
