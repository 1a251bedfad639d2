"""Inputs with three answers (absent, known, unknown), and the evidence that they are for an answer of the review.

An input is unknown if it is set and does not resolve: an output, a value of another stack, an ID of something that this
program does not declare. Every input of a resource that is only read is unknown, and each that `ignore_changes` lists,
since AWS may hold another value.

Evidence is a `KnownInput`, on which an answer may rest, or `UNKNOWN`, which makes the answer a doubt.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from ..recording.resources import Resource
from ..recording.values import UNKNOWN, Unknown
from .graph import Graph, collect_revealed_texts
from .reading import find_referenced, find_values, get_declared_input

T = TypeVar("T")

Words = tuple[str, ...]
_ROOT: Final = re.compile(r'(?:\["?)?([^."[\]]*)')


class _Seal:
    """Only this module has one, so that no other code makes a `KnownInput`."""


@dataclass(frozen=True, eq=False)
class KnownInput:
    """A known input of a resource; `value` is None if it is not set."""

    resource: Resource
    key: str
    """`vpcConfig.subnetIds`; empty if the resource's type is the evidence."""
    value: Any = field(repr=False)
    _seal: _Seal = field(repr=False)

    @property
    def place(self) -> tuple[str, str]:
        return self.resource.urn, self.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KnownInput) and self.place == other.place

    def __hash__(self) -> int:
        return hash(self.place)

    def __str__(self) -> str:
        return f"{self.resource.name}.{self.key}" if self.key else f"{self.resource.name} ({self.resource.kind})"


Evidence = KnownInput | Unknown


def make_type_evidence(resource: Resource) -> Evidence:
    """Evidence that is true for every resource of this type."""
    return _make_evidence(resource, (), resource.type, known=True)


def _make_evidence(resource: Resource, path: tuple[str, ...], value: Any, *, known: bool) -> Evidence:
    key = ".".join(path)
    return KnownInput(resource, key, value, _Seal()) if known else UNKNOWN


def make_input_evidence(resource: Resource, *path: str) -> Evidence:
    """The whole of an input as evidence."""
    value = get_deployed_input(resource, *path)
    return _make_evidence(resource, path, value, known=not contains_unknown(value))


@dataclass(frozen=True)
class InputList(Generic[T]):
    """The members of a list, as far as they are known."""

    resource: Resource
    path: Words
    known: tuple[T, ...]
    """For an answer that one of them is enough for."""
    is_complete: bool
    """Whether there are no others, for an answer that rests on their absence."""


def get_deployed_input(resource: Resource, *path: str) -> Any:
    """The input as AWS holds it, secrets opened: None if absent, `UNKNOWN` if not known."""
    return get_declared_input(resource, *path) if is_declared(resource, path[0]) else UNKNOWN


def read_flag(resource: Resource, *path: str, absent: bool | None) -> bool | None:
    """Whether an input is true, also where it is written as text: `absent` if it is not set, None if not known."""
    value = get_deployed_input(resource, *path)
    return absent if value is None else None if value is UNKNOWN else str(value).lower() == "true"


def get_deployed_inputs(resource: Resource) -> Mapping[str, Any]:
    """All inputs as AWS holds them. Each that is only read, or in `ignore_changes`, is `UNKNOWN`."""
    keys = (*resource.inputs, *list_root_keys(resource.options.ignore_changes))
    return {key: resource.inputs[key] if is_declared(resource, key) else UNKNOWN for key in keys}


def list_references(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...]) -> InputList[Resource]:
    """The resources that an input names. Not complete if it names something that this graph does not hold."""
    resources, unknown_ids, known = resolve_references(graph, resource, path, types)
    return InputList(resource, path, resources, known and not unknown_ids)


def list_unreferenced_evidence(
    graph: Graph, resource: Resource, sources: Iterable[tuple[Words, Words]]
) -> Iterator[Evidence]:
    """Evidence that no resource of these types names this one: each names a known other."""
    yield make_type_evidence(resource)
    for kinds, path in sources:
        owners = [
            *list_with_unknown_owner(graph, kinds, *path, types=()),
            *(other for other in graph.list_by_type(*kinds) if other.existing),
        ]
        yield from (UNKNOWN for owner in owners)


def may_reference_any(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...]) -> bool:
    """Whether an input may name any resource of these types: it is not known, or a lookup answered with it.

    A literal id, and an output of another stack, name something that this program does not make.
    """
    if resource.existing:
        return False
    _, unknown_ids, known = resolve_references(graph, resource, path, types)
    sources = [graph.resources.get(urn) for urn in resource.property_dependencies.get(path[0], ())]
    from_other_stacks = bool(sources) and all(source is not None and source.is_other_stack for source in sources)
    known = known or (from_other_stacks and is_declared(resource, path[0]))
    return not known or not graph.looked_up.isdisjoint(unknown_ids)


def list_with_unknown_owner(graph: Graph, kinds: tuple[str, ...], *path: str, types: tuple[str, ...]) -> list[Resource]:
    """Resources of these kinds that may belong to any resource of `types`, by the input that names it."""
    key = list_with_unknown_owner, kinds, path, types
    if key not in graph.answered:
        resources = [
            resource
            for resource in graph.list_by_type(*kinds)
            if may_reference_any(graph, resource, *path, types=types)
        ]
        graph.answered[key] = resources
    return list(graph.answered[key])


def resolve_references(
    graph: Graph, resource: Resource, path: Words, types: Words
) -> tuple[tuple[Resource, ...], list[str], bool]:
    """The resources that an input names, IDs that are not in the graph, and whether the list is complete.

    `list_references` and `make_reference_evidence` have the same in other forms.
    """
    resources = tuple({named.urn: named for named in find_referenced(graph, resource, *path, types=types)}.values())
    values = [value for value in find_values(resource.inputs, *path) if value is not None]
    by_value = {str(value): graph.find(str(value), *types) for value in values if value is not UNKNOWN}
    # A recorded dependency replaces a value that is not known.
    by_dependency = len(resources) - len({named.urn for named in by_value.values() if named is not None})
    known = values.count(UNKNOWN) <= by_dependency and is_declared(resource, path[0])
    return resources, [value for value, named in by_value.items() if named is None], known


def is_declared(resource: Resource, key: str) -> bool:
    """Whether AWS holds the value that the graph has: the program gives it, or it was read from AWS."""
    return key in resource.read or not (resource.existing or is_ignored(resource, key))


def is_ignored(resource: Resource, key: str) -> bool:
    """Whether no update changes this input, by `ignore_changes`."""
    return bool({key, "*"} & _list_cached_root_keys(resource.options.ignore_changes))


def list_root_keys(paths: Iterable[str]) -> list[str]:
    """`ingress` of `ingress[0].cidrBlocks` and of `["ingress"]`.

    https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
    """
    return [match[1] for path in paths if (match := _ROOT.match(path))]


@functools.lru_cache
def _list_cached_root_keys(paths: tuple[str, ...]) -> frozenset[str]:
    return frozenset(list_root_keys(paths))


def contains_unknown(value: Any) -> bool:
    return UNKNOWN in collect_revealed_texts([value])
