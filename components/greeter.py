"""A small Lambda function that greets its caller, for trying an API out."""

import dataclasses
from typing import NotRequired

import pulumi

from .argument_types import LogLevel, RetentionDays
from .arguments import resolve
from .facts import defaults
from .function.function_code import handler_code
from .function.plain_function import Code, plain_function
from .scope import Scope, Tagged, TaggedArgs


class GreeterArgs(TaggedArgs):
    """Arguments of Greeter."""

    log_level: NotRequired[LogLevel]
    """Level of the function's log. Defaults to INFO."""
    log_retention_days: NotRequired[RetentionDays]
    """How long the log is kept. Defaults to 30."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class GreeterSpec(Tagged):
    """The arguments with their defaults."""

    log_level: LogLevel = "INFO"
    log_retention_days: int = defaults.LOG_RETENTION_DAYS


class Greeter(pulumi.ComponentResource):
    """Returns `{"message": "Hi …, Hello from Lambda running at …"}`.

    Costs nothing while idle. Its log group is deleted with the stack.
    """

    function_name: pulumi.Output[str]
    """Name of the function."""
    invoke_arn: pulumi.Output[str]
    """ARN that an integration names."""

    def __init__(self, name: str, args: GreeterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        settings = resolve(GreeterSpec, GreeterArgs, args)
        super().__init__("gatehouse:index:Greeter", name, dict(args), opts)
        code = Code(
            archive=handler_code("greeter"),
            description="Says hello, and from where",
            environment={"LOG_LEVEL": settings.log_level},
        )
        function = plain_function(Scope(name, self, settings.tags), code, settings.log_retention_days)
        self.function_name = function.name
        self.invoke_arn = function.invoke_arn
        self.register_outputs({key: getattr(self, key) for key in Greeter.__annotations__})
