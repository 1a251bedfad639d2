"""Functions of the user's own: route targets and authorizers, found by ARN or made from a folder."""

from typing import Any, cast

from components import FolderFunction, FolderFunctionArgs
from components.api_front_args import TargetArgs
from settings import Settings
from settings.api import Function

from . import lookups


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
        return {"function_name": function.arn, "invoke_arn": lookups.invoke_arn(function.arn)}
    made = FolderFunction(
        name,
        cast(FolderFunctionArgs, function.arguments),
    )
    return {"function_name": made.function_name, "invoke_arn": made.invoke_arn}
