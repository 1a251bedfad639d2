"""Inputs that the program sets and that no reader of the review knows: answers about their resource are in doubt.

inputs.json has the inputs of each type that plays a part in traffic, as the SDK's version 7 and, under `older`, the two
before it have them; under `harmless` those that nobody reads, with the reason why they change no answer; and under
`opens` and `closes` those that may do so.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from .graph import Resource

_FILE: Final = Path(__file__).with_name("inputs.json")


@cache
def table() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """The parts of the file, with the inputs of each type, or of each reason, as a set."""
    parts: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {part: {key: frozenset(names.split()) for key, names in one.items()} for part, one in parts.items()}


def may_open(resource: Resource) -> tuple[str, ...]:
    """Inputs that may open a way which the review does not see."""
    return _unread(resource, "opens")


def may_close(resource: Resource) -> tuple[str, ...]:
    """Inputs that may close a way which the review takes for open."""
    return _unread(resource, "closes")


def _unread(resource: Resource, part: str) -> tuple[str, ...]:
    known = table()["types"].get(resource.type)
    if known is None or not resource.custom:
        return ()
    known = (known | table()["older"].get(resource.type, frozenset())) - table()[part].get(resource.type, frozenset())
    unread = (key for key in resource.inputs.keys() - known if resource.inputs[key] is not None)
    return tuple(sorted(key for key in unread if not key.startswith("__")))
