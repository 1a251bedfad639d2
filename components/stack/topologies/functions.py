"""Functions of the user's own: route targets and authorizers, found by ARN or made from a folder."""

from typing import Any

from ... import ApiFunction, PrivateNetwork
from ...arguments.connections import TargetArgs
from ..settings import Settings
from ..settings.egress import calls_out
from ..settings.function import Function
from . import lookups


def declare_function_targets(settings: Settings, network: PrivateNetwork | None) -> dict[str, TargetArgs]:
    """The targets that `api.functions` describes, those with `vpc` in the network."""
    functions = settings.api.functions
    return {
        name: _declare_target(f"function-{name}", function, settings, network) for name, function in functions.items()
    }


def declare_authorizers(settings: Settings, network: PrivateNetwork | None) -> dict[str, dict[str, Any]]:
    """The authorizers that `api.authorizers` describes, with their functions."""
    described: dict[str, dict[str, Any]] = settings.api.arguments["authorizers"]
    for name, authorizer in settings.api.authorizers.items():
        if authorizer.function is not None:
            target = _declare_target(f"authorizer-{name}", authorizer.function, settings, network)
            described[name] |= {"function_name": target.function_name, "invoke_arn": target.invoke_arn}
    return described


def _declare_target(name: str, function: Function, settings: Settings, network: PrivateNetwork | None) -> TargetArgs:
    if function.arn:
        return TargetArgs(function_name=function.arn, invoke_arn=lookups.build_invoke_arn(function.arn))
    args = {**function.arguments, "environment": settings.keep("api", dict(function.environment))}
    if function.vpc:
        assert network is not None, "every topology declares one for its functions"
        args |= {
            **network.client(out=calls_out(function, settings.network)),
            "subnet_ids": network.private_subnet_ids,
        }
    return ApiFunction(name, args).target
