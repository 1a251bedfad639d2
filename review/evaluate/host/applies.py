"""Watches functions of `apply`: their errors, and results that a stand-in for an encrypted value decided."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pulumi
from pulumi.output import UNKNOWN

from .modules import replace_attributes
from .stand_in import TEXT, StandInMapping


def watch_applies(failed: Callable[[Exception], None]) -> AbstractContextManager[None]:
    """Within, `failed` is called with each error of a function that gets an output's value."""
    apply = pulumi.Output.apply

    def applied(output: Any, func: Any, *arguments: Any, **options: Any) -> Any:
        def checked(value: Any) -> Any:
            try:
                result = func(value)
            except Exception as error:
                failed(error)
                raise
            return _remove_guesses(result) if _holds_stand_in(value) else result

        return apply(output, checked, *arguments, **options)

    return replace_attributes((pulumi.Output, "apply", applied))


def _remove_guesses(result: Any) -> Any:
    """The result of a function that got a stand-in: unknown if the stand-in decided it and is not in it."""
    plain = isinstance(result, str | int | float | list | tuple | dict)
    return pulumi.Output.from_input(UNKNOWN) if plain and not _holds_stand_in(result) else result


def _holds_stand_in(value: Any) -> bool:
    if isinstance(value, str):
        return TEXT in value
    if isinstance(value, Mapping):
        return isinstance(value, StandInMapping) or any(map(_holds_stand_in, value.values()))
    return isinstance(value, list | tuple) and any(map(_holds_stand_in, value))
