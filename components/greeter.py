"""A small Lambda that says who it greets and where it runs."""

import dataclasses
from collections.abc import Mapping
from typing import Final, NotRequired, TypedDict

import pulumi

from . import defaults
from .arguments import ArgumentError, resolve
from .function.function_code import handler_code
from .function.plain_function import Code, plain_function
from .scope import Scope

_COMPONENT: Final = "Greeter"
_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")


class GreeterArgs(TypedDict):
    """Arguments of Greeter."""

    log_level: NotRequired[str]
    """Level of the function's log; INFO when absent."""
    log_retention_days: NotRequired[int]
    """How long the log is kept; 30 when absent."""
    tags: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Tags of every resource."""


@dataclasses.dataclass(frozen=True)
class _Settings:
    log_level: str = "INFO"
    log_retention_days: int = defaults.LOG_RETENTION_DAYS
    tags: Mapping[str, pulumi.Input[str]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.log_level not in _LEVELS:
            raise ArgumentError(_COMPONENT, "log_level", self.log_level, f"one of {', '.join(_LEVELS)}")


class Greeter(pulumi.ComponentResource):
    """Answers `{"message": "Hi …, Hello from Lambda running at …"}`, for trying an API out.

    Costs nothing while idle. Its log group goes away with the stack.
    """

    function_name: pulumi.Output[str]
    """Name of the function."""
    invoke_arn: pulumi.Output[str]
    """ARN that an integration names."""

    def __init__(self, name: str, args: GreeterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        settings = resolve(_Settings, _COMPONENT, args)
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
