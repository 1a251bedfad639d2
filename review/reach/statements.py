"""The statements of a stack's components, and the components that references name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..facts.statements import PACKAGE
from ..graph import Graph, Resource
from ..graph.statements import read_statement


@dataclass(frozen=True, eq=False)
class Part:
    """A component with its statement."""

    resource: Resource
    statement: Mapping[str, Any]
    name: str
    """Its name in a report: `nat` for `network-nat` inside `network`."""

    @property
    def kind(self) -> str:
        """`ApiFront`."""
        return self.resource.kind

    def get(self, *path: str) -> Any:
        """The part of the statement at a path; None if it is absent."""
        value: Any = self.statement
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def get_map(self, *path: str) -> Mapping[str, Any]:
        """The mapping at a path; empty if it is absent."""
        value = self.get(*path)
        return value if isinstance(value, Mapping) else {}


class Statements:
    """The statements of a graph, by component."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._parts = {part.resource.urn: part for part in _read_parts(graph)}

    @property
    def all(self) -> list[Part]:
        return [*self._parts.values()]

    def list_of(self, *kinds: str) -> list[Part]:
        """The components of these kinds."""
        return [part for part in self._parts.values() if part.kind in kinds]

    def find_owner(self, urn: str | None) -> Part | None:
        """The nearest component around a resource, or the component itself."""
        while urn and urn not in self._parts:
            resource = self.graph.resources.get(urn)
            urn = resource.parent if resource is not None else None
        return self._parts.get(urn or "")

    def find(self, reference: Any) -> Part | None:
        """The component that a reference leads to; None if it names resources of several, of which it is one."""
        owners = self.list_owners(reference)
        return owners[0] if len(owners) == 1 else None

    def may_lead(self, reference: Any, part: Part | None) -> bool:
        """Whether a reference leads to a component, or may: it names resources of several."""
        return part is not None and part in self.list_owners(reference)

    def is_ambiguous(self, reference: Any) -> bool:
        """Whether only the deployment knows which of several owners' resources a reference names."""
        return len(self.list_owners(reference)) > 1

    def list_owners(self, reference: Any) -> list[Part | None]:
        """The components of the resources that a reference names; None for one that is of no component."""
        return [*dict.fromkeys(map(self.find_owner, list_urns(reference)))]

    def list_members(self, part: Part) -> frozenset[str]:
        """URNs of a component and of all that it declares, on which its statement rests."""
        return self._members[part.resource.urn]

    @cached_property
    def _members(self) -> dict[str, frozenset[str]]:
        found = {urn: {urn} for urn in self._parts}
        for resource in self.graph:
            owner = self.find_owner(resource.urn)
            while owner is not None:
                found[owner.resource.urn].add(resource.urn)
                owner = self.find_owner(owner.resource.parent)
        return {urn: frozenset(members) for urn, members in found.items()}

    def name(self, reference: Any) -> str:
        """What a reference names, in words."""
        names = [self._name_resource(urn) for urn in list_urns(reference)]
        return " or ".join(dict.fromkeys(names)) or describe(self.graph, reference)

    def _name_resource(self, urn: str) -> str:
        part = self.find_owner(urn)
        return part.name if part is not None else describe(self.graph, {"of": [urn]})


def list_urns(reference: Any) -> list[str]:
    """URNs of the resources that a reference names."""
    found = reference.get("of") if isinstance(reference, Mapping) else None
    return [str(urn) for urn in found] if isinstance(found, list | tuple) else []


def describe(graph: Graph, reference: Any) -> str:
    """A reference that leads to no component."""
    if not isinstance(reference, Mapping):
        return str(reference)
    if names := [graph.resources[urn].name if urn in graph.resources else urn for urn in list_urns(reference)]:
        return " or ".join(names)
    return "a secret" if "secret" in reference else "a value that only the deployment knows"


def _read_parts(graph: Graph) -> Iterator[Part]:
    for resource in graph:
        if (statement := read_statement(resource)) is not None:
            outer = graph.resources.get(resource.parent or "")
            is_inside = outer is not None and outer.type.startswith(PACKAGE)
            name = resource.name.removeprefix(f"{outer.name}-") if is_inside and outer is not None else resource.name
            yield Part(resource, _sort(statement), name)


def _sort(value: Any) -> Any:
    """A statement in a stable order: the engine keeps none."""
    if not isinstance(value, Mapping):
        return value
    return {key: _sort(part) for key, part in sorted(value.items())}
