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
from ..recording.values import UNKNOWN, reveal
from .graph import Graph, collect_revealed_texts

_KIND: Final = re.compile(r"[a-z]+-(?=[0-9a-f]+$)|arn:[^:]*:[^:]*:[^:]*:[^:]*:[a-z]+[:/]")
"""The beginning of an ID or an ARN that names its kind: `sg-`, `arn:aws:lambda:eu-west-1:123456789012:function:`."""


PARTIAL_ARN: Final = re.compile(r"(?:\d{12}:)?(?P<kind>function:)?(?P<name>[\w-]+)(?::[\w$-]+)?")
"""A function's name as Lambda takes it: `123456789012:function:orders`, `orders:live`.
https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html"""
_REFERENCE: Final = re.compile(r"(?:^id|Ids?|Arns?)$")
"""The end of the names of inputs that name other resources."""


@cache
def load_input_table() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """The parts of the file, with the inputs of each type, or of each reason, as a set."""
    parts: dict[str, Any] = json.loads(Path(__file__).with_name("inputs.json").read_text(encoding="utf-8"))
    return {part: _as_sets(rows) for part, rows in parts.items()}


def _as_sets(rows: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {key: frozenset(names.split()) for key, names in rows.items()}


def note_referrers(graph: Graph, unread: Iterable[Resource]) -> None:
    """Note at each resource which resources that are not read refer to it, by an output or by an equal id or name."""
    for resource in graph:
        resource.answered.pop(list_unread_referrers, None)
    for referrer in unread:
        for resource in _list_referred(graph, referrer):
            resource.answered[list_unread_referrers] = (*list_unread_referrers(resource), referrer.name)


def _list_referred(graph: Graph, referrer: Resource) -> Iterator[Resource]:
    """Each resource that another one refers to, or may refer to, once."""
    if any(_may_name_anything(referrer, key) for key in referrer.inputs):
        yield from graph
        return
    urns = {*referrer.dependencies}.union(*referrer.property_dependencies.values())
    for text in collect_revealed_texts(referrer.inputs.values()):
        identity = _parse_identity(text)
        alike = _list_alike(graph, identity) if identity in graph.looked_up else ()
        urns |= {resource.urn for resource in (*graph.find_all(identity), *alike)}
    for urn in sorted(urns - {referrer.urn}):
        if urn in graph.resources:
            yield graph.resources[urn]


def _parse_identity(text: Any) -> Any:
    """The name in the partial ARN of a function; any other value as it is."""
    match = PARTIAL_ARN.fullmatch(text) if isinstance(text, str) else None
    return match["name"] if match and match["kind"] else text


def _may_name_anything(referrer: Resource, key: str) -> bool:
    """Whether an input is a reference of which nothing is known, not even the resource that it depends on."""
    unknown = UNKNOWN in collect_revealed_texts([referrer.inputs[key]])
    return unknown and _REFERENCE.search(key) is not None and not referrer.property_dependencies.get(key)


def _list_alike(graph: Graph, identity: str) -> Iterator[Resource]:
    """Resources whose kind of ID a looked-up one has: it may be that of any of them."""
    kind = _KIND.match(identity)
    if kind is not None:
        yield from (resource for resource in graph if str(reveal(resource.id)).startswith(kind[0]))


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
