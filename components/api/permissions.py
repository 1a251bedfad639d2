"""Permissions for an API to invoke its functions, created before the integrations that use them.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from .api_spec import ApiSpec
from .foreign_functions import refuse_foreign

_COLONS_OF_A_QUALIFIED_ARN: Final = 7


@dataclass(frozen=True)
class Permissions:
    """By target or authorizer; integrations depend on them."""

    targets: dict[str, aws.lambda_.Permission]
    authorizers: dict[str, aws.lambda_.Permission]

    @property
    def all(self) -> list[aws.lambda_.Permission]:
        """Every one."""
        return [*self.targets.values(), *self.authorizers.values()]


def allow_invocations(
    spec: ApiSpec, execution_arn: pulumi.Output[str], stage: str, parent: pulumi.Resource
) -> Permissions:
    """Allow only this API, and only its stage, to invoke the functions.

    `stage` is text and not an output of the stage, since the permissions are created before the deployment.
    """
    called = pulumi.Output.concat(execution_arn, "/", stage, "/*")
    asked = pulumi.Output.concat(execution_arn, "/authorizers/*")
    return Permissions(
        targets={
            name: _declare_permission(
                f"{spec.name}-invokes-{name}",
                refuse_foreign(f"targets.{name}", target.function_name, parent),
                target.alias_name,
                called,
                parent,
            )
            for name, target in spec.targets.items()
            if target.function_name is not None
        },
        authorizers={
            name: _declare_permission(
                f"{spec.name}-asks-{name}",
                refuse_foreign(f"authorizers.{name}", authorizer.function_name, parent),
                None,
                asked,
                parent,
            )
            for name, authorizer in spec.authorizers.items()
            if authorizer.function_name is not None
        },
    )


def _declare_permission(
    name: str,
    function: pulumi.Output[str],
    alias: pulumi.Input[str] | None,
    source_arn: pulumi.Output[str],
    parent: pulumi.Resource,
) -> aws.lambda_.Permission:
    # An ARN's own alias or version goes into the qualifier: the provider reads the function without it, and would
    # replace the permission at every update. https://github.com/hashicorp/terraform-provider-aws/issues/889
    parts = function.apply(_split)
    return aws.lambda_.Permission(
        name,
        action="lambda:InvokeFunction",
        function=parts.apply(lambda known: known[0]),
        qualifier=parts.apply(lambda known: known[1]) if alias is None else alias,
        principal="apigateway.amazonaws.com",
        source_arn=source_arn,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _split(function: str) -> tuple[str, str | None]:
    """Returns the name or ARN of the function itself, and the alias or version at the end of an ARN."""
    base, _, qualifier = function.rpartition(":")
    return (base, qualifier) if function.count(":") == _COLONS_OF_A_QUALIFIED_ARN else (function, None)
