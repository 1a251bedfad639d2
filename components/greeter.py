"""A small Lambda function that greets its caller, for trying an API out."""

from dataclasses import dataclass

import pulumi

from .arguments.connections import TargetArgs
from .arguments.inputs import ArgsOrMapping
from .arguments.numbers import RetentionDays
from .arguments.reader import resolve
from .arguments.tags import TaggedArgs
from .arguments.words import LogLevel
from .facts import defaults
from .function.function_code import archive_handler
from .function.plain_function import Code, declare_function
from .reach.of_client import state_greeter
from .reach.statement import add_reach
from .resource_options.declaration import check_declaration
from .resource_options.scope import Scope


@dataclass(frozen=True, kw_only=True)
class GreeterArgs(TaggedArgs):
    """Arguments of Greeter."""

    log_level: LogLevel = "INFO"
    """Level of the function's log. Defaults to INFO."""
    log_retention_days: RetentionDays = defaults.LOG_RETENTION_DAYS
    """How long the log is kept. Defaults to 30."""


class Greeter(pulumi.ComponentResource):
    """Returns `{"message": "Hi …, Hello from Lambda running at …"}`.

    Costs nothing while idle. Its log group is deleted with the stack.
    """

    function_name: pulumi.Output[str]
    """Name of the function."""
    invoke_arn: pulumi.Output[str]
    """ARN that an integration names."""

    def __init__(self, name: str, args: ArgsOrMapping[GreeterArgs], opts: pulumi.ResourceOptions | None = None) -> None:
        settings = resolve(GreeterArgs, args)
        check_declaration("Greeter", name, settings, opts)
        super().__init__("gatehouse:index:Greeter", name, add_reach(args, state_greeter()), opts)
        code = Code(
            archive=archive_handler("greeter"),
            description="Says hello, and from where",
            environment={"LOG_LEVEL": settings.log_level},
        )
        function = declare_function(Scope(name, self, settings.tags), code, settings.log_retention_days)
        self.function_name = function.name
        self.invoke_arn = function.invoke_arn
        self.register_outputs({key: getattr(self, key) for key in Greeter.__annotations__})

    @property
    def target(self) -> TargetArgs:
        """Target of an API's routes, in Python."""
        return TargetArgs(function_name=self.function_name, invoke_arn=self.invoke_arn, streams=False)
