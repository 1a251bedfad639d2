"""Arguments that name something in a region, and whether it can work in the region of the stack."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from ..facts.foreign_resources import find_obstacle
from .errors import HIDDEN_VALUE
from .faults import Fault
from .kinds import UNIONS, list_plain_kinds
from .marks import SECRET, Located, ReadAs

Fields = Callable[[Any], Mapping[str, "dataclasses.Field[Any]"]]


def list_fields(kind: Any) -> Mapping[str, "dataclasses.Field[Any]"]:
    """The fields of a dataclass, as programs spell them."""
    return {field.name: field for field in dataclasses.fields(kind)}


def find_misplaced(
    arguments: Any, region: str | None, accounts: Sequence[str], fields: Fields = list_fields
) -> Iterator[Fault]:
    """Yields what the arguments name, if it can never work in the region and the accounts. Outputs are passed over."""
    for key, mark, value, secret in _list_located(type(arguments), arguments, "", fields):
        if (found := find_obstacle(mark.kind, mark.parse(value), region, accounts)) is not None:
            yield Fault(key, HIDDEN_VALUE if secret else value, *found)


def _list_located(kind: Any, value: Any, key: str, fields: Fields) -> Iterator[tuple[str, Located, str, bool]]:
    """Yields the plain texts with a mark, each with its key, and whether it is secret."""
    origin, parameters = get_origin(kind), get_args(kind)
    if origin is Annotated:
        if isinstance(value, str):
            marks = (mark for mark in parameters[1:] if isinstance(mark, Located))
            yield from ((key, mark, value, SECRET in parameters) for mark in marks)
        # A stack file has a list in place of a mapping.
        inner = next((mark.kind for mark in parameters[1:] if isinstance(mark, ReadAs)), parameters[0])
        listed = list(value.values()) if inner is not parameters[0] and isinstance(value, Mapping) else value
        yield from _list_located(inner, listed, key, fields)
    elif origin in UNIONS:
        for one in list_plain_kinds(kind):
            yield from _list_located(one, value, key, fields)
    elif dataclasses.is_dataclass(kind) and isinstance(value, kind if isinstance(kind, type) else ()):
        for name, field in fields(type(value)).items():
            yield from _list_located(field.type, getattr(value, field.name), f"{key}.{name}" if key else name, fields)
    elif origin is Sequence and isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from _list_located(parameters[0], one, f"{key}[{index}]", fields)
    elif origin is Mapping and isinstance(value, Mapping):
        for name, one in value.items():
            yield from _list_located(parameters[1], one, f"{key}.{name}", fields)
