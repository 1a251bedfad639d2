"""The greeter of a stack's settings."""

from ... import Greeter
from ...api.api_args import TargetArgs
from ..settings.backend import Greeter as Wanted


def greeter_target(wanted: Wanted) -> TargetArgs:
    """Declare it; returns how a route leads there."""
    made = Greeter("backend", wanted.given())
    return TargetArgs(function_name=made.function_name, invoke_arn=made.invoke_arn)
