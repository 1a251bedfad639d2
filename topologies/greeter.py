"""The greeter of a stack's settings."""

from components import Greeter
from components.api_front_args import TargetArgs
from settings.backend import Greeter as Wanted


def greeter_target(wanted: Wanted) -> TargetArgs:
    """Declare it; returns how a route leads there."""
    made = Greeter("backend", {"log_level": wanted.log_level, "log_retention_days": wanted.log_retention_days})
    return {"function_name": made.function_name, "invoke_arn": made.invoke_arn}
