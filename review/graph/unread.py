"""Inputs that the program sets and that no reader of the review knows: answers about their resource are in doubt.

inputs.json has the inputs of each type that plays a part in traffic, as the SDK's version 7 and, under `older`, the two
before it have them. A name with a dot at its end is a block. Those that nobody reads are under `harmless` and `inner`,
with the reason why they change no answer, and those that may change it under `opens` and `closes`.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .graph import Resource, reveal


@cache
def table() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """The parts of the file, with the inputs of each type, or of each reason, as a set."""
    parts: dict[str, Any] = json.loads(Path(__file__).with_name("inputs.json").read_text(encoding="utf-8"))
    return {part: {key: frozenset(names.split()) for key, names in block.items()} for part, block in parts.items()}


def may_open(resource: Resource) -> tuple[str, ...]:
    """Inputs that may open a way which the review does not see."""
    return _answer(resource, "opens")


def may_close(resource: Resource) -> tuple[str, ...]:
    """Inputs that may close a way which the review takes for open."""
    return _answer(resource, "closes")


def _answer(resource: Resource, part: str) -> tuple[str, ...]:
    # A group of 1,000 rules is asked once for each way that leads through it.
    if (_unread, part) not in resource.answered:
        resource.answered[_unread, part] = _unread(resource, part)
    answer: tuple[str, ...] = resource.answered[_unread, part]
    return answer


def _unread(resource: Resource, part: str) -> tuple[str, ...]:
    known = table()["types"].get(resource.type)
    if known is None or not resource.custom:
        return ()
    known = (known | table()["older"].get(resource.type, frozenset())) - table()[part].get(resource.type, frozenset())
    return tuple(sorted(set(_given(resource.inputs, known)) - known))


def _given(value: Any, known: frozenset[str], block: str = "") -> Iterator[str]:
    """Each input that is set, and with the input around it each that is set in a block, at any depth."""
    if isinstance(value := reveal(value), list):
        yield from (name for member in value for name in _given(member, known, block))
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        if inner is not None and not key.startswith("__"):
            yield f"{block}{key}"
            yield from _given(inner, known, block or f"{key}.") if f"{block}{key}." in known else ()
