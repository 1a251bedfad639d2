"""Reading a captured resource: its inputs by path, where a value may be secret or known only after deployment.

An unknown value is never guessed. `require_declared_input` raises Doubt, which a rule or a path turns into "cannot
tell". `get_declared_input` returns `UNKNOWN`, for readers that can look elsewhere.
"""

import math
from collections.abc import Mapping
from typing import Any, Final

from . import UNKNOWN, Graph, Resource, reveal
from .json_parsing import parse_json

AFTER_DEPLOYMENT: Final = "known only after deployment"
"""Wording for values that a program leaves open. Plans and states have other words, since both hide secrets."""


class Doubt(Exception):  # noqa: N818 # not an error: it is the third answer besides yes and no
    """Cannot tell: the answer depends on what this evaluation cannot see. A reader raises it, others hand it on."""

    @property
    def about(self) -> tuple[str, ...]:
        """What is not known, each by itself."""
        return self.args

    def __str__(self) -> str:
        return "; ".join(self.about)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Doubt) and self.about == other.about

    def __hash__(self) -> int:
        return hash(self.about)


class MalformedDocument(ValueError):  # noqa: N818 # reads as what it is
    """A policy or an API definition that is not the JSON document it has to be."""


def get_declared_input(resource: Resource, *path: str) -> Any:
    """The input at `path`, secrets opened: `UNKNOWN` if it, or a block around it, is not known; None if unset."""
    return get_value(resource.inputs, *path)


def require_known(value: Any, name: str) -> Any:
    """`value`. Raises Doubt, naming `name`, if it is unknown."""
    if value is UNKNOWN:
        raise Doubt(f"{name} is {AFTER_DEPLOYMENT}")
    return value


def get_value(value: Any, *path: str) -> Any:
    """`value[path[0]][path[1]]…`, secrets opened; a list with one element is read as the element."""
    for key in path:
        value = reveal(value)
        if isinstance(value, list) and len(value) == 1:
            value = reveal(value[0])
        if value is UNKNOWN:
            return UNKNOWN
        value = value.get(key) if isinstance(value, Mapping) else None
    return reveal(value)


def find_values(value: Any, *path: str) -> list[Any]:
    """Every value at `path`, also inside lists on the way; `UNKNOWN` for a value that is not known."""
    values = as_list(value)
    for key in path:
        holders = (holder for holder in values if holder is UNKNOWN or isinstance(holder, Mapping))
        inner = (holder.get(key) if isinstance(holder, Mapping) else holder for holder in holders)
        values = [value for part in inner for value in as_list(part)]
    return values


def get_output(resource: Resource, key: str) -> Any:
    """An output, secrets opened; `UNKNOWN` if neither the program nor the evaluation gave it."""
    return reveal(resource.state.get(key, UNKNOWN))


def as_list(value: Any) -> list[Any]:
    """`value` as a list of opened elements: empty for None, one element for a single value."""
    value = reveal(value)
    if value is None:
        return []
    return [reveal(item) for item in value] if isinstance(value, list | tuple) else [value]


def as_mapping(value: Any) -> Mapping[str, Any]:
    """`value` if it is a mapping, secrets opened, else an empty one."""
    value = reveal(value)
    return value if isinstance(value, Mapping) else {}


def as_text(value: Any) -> str:
    """`value` as text, or nothing if it is unset, unknown or not a string."""
    value = reveal(value)
    return value if isinstance(value, str) else ""


def as_number(value: Any) -> float | None:
    """`value` as a number, also where it came as text (Cloud Map's attributes, CPU units); None for anything else."""
    value = reveal(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def as_integer(value: Any) -> int | None:
    """`value` as an integer, such as a port: numbers arrive as floats."""
    amount = as_number(value)
    return int(amount) if amount is not None and math.isfinite(amount) else None


def parse_document(value: Any, name: str) -> Any:
    """A JSON document that an input holds as text or as a mapping.

    Raises Doubt if it is unknown and MalformedDocument, naming `name`, where it is no JSON.
    """
    value = require_known(reveal(value), name)
    if not isinstance(value, str):
        return value
    try:
        return parse_json(value)
    except ValueError as problem:
        raise MalformedDocument(f"{name} is not JSON: {problem}") from None


def list_dependencies(graph: Graph, resource: Resource, key: str, types: tuple[str, ...] = ()) -> list[Resource]:
    """Resources of the graph that an input depends on, by the recorded dependencies."""
    recorded = (graph.resources.get(urn) for urn in resource.property_dependencies.get(key, ()))
    return [other for other in recorded if other is not None and (not types or other.type in types)]


def find_referenced(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...] = ()) -> list[Resource]:
    """Resources that the input at `path` names: by its values, or by recorded dependencies if one is unknown."""
    values = find_values(resource.inputs, *path)
    resources = [*filter(None, (graph.find(value, *types) for value in values))]
    if UNKNOWN in values:
        resources += [other for other in list_dependencies(graph, resource, path[0], types) if other not in resources]
    return resources


def find_first_referenced(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...]) -> Resource | None:
    """The first of the resources that the input names."""
    return next(iter(find_referenced(graph, resource, *path, types=types)), None)


def find_referring(graph: Graph, resource: Resource, kinds: tuple[str, ...], *path: str) -> list[Resource]:
    """Resources of these types whose input at `path` names `resource`."""
    key = kinds, path, resource.type
    if key not in graph.answered:
        holders: dict[str, list[Resource]] = {}
        for holder in graph.list_by_type(*kinds):
            for named in find_referenced(graph, holder, *path, types=(resource.type,)):
                holders.setdefault(named.urn, []).append(holder)
        graph.answered[key] = holders
    return list(graph.answered[key].get(resource.urn, []))
