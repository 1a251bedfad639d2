"""A record of who talked to whom in a VPC. $0.50 a GB taken in and $0.03 a GB and month kept (us-east-1).

https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-cwl.html
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..aws_lookups.account import find_account_id
from ..iam.statements import build_policy
from ..resource_options.scope import Scope

_MINUTES_TOGETHER = 10  # the longer of the two choices; instances on Nitro write a record each minute all the same


def declare_flow_logs(scope: Scope, vpc_id: pulumi.Input[str], retention_days: pulumi.Input[int]) -> aws.ec2.FlowLog:
    """Log accepted and rejected flows of the VPC in a log group that is deleted with the stack."""
    group = aws.cloudwatch.LogGroup(
        f"{scope.name}-flows",
        retention_in_days=retention_days,
        tags=scope.build_tags("flows"),
        opts=scope.child_options(),
    )
    trust = find_account_id(scope.parent).apply(_build_trust)
    role = aws.iam.Role(
        f"{scope.name}-flows-role",
        assume_role_policy=pulumi.Output.json_dumps(trust),
        tags=scope.build_tags("flows-role"),
        opts=scope.child_options(),
    )
    write = {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": pulumi.Output.concat(group.arn, ":*"),
    }
    permission = aws.iam.RolePolicy(
        f"{scope.name}-flows-permissions",
        role=role.name,
        policy=pulumi.Output.json_dumps(build_policy([write])),
        opts=scope.child_options(),
    )
    return aws.ec2.FlowLog(
        f"{scope.name}-flow-log",
        vpc_id=vpc_id,
        traffic_type="ALL",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        max_aggregation_interval=_MINUTES_TOGETHER * 60,
        tags=scope.build_tags("flow-log"),
        opts=scope.child_options(depends_on=[permission]),
    )


def _build_trust(account: str) -> dict[str, object]:
    # Without the condition the service would take the role on for anybody's flow log.
    return build_policy(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ]
    )
