"""Lists of subnets and route tables: plain lists of outputs, or one output whose length only the deployment knows.

Each member of a plain list stays an output of its own: if one is unknown, the others are still known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import pulumi

T = TypeVar("T")
U = TypeVar("U")
Several = Sequence[pulumi.Output[T]] | pulumi.Output[Sequence[T]]


def to_several(values: pulumi.Input[Sequence[pulumi.Input[str]]]) -> Several[str]:
    """The list of an argument."""
    if isinstance(values, Sequence):
        return [pulumi.Output.from_input(value) for value in values]
    return pulumi.Output.from_input(cast("pulumi.Input[Sequence[str]]", values))


def map_each(values: Several[T], function: Callable[[T], pulumi.Input[U]]) -> Several[U]:
    """The results of a function of each member."""
    if isinstance(values, Sequence):
        return [value.apply(function) for value in values]
    return values.apply(lambda known: pulumi.Output.all(*(function(value) for value in known)))


def join(values: Several[T]) -> pulumi.Output[list[T]]:
    """The members as one output."""
    return pulumi.Output.all(*values) if isinstance(values, Sequence) else values.apply(list)


def wait_for(values: Several[T], wait: Callable[[pulumi.Output[Any]], pulumi.Output[Any]]) -> Several[T]:
    """The same values, each known only after what `wait` adds to it."""
    return [wait(value) for value in values] if isinstance(values, Sequence) else wait(values)


def take_first(values: Several[str]) -> pulumi.Output[str]:
    """The first member."""
    return values[0] if isinstance(values, Sequence) else values.apply(lambda known: known[0])


def list_first(values: Several[str]) -> Several[str]:
    """A list of the first member."""
    return values[:1] if isinstance(values, Sequence) else values.apply(lambda known: known[:1])
