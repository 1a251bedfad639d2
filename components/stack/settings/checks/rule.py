"""How a rule is written: a generator of mistakes whose parameters are named after the sections it reads."""

import dataclasses
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import pulumi

from ....arguments.faults import Fault
from ..mistakes import Mistake, qualify
from ..section import Section, convert_to_camel, fields_by_key
from ..unknown import Unknown, as_far_as_known, require_known

Found = TypeVar("Found")
Rules = Mapping[Callable[..., Iterator[Mistake]], Mapping[str, bool]]
RULES: dict[Callable[..., Iterator[Mistake]], dict[str, bool]] = {}
"""Each rule with the names of the sections that it reads, and whether it takes one that is wrong: by keyword only."""


def register(check: Callable[..., Iterator[Mistake]]) -> Callable[..., Iterator[Mistake]]:
    """Register a rule."""
    RULES[check] = {name: its.kind is its.KEYWORD_ONLY for name, its in inspect.signature(check).parameters.items()}
    return check


def make_mistake(key: str, got: object, allowed: str, remedy: str = "") -> Mistake:
    """Returns a mistake at `key`, given without the namespace."""
    return Mistake(qualify(key), require_known(got), allowed, remedy)


def convert_faults(section: str, *faults: Iterable[Fault], **keys: str) -> Iterator[Mistake]:
    """Mistakes that a component refuses as well, as the stack file spells their keys; `keys` are those that differ."""
    for fault in itertools.chain(*map(skip_unknown, faults)):
        path, dot, name = fault.key.partition(".")
        # A name that the user chose stays as it is.
        key = f"{convert_to_camel(path)}{dot}{name if path in _MAPS else convert_to_camel(name)}"
        key = {**_KEYS.get(section, {}), **keys}.get(fault.key, key).replace(".invokeArn", ".function")
        key = key.replace("accessLogFields", "logs.fields").replace("executionLogs", "logs.execution")
        yield make_mistake(
            f"{section}.{key}", fault.got, convert_to_camel(fault.allowed), convert_to_camel(fault.remedy)
        )


def skip_unknown(found: Iterable[Found]) -> Iterator[Found]:
    """Those that do not depend on a value that is wrong by itself."""
    with as_far_as_known():
        yield from found


_KEYS = {"api": {"allow_cidrs": "policy", "deny_cidrs": "policy", "private_domain.name": "domain.name"}}
"""Arguments that have another key in a section."""
_MAPS = ("environment", "secrets", "files", "permissions", "calls")


def list_keys_in_file(section: Section, *fields: str) -> list[str]:
    """Those of `fields` that the stack file writes itself, as it spells them. `null` is as if nothing were written."""
    keys = {field.name: key for key, field in fields_by_key(type(require_known(section))).items()}
    return [keys[name] for name in fields if name in section.fields_in_file and getattr(section, name) is not None]


def refuse_fields(
    place: str, section: Section, fields: Iterable[str], allowed: str, remedy: str = "take it out"
) -> Iterator[Mistake]:
    """Mistakes for those of `fields` that the stack file writes itself, although they have no meaning there."""
    for field in fields:
        for key in list_keys_in_file(section, field):
            yield make_mistake(f"{place}.{key}", format_field(section, field), allowed, remedy)


def format_field(section: Section, field: str) -> object:
    """Returns a field as the stack file would write it, for a message."""
    return _format(require_known(getattr(section, field)))


def _format(value: object) -> object:
    if isinstance(value, Unknown):
        return repr(value)
    if isinstance(value, pulumi.Output):
        return "(secret)"
    if dataclasses.is_dataclass(value):
        names = [(key, getattr(value, field.name)) for key, field in fields_by_key(type(value)).items()]
        return {key: _format(one) for key, one in names if one is not None}
    if isinstance(value, Mapping):
        return {key: _format(one) for key, one in value.items()}
    return list(map(_format, value)) if isinstance(value, list | tuple) else value
