"""Inputs in three values: absent, known, unknown. A reader names its answer for each, or mypy refuses the code.

An input is unknown if it is set and does not resolve: an output, a value of another stack, an id of something that this
program does not declare. Each input of a resource that is only read is unknown, and each that `ignore_changes` lists,
since AWS may hold another value.

Each gives its ground as well: a `Fact` if the input is known, which an answer may rest on, else a `Gap`.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

from ..recording.resources import Resource
from ..recording.values import UNKNOWN
from .graph import Graph, may_leave
from .prose import few
from .reading import CannotTell, all_values_at, as_list, input_at, named_resources
from .unread import may_open, referrers

T = TypeVar("T")
A = TypeVar("A")
U = TypeVar("U")

Words = tuple[str, ...]
_ROOT: Final = re.compile(r'(?:\["?)?([^."[\]]*)')


class _Seal:
    """Only this module has one, so that nothing else makes a fact."""


@dataclass(frozen=True, eq=False)
class Fact:
    """A known input of a resource; `value` is None if it is not set."""

    resource: Resource
    key: str
    """`vpcConfig.subnetIds`; empty for a fact that follows from the type of the resource."""
    value: Any = field(repr=False)
    _seal: _Seal = field(repr=False)

    @property
    def place(self) -> tuple[str, str]:
        return self.resource.urn, self.key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and self.place == other.place

    def __hash__(self) -> int:
        return hash(self.place)

    def __str__(self) -> str:
        return f"{self.resource.name}.{self.key}" if self.key else f"{self.resource.name} ({self.resource.kind})"


@dataclass(frozen=True)
class Gap:
    """An input that is not known, so that no answer may rest on it."""

    about: str
    is_named: bool = False
    """Whether a doubt names it: a resource or an input that the review does not read."""


Ground = Fact | Gap


def describe_unread(resource: Resource) -> str:
    """Why nothing certain is known of a resource to which something refers that is not read; empty if nothing does."""
    if not (names := referrers(resource)):
        return ""
    return f"the review does not read {few(names)}, which {'refers' if len(names) == 1 else 'refer'} to {resource.name}"


def make_type_ground(resource: Resource) -> Ground:
    """The ground for a fact about every resource of this type."""
    return _make_ground(resource, (), resource.type, known=True)


def _make_ground(resource: Resource, path: tuple[str, ...], value: Any, *, known: bool) -> Ground:
    key = ".".join(path)
    if unread := may_open(resource):
        return Gap(f"the review does not read {resource.name}.{unread[0]}", is_named=True)
    if stranger := describe_unread(resource):
        return Gap(stranger, is_named=True)
    return Fact(resource, key, value, _Seal()) if known else Gap(f"{resource.name}.{key}")


@dataclass(frozen=True)
class Given(Generic[T]):
    """One input. Its value can be had only together with answers for the two other cases."""

    _resource: Resource
    _path: tuple[str, ...]
    _value: T | None
    _known: bool

    def as_ground(self) -> Ground:
        """The whole value as something to rest on."""
        known = self._known and not holds_unknown(self._value)
        return _make_ground(self._resource, self._path, self._value, known=known)

    def value(self, *, absent: A, unknown: U) -> T | A | U:
        """The value, or the answer for an input that is not set, or for one that is not known."""
        if not self._known:
            return unknown
        return absent if self._value is None else self._value

    def flag(self, *, absent: bool) -> bool | None:
        """Whether the input is true, also where it is written as text. None if it is not known."""
        value = self.value(absent=absent, unknown=None)
        return None if value is None else str(value).lower() == "true"


@dataclass(frozen=True)
class Entries(Generic[T]):
    """The members of a list, as far as they are known."""

    _resource: Resource
    _path: tuple[str, ...]
    _known: tuple[T, ...]
    _complete: bool

    def every(self, *, unknown: U) -> tuple[T, ...] | U:
        """All members, for an answer that rests on the absence of others; `unknown` if there may be others."""
        return self._known if self._complete else unknown

    def some(self) -> tuple[T, ...]:
        """The known members, for an answer that one of them is enough for."""
        return self._known

    def as_ground(self) -> Ground:
        """The list as something to rest on."""
        names = [member.name if isinstance(member, Resource) else member for member in self._known]
        return _make_ground(self._resource, self._path, names or None, known=self._complete)


def get_input(resource: Resource, *path: str) -> Given[Any]:
    """The input at `path`, secrets opened."""
    value = held_input(resource, *path)
    return Given(resource, path, None if value is UNKNOWN else value, value is not UNKNOWN)


def held_input(resource: Resource, *path: str) -> Any:
    """The input as AWS holds it, for readers that hand on all three values: None if absent, `UNKNOWN` if not known."""
    return input_at(resource, *path) if is_declared(resource, path[0]) else UNKNOWN


def known_input(resource: Resource, *path: str) -> Any:
    """The input as AWS holds it, None if it is not set. Raises CannotTell if it is not known."""
    value = held_input(resource, *path)
    if value is UNKNOWN:
        raise CannotTell(f"AWS may hold another {'.'.join(path)} of {resource.name}, or it is known after deployment")
    return value


def held_inputs(resource: Resource) -> Mapping[str, Any]:
    """All inputs as AWS holds them. Each that is only read, or in `ignore_changes`, is `UNKNOWN`."""
    keys = (*resource.inputs, *list_roots(resource.options.ignore_changes))
    return {key: resource.inputs[key] if is_declared(resource, key) else UNKNOWN for key in keys}


def list_entries(resource: Resource, *path: str) -> Entries[Any]:
    values = as_list(input_at(resource, *path))
    known = tuple(value for value in values if value is not UNKNOWN)
    return Entries(resource, path, known, len(known) == len(values) and is_declared(resource, path[0]))


def list_named(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...]) -> Entries[Resource]:
    """The resources that an input names. Not complete if it names something that this graph does not hold."""
    resources, strangers, known = resolve_named(graph, resource, path, types)
    return Entries(resource, path, resources, known and not strangers)


def make_reference_ground(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...]) -> Ground:
    """The ground for the statement that an input names these resources, in this graph or elsewhere."""
    resources, strangers, known = resolve_named(graph, resource, path, types)
    return _make_ground(resource, path, [*(named.name for named in resources), *strangers] or None, known=known)


def list_unnamed_grounds(graph: Graph, resource: Resource, sources: Iterable[tuple[Words, Words]]) -> Iterator[Ground]:
    """Grounds for the statement that no resource of these types names this one: each names a known other."""
    yield make_type_ground(resource)
    if may_open not in graph.answered:
        graph.answered[may_open] = [other for other in graph if may_open(other)]
    yield from (make_type_ground(other) for other in graph.answered[may_open] if resource.urn in other.dependencies)
    for kinds, path in sources:
        strays = [
            *list_of_any_owner(graph, kinds, *path, types=()),
            *(other for other in graph.of_type(*kinds) if other.existing),
        ]
        yield from (Gap(f"{stray.name}.{'.'.join(path)}") for stray in strays)


def may_be_any(graph: Graph, resource: Resource, *path: str, types: tuple[str, ...]) -> bool:
    """Whether an input may name any resource of these types: it is not known, or a lookup answered with it.

    A literal id, and an output of another stack, name something that this program does not make.
    """
    if resource.existing:
        return False
    _, strangers, known = resolve_named(graph, resource, path, types)
    sources = [graph.resources.get(urn) for urn in resource.property_dependencies.get(path[0], ())]
    apart = bool(sources) and all(source is not None and source.is_other_stack for source in sources)
    known = known or (apart and is_declared(resource, path[0]))
    return not known or not graph.looked_up.isdisjoint(strangers)


def list_of_any_owner(graph: Graph, kinds: tuple[str, ...], *path: str, types: tuple[str, ...]) -> list[Resource]:
    """Resources of these kinds that may belong to any resource of `types`, by the input that names it."""
    key = list_of_any_owner, kinds, path, types
    if key not in graph.answered:
        resources = [resource for resource in graph.of_type(*kinds) if may_be_any(graph, resource, *path, types=types)]
        graph.answered[key] = resources
    return list(graph.answered[key])


def list_of_other_owners(graph: Graph, kinds: tuple[str, ...], *path: str, types: tuple[str, ...]) -> list[Resource]:
    """Resources of these kinds that the program declares, and that name something which it does not hold."""
    resources = (resource for resource in graph.of_type(*kinds) if not resource.existing)
    return [other for other in resources if list_named(graph, other, *path, types=types).every(unknown=None) is None]


def resolve_named(
    graph: Graph, resource: Resource, path: Words, types: Words
) -> tuple[tuple[Resource, ...], list[str], bool]:
    """The resources that an input names, IDs that are not in the graph, and whether the list is complete.

    `named` and `cited` say it as something to rest on.
    """
    resources = tuple({named.urn: named for named in named_resources(graph, resource, *path, types=types)}.values())
    values = [value for value in all_values_at(resource.inputs, *path) if value is not None]
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
    return bool({key, "*"} & _list_cached_roots(resource.options.ignore_changes))


def list_roots(paths: Iterable[str]) -> list[str]:
    """`ingress` of `ingress[0].cidrBlocks` and of `["ingress"]`.

    https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
    """
    return [match[1] for path in paths if (match := _ROOT.match(path))]


@functools.lru_cache
def _list_cached_roots(paths: tuple[str, ...]) -> frozenset[str]:
    return frozenset(list_roots(paths))


def holds_unknown(value: Any) -> bool:
    return UNKNOWN in may_leave([value])
