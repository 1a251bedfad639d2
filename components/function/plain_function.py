"""A Lambda function outside any VPC: its code, its role, and a log group that is deleted with it.

Costs nothing while idle; $0.20 a million calls and $0.0000133334 a GB-second on arm64 (us-east-1).
https://docs.aws.amazon.com/lambda/latest/dg/welcome.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ..facts import defaults
from ..iam import Statement
from ..logs import log_group
from ..scope import Scope
from .function_role import function_role


@dataclass(frozen=True)
class Code:
    """The function's code and size."""

    archive: pulumi.Archive
    description: str
    handler: str = "handler.handler"
    runtime: str = defaults.LAMBDA_RUNTIME
    memory: int = defaults.FUNCTION_MEMORY_MIB
    timeout_seconds: int = defaults.FUNCTION_TIMEOUT_SECONDS
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    allowed: pulumi.Input[Sequence[Statement]] = ()
    """Statements of its role, besides its log."""
    policy_arns: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)


def plain_function(scope: Scope, code: Code, log_retention_days: int) -> aws.lambda_.Function:
    """Declare function, role and log group."""
    logs = log_group(f"{scope.name}-log", log_retention_days, scope.tags, scope.parent)
    role, policy = function_role(scope.name, logs, scope.tags, scope.parent, in_vpc=False, allowed=code.allowed)
    attached = [
        aws.iam.RolePolicyAttachment(f"{scope.name}-policy-{key}", role=role.name, policy_arn=arn, opts=scope.child())
        for key, arn in code.policy_arns.items()
    ]
    return aws.lambda_.Function(
        f"{scope.name}-function",
        description=code.description,
        code=code.archive,
        handler=code.handler,
        runtime=code.runtime,
        role=role.arn,
        architectures=["arm64"],
        memory_size=code.memory,
        timeout=code.timeout_seconds,
        environment=aws.lambda_.FunctionEnvironmentArgs(variables=dict(code.environment)) if code.environment else None,
        logging_config=aws.lambda_.FunctionLoggingConfigArgs(log_format="Text", log_group=logs.name),
        tags=scope.tagged("function"),
        opts=scope.child(depends_on=[policy, *attached]),
    )
