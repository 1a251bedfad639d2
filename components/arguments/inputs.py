"""Arguments as inputs: of the component in the state, and of its resources."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import pulumi

from .errors import ArgumentError

Arguments = TypeVar("Arguments")
ArgsOrMapping: TypeAlias = Arguments | Mapping[str, Any]
"""What a component takes: its arguments, or a mapping of them."""


def to_inputs(args: Any, secrets: Collection[str] = ()) -> dict[str, Any]:
    """`args` as a component's inputs, with the values of the keys in `secrets` marked as secret, however deep.

    The engine writes a component's inputs into the state: what is not marked would be there in plain text.
    """
    return {key: _to_input(value, key in secrets, secrets) for key, value in collect_arguments(args).items()}


def collect_arguments(args: Any) -> Mapping[str, Any]:
    """Returns arguments by name: a mapping as it is, and of a dataclass the fields that have a value."""
    if isinstance(args, Mapping):
        return args
    return {field.name: value for field in dataclasses.fields(args) if _is_set(value := getattr(args, field.name))}


def _is_set(value: object) -> bool:
    return value is not None and not (isinstance(value, str | tuple | list | Mapping) and not value)


def _to_input(value: Any, marked: bool, secrets: Collection[str]) -> Any:
    if isinstance(value, Mapping) or dataclasses.is_dataclass(value):
        return {
            key: _to_input(part, marked or key in secrets, secrets) for key, part in collect_arguments(value).items()
        }
    if isinstance(value, list | tuple) and any(
        isinstance(one, Mapping) or dataclasses.is_dataclass(one) for one in value
    ):
        value = [_to_input(part, False, secrets) for part in value]
    return pulumi.Output.secret(value) if marked else value


def pick_first_subnet(component: str, ids: pulumi.Input[Sequence[pulumi.Input[str]]]) -> pulumi.Output[str]:
    """Returns the first of `subnet_ids`. Of a list it is known before the others are.

    An output may turn out to have none: it then raises ArgumentError.
    """

    def pick(known: Sequence[str]) -> str:
        if not known:
            raise ArgumentError(component, "subnet_ids", [], "a list of one or more; name a subnet")
        return known[0]

    if isinstance(ids, Sequence):
        return pulumi.Output.from_input(ids[0])
    together: pulumi.Output[Sequence[str]] = pulumi.Output.from_input(ids)  # type: ignore[arg-type] # awaitables too
    return together.apply(pick)
