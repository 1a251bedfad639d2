"""Annotations of fields, taken apart."""

import dataclasses
import types
from collections.abc import Awaitable
from typing import Annotated, Any, Final, ForwardRef, Union, get_args, get_origin

import pulumi

UNIONS: Final = (Union, types.UnionType)


def is_required(field: "dataclasses.Field[Any]") -> bool:
    """Whether a field has no default."""
    return field.default is field.default_factory is dataclasses.MISSING


def list_plain_kinds(union: Any) -> list[Any]:
    """Returns the types of a union besides None and what is known later."""
    later = (Awaitable, pulumi.Output)
    kinds = [one for one in get_args(union) if not isinstance(one, ForwardRef) and one is not types.NoneType]
    return [one for one in kinds if get_origin(one) not in later]


def takes_outputs(kind: Any) -> bool:
    """Whether an annotation allows a value that is known later."""
    if get_origin(kind) is Annotated:
        return takes_outputs(get_args(kind)[0])
    parts = get_args(kind) if get_origin(kind) in UNIONS else ()
    return any(get_origin(one) is Awaitable or takes_outputs(one) for one in parts)


def find_plain_type(kind: Any) -> Any:
    """Returns the plain type of an annotation."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    return get_origin(kind) or kind
