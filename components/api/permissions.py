"""Permissions for an API to invoke its functions, created before the integrations that use them.

https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .api_spec import ApiSpec


@dataclass(frozen=True)
class Permissions:
    """By target or authorizer; integrations depend on them."""

    targets: dict[str, aws.lambda_.Permission]
    authorizers: dict[str, aws.lambda_.Permission]

    @property
    def all(self) -> list[aws.lambda_.Permission]:
        """Every one."""
        return [*self.targets.values(), *self.authorizers.values()]


def permit(spec: ApiSpec, execution_arn: pulumi.Output[str], stage: str, parent: pulumi.Resource) -> Permissions:
    """Allow only this API, and only its stage, to invoke the functions.

    `stage` is text and not an output of the stage, since the permissions are created before the deployment.
    """
    return Permissions(
        targets={
            name: _permission(
                f"{spec.name}-invokes-{name}",
                target.function_name,
                target.alias_name,
                pulumi.Output.concat(execution_arn, "/", stage, "/*"),
                parent,
            )
            for name, target in spec.targets.items()
            if target.function_name is not None
        },
        authorizers={
            name: _permission(
                f"{spec.name}-asks-{name}",
                authorizer.function_name,
                None,
                pulumi.Output.concat(execution_arn, "/authorizers/*"),
                parent,
            )
            for name, authorizer in spec.authorizers.items()
            if authorizer.function_name is not None
        },
    )


def _permission(
    name: str,
    function: pulumi.Input[str],
    alias: pulumi.Input[str] | None,
    source_arn: pulumi.Output[str],
    parent: pulumi.Resource,
) -> aws.lambda_.Permission:
    return aws.lambda_.Permission(
        name,
        action="lambda:InvokeFunction",
        function=function,
        qualifier=alias,
        principal="apigateway.amazonaws.com",
        source_arn=source_arn,
        opts=pulumi.ResourceOptions(parent=parent),
    )
