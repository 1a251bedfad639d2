"""Functions of another account or region, to which the program cannot add the permission that an API needs."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from ..arguments.errors import ArgumentError, as_errors, refuse
from ..arguments.faults import Fault
from ..aws_lookups.account import find_stated_region, read_allowed_accounts
from ..facts.foreign_resources import find_obstacle, parse_place


def refuse_foreign(key: str, function: pulumi.Input[str], front: pulumi.Resource) -> pulumi.Output[str]:
    """The same function. If it is an output, it is checked when its value is known."""

    def check(known: str) -> str:
        refuse(_find_errors(key, known, front))
        return known

    return pulumi.Output.from_input(function).apply(check)


def _find_errors(key: str, function: object, front: pulumi.Resource) -> Iterator[ArgumentError]:
    if isinstance(function, str):
        yield from as_errors("ApiFront", _find_faults(f"{key}.function_name", function, front))


def _find_faults(key: str, function: str, front: pulumi.Resource) -> Iterator[Fault]:
    # The region and the accounts of a provider that the program passes cannot be read.
    if front.get_provider("aws:lambda/permission:Permission") is not None:
        return
    if (
        found := find_obstacle("function", parse_place(function), find_stated_region(), read_allowed_accounts())
    ) is not None:
        yield Fault(key, function, *found)
