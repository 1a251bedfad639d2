"""The role by which API Gateway writes the logs of REST APIs: one for each region of an account.

Every stack that declares it sets the same account-wide value, and destroying it would turn the logs of every other
REST API off, so it is kept when this stack goes.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from ..arguments import named
from ..iam import assumed_by


def account_log_role(
    name: str, tags: Mapping[str, pulumi.Input[str]], parent: pulumi.Resource
) -> aws.apigateway.Account:
    """Declare the role and set it for the account."""
    keep = pulumi.ResourceOptions(parent=parent, retain_on_delete=True)
    role = aws.iam.Role(
        f"{name}-account-logs",
        description="Lets API Gateway write logs; used by all REST APIs of this account and region",
        assume_role_policy=json.dumps(assumed_by("apigateway.amazonaws.com")),
        tags=named(f"{name}-account-logs", tags),
        opts=keep,
    )
    attachment = aws.iam.RolePolicyAttachment(
        f"{name}-account-logs-push",
        role=role.name,
        policy_arn=aws.iam.ManagedPolicy.AMAZON_API_GATEWAY_PUSH_TO_CLOUD_WATCH_LOGS,
        opts=keep,
    )
    return aws.apigateway.Account(
        f"{name}-account",
        cloudwatch_role_arn=role.arn,
        opts=pulumi.ResourceOptions(parent=parent, retain_on_delete=True, depends_on=[attachment]),
    )
