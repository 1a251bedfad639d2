"""The greeter of a stack's settings."""

from typing import cast

from ... import Greeter, GreeterArgs
from ...api_front_args import TargetArgs
from ..settings.backend import Greeter as Wanted


def greeter_target(wanted: Wanted) -> TargetArgs:
    """Declare it; returns how a route leads there."""
    made = Greeter("backend", cast(GreeterArgs, wanted.model_dump(exclude={"kind"})))
    return {"function_name": made.function_name, "invoke_arn": made.invoke_arn}
