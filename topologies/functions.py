"""Functions of the user's own: route targets and authorizers, found by ARN or made from a folder."""

from typing import Any, cast

import pulumi
import pulumi_aws as aws

from components import FolderFunction, FolderFunctionArgs
from components.api_front_args import TargetArgs
from settings import Settings
from settings.api import Function


def function_targets(settings: Settings) -> dict[str, TargetArgs]:
    """The targets that `api.functions` describes."""
    return {name: _target(f"function-{name}", function) for name, function in settings.api.functions.items()}


def authorizers(settings: Settings) -> dict[str, dict[str, Any]]:
    """The authorizers that `api.authorizers` describes, with their functions."""
    described: dict[str, dict[str, Any]] = settings.api.arguments["authorizers"]
    for name, authorizer in settings.api.authorizers.items():
        if authorizer.function is not None:
            described[name] |= _target(f"authorizer-{name}", authorizer.function)
    return described


def _target(name: str, function: Function) -> TargetArgs:
    if function.arn:
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        place = pulumi.Output.format(
            "arn:{0}:apigateway:{1}", aws.get_partition_output().partition, aws.get_region_output().region
        )
        path = f":lambda:path/2015-03-31/functions/{function.arn}/invocations"
        return {"function_name": function.arn, "invoke_arn": pulumi.Output.concat(place, path)}
    made = FolderFunction(
        name,
        cast(FolderFunctionArgs, function.arguments),
    )
    return {"function_name": made.function_name, "invoke_arn": made.invoke_arn}
