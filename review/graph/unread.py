"""Resources and inputs that the review does not read, and the answers that they make uncertain.

Two things are not read: resources of other types than those of the catalog, and inputs of read types that no reader
knows. An answer "no" rests on facts of resources. A fact of a resource counts as unknown if a resource that is not read
refers to it, or if an input of it is set that may open a way.

inputs.json has the inputs of each read type that plays a part in traffic. A name with a dot at its end is a block.
Inputs that nobody reads are under `harmless` and `inner`, with the reason why they change no answer, and those that may
change it under `opens` and `closes`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from ..recording.resources import Resource
from ..recording.values import reveal
from .graph import Graph

PARTIAL_ARN: Final = re.compile(r"(?:\d{12}:)?(?P<kind>function:)?(?P<name>[\w-]+)(?::[\w$-]+)?")
"""A function's name as Lambda takes it: `123456789012:function:orders`, `orders:live`.
https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html"""


@cache
def load_input_table() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """The parts of the file, with the inputs of each type, or of each reason, as a set."""
    parts: dict[str, Any] = json.loads(Path(__file__).with_name("inputs.json").read_text(encoding="utf-8"))
    return {part: _as_sets(rows) for part, rows in parts.items()}


def _as_sets(rows: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {key: frozenset(names.split()) for key, names in rows.items()}


def note_referrers(graph: Graph, referrers: Iterable[tuple[str, str]]) -> None:
    """Note at each resource, by its URN, the name of one that is not read, that refers to it and may change it."""
    for resource in graph:
        resource.answered.pop(list_unread_referrers, None)
    for urn, name in referrers:
        resource = graph.resources[urn]
        resource.answered[list_unread_referrers] = (*list_unread_referrers(resource), name)


def list_unread_referrers(resource: Resource) -> tuple[str, ...]:
    """Names of resources that the review does not read and that refer to this one."""
    names: tuple[str, ...] = resource.answered.get(list_unread_referrers, ())
    return names


def list_unread_openings(resource: Resource) -> tuple[str, ...]:
    """Inputs that may open a way which the review does not see."""
    return _get_cached(resource, "opens")


def list_unread_closings(resource: Resource) -> tuple[str, ...]:
    """Inputs that may close a way which the review takes for open."""
    return _get_cached(resource, "closes")


def _get_cached(resource: Resource, part: str) -> tuple[str, ...]:
    # Each path through a group of 1,000 rules needs the answer.
    if (_list_unread, part) not in resource.answered:
        resource.answered[_list_unread, part] = _list_unread(resource, part)
    answer: tuple[str, ...] = resource.answered[_list_unread, part]
    return answer


def _list_unread(resource: Resource, part: str) -> tuple[str, ...]:
    known = load_input_table()["types"].get(resource.type)
    if known is None or not resource.custom:
        return ()
    known -= load_input_table()[part].get(resource.type, frozenset())
    return tuple(sorted(set(_list_set_inputs(resource.inputs, known)) - known))


def _list_set_inputs(value: Any, known: frozenset[str], block: str = "") -> Iterator[str]:
    """Each input that is set, and with the input around it each that is set in a block, at any depth."""
    if isinstance(value := reveal(value), list):
        yield from (name for member in value for name in _list_set_inputs(member, known, block))
    for key, inner in value.items() if isinstance(value, Mapping) else ():
        if inner is not None and not key.startswith("__"):
            yield f"{block}{key}"
            yield from _list_set_inputs(inner, known, block or f"{key}.") if f"{block}{key}." in known else ()
