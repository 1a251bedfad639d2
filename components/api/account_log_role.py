"""The role by which API Gateway writes the logs of REST APIs: one for each region of an account.

It is one account-wide value. A stack keeps the role that the account has, whichever stack or person set it, and sets
its own role only if there is none. Deleting the value would turn the logs of all REST APIs off, so it stays when the
stack is destroyed, and the role with it.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from ..aws_lookups.account import find_partition
from ..iam.statements import build_trust_policy
from ..resource_options.scope import build_tags

# The provider's ID for the settings of the region's account.
_ID: Final = "api-gateway-account"
_POLICY: Final = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"


def declare_account_log_role(
    name: str, tags: Mapping[str, pulumi.Input[str]], parent: pulumi.Resource
) -> aws.apigateway.Account:
    """Declare a role, and set it for the account if the account has none."""
    keep = pulumi.ResourceOptions(parent=parent, retain_on_delete=True)
    role = aws.iam.Role(
        f"{name}-account-logs",
        description="Lets API Gateway write logs; used by all REST APIs of this account and region",
        assume_role_policy=json.dumps(build_trust_policy("apigateway.amazonaws.com")),
        tags=build_tags(f"{name}-account-logs", tags),
        opts=keep,
    )
    attachment = aws.iam.RolePolicyAttachment(
        f"{name}-account-logs-push",
        role=role.name,
        # The SDK's ManagedPolicy names the ARN of the partition `aws`, which the others refuse.
        policy_arn=pulumi.Output.concat("arn:", find_partition(parent), ":iam::aws:policy/", _POLICY),
        opts=keep,
    )
    now = aws.apigateway.Account.get(f"{name}-account-now", _ID, opts=pulumi.ResourceOptions(parent=parent))
    return aws.apigateway.Account(
        f"{name}-account",
        cloudwatch_role_arn=pulumi.Output.all(now.cloudwatch_role_arn, role.arn).apply(lambda both: both[0] or both[1]),
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=True, depends_on=[attachment]),
    )
