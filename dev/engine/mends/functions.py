"""What moto's functions lack."""

from __future__ import annotations

from typing import Any


def logging_of_functions() -> None:
    """A function shows where and what it logs."""
    from moto.awslambda.models import LambdaFunction

    original, read, update = (
        LambdaFunction.__init__,
        LambdaFunction.get_configuration,
        LambdaFunction.update_configuration,
    )

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        spec = kwargs.get("spec") or args[1]
        self.logging = spec.get("LoggingConfig")

    def shown(self: Any, on_create: bool = False) -> dict[str, Any]:
        return {**read(self, on_create), **({"LoggingConfig": self.logging} if self.logging else {})}

    def changed(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
        self.logging = updates.get("LoggingConfig", self.logging)
        update(self, updates)
        return shown(self)

    LambdaFunction.__init__ = made
    LambdaFunction.get_configuration = shown
    LambdaFunction.update_configuration = changed


def versions_of_functions() -> None:
    """The number of a function's version is never used again, and each version has a policy of its own."""
    from moto.awslambda.models import LambdaFunction, Policy

    original = LambdaFunction.set_version
    highest: dict[str, int] = {}

    def numbered(self: Any, version: int) -> None:
        highest[self.function_name] = max(version, highest.get(self.function_name, 0) + 1)
        original(self, highest[self.function_name])
        self.policy = Policy(self)

    LambdaFunction.set_version = numbered
