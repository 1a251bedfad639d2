"""The security group of a Lambda function in a VPC."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from ..facts import limits
from ..resource_options.scope import Scope
from ..security_groups.rules import declare_security_group


def declare_function_group(scope: Scope, vpc_id: pulumi.Input[str], description: str) -> aws.ec2.SecurityGroup:
    """Declare it without rules. Nothing calls a function through its VPC, so only outbound rules are added.

    Lambda deletes the function's network interfaces up to an hour after the function, or after the function has left
    the VPC. Until then AWS refuses to delete the group, so its deletion waits.
    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    return declare_security_group(
        scope,
        "group",
        vpc_id,
        description,
        revoke=True,
        custom_timeouts=pulumi.CustomTimeouts(delete=limits.LAMBDA_INTERFACES_WAIT),
    )
