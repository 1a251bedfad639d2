"""How a rule is written: a generator of mistakes whose parameters are named after the sections it reads."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from typing import Final

from pydantic import BaseModel

from components.faults import Fault

from ..arguments import camel
from ..mistakes import Mistake, qualified


class _Invalid(Enum):
    INVALID = "a section that has mistakes of its own"


INVALID: Final = _Invalid.INVALID
RULES: dict[Callable[..., Iterator[Mistake]], tuple[str, ...]] = {}
"""Each rule with the names of the sections that it reads."""


def rule(check: Callable[..., Iterator[Mistake]]) -> Callable[..., Iterator[Mistake]]:
    """Register a rule."""
    RULES[check] = tuple(inspect.signature(check).parameters)
    return check


def mistake(key: str, got: object, allowed: str, remedy: str = "") -> Mistake:
    """A mistake at `key`, given without the namespace."""
    return Mistake(qualified(key), got, allowed, remedy)


def mistakes(section: str, found: Iterable[Fault]) -> Iterator[Mistake]:
    """Mistakes that a component refuses as well, as the stack file spells their keys."""
    for fault in found:
        path, dot, name = fault.key.partition(".")
        # A name that the user chose stays as it is.
        key = f"{camel(path)}{dot}{name if path in _MAPS else camel(name)}"
        yield mistake(f"{section}.{_KEYS.get(fault.key, key)}", fault.got, camel(fault.allowed), camel(fault.remedy))


_KEYS = {"allow_cidrs": "policy"}
"""Arguments that have another key in the settings."""
_MAPS = ("environment", "secrets", "files", "permissions")


def given(section: BaseModel, *fields: str) -> list[str]:
    """Those of `fields` that the stack file writes itself, as it spells them."""
    model = type(section).model_fields
    return [model[name].alias or name for name in fields if name in section.model_fields_set]


def written(section: BaseModel, field: str) -> object:
    """A field as the stack file would write it, for a message."""
    dumped = section.model_dump(
        mode="json", by_alias=True, include={field}, exclude_none=True, fallback=lambda _: "(secret)"
    )
    return next(iter(dumped.values()))
