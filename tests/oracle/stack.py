"""What a stack declared, for the oracle: resources by their IDs, their component, and its statement.

The oracle decides from the resources of our own components alone what AWS admits. In a test everything is known, so
that each answer is yes or no.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from components.recording.resources import Resource
from components.recording.values import reveal
from components.testing.recorder import Graph
from components.testing.values import open_value

Inputs = Mapping[str, Any]
Fact = tuple[Any, ...]
PACKAGE = "gatehouse:index:"


class Stack:
    """A graph with the statements of its components."""

    def __init__(self, graph: Graph, statements: Mapping[str, Any] | None = None) -> None:
        """`statements` replaces those that the components registered, for a mutant."""
        self.graph = graph
        self.statements: dict[str, Any] = {
            each.urn: open_value(each.inputs["reach"]) for each in graph if "reach" in each.inputs
        }
        self.statements |= statements or {}

    def of(self, *kinds: str) -> Iterator[tuple[Resource, Any]]:
        """The components of these kinds, with their statements."""
        for urn, statement in self.statements.items():
            if self.graph.resources[urn].kind in kinds:
                yield self.graph.resources[urn], statement

    def list_all(self, *kinds: str) -> list[Resource]:
        """The resources of AWS of these kinds."""
        return [each for kind in kinds for each in self._by_kind.get(kind, ())]

    @cached_property
    def _by_kind(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for each in self.graph:
            if each.custom:
                found.setdefault(each.kind, []).append(each)
        return found

    @cached_property
    def _by_id(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in self.graph:
            own = ("prefixListId",) if each.kind == "VpcEndpoint" else ()
            for key in ("id", "arn", "invokeArn", *own):
                if each.custom and isinstance(value := reveal(each.state.get(key)), str):
                    found.setdefault(value, each.urn)
        return found

    def name(self, value: Any) -> str:
        """A value as the URN of the resource that has it as ID or ARN, or by itself."""
        plain = str(reveal(value))
        return self._by_id.get(plain, plain)

    def names(self, reference: Any) -> list[str]:
        """The same of a reference in a statement."""
        if isinstance(reference, Mapping):
            assert "of" in reference, f"unknown: {reference}"
            return [*reference["of"]]
        return [self.name(reference)]

    def name_of(self, reference: Any) -> str:
        """The only resource or text of a reference."""
        [name] = self.names(reference)
        return name

    def range_of(self, reference: Any) -> str:
        """The address range of a VPC, by reference or as text."""
        named = self.name_of(reference)
        return str(self.graph.resources[named].state["cidrBlock"]) if named in self.graph.resources else named

    def owner(self, urn: str | None) -> Resource | None:
        """The component that declared a resource."""
        while urn and urn not in self.statements:
            urn = self.graph.resources[urn].parent if urn in self.graph.resources else None
        return self.graph.resources[urn] if urn else None

    def children(self, component: Resource, *kinds: str) -> list[Resource]:
        """Resources of AWS that a component declared itself."""
        return [each for each in self.list_all(*kinds) if self.owner(each.urn) is component]

    def group(self, component: Resource, suffix: str = "group") -> str:
        """URN of a component's security group."""
        [urn] = [each.urn for each in self.children(component, "SecurityGroup") if each.name.endswith(f"-{suffix}")]
        return urn


def plain(resource: Resource) -> Inputs:
    """Inputs, with secrets opened."""
    found: Inputs = open_value(resource.inputs)
    return found


def statements_of(policy: Any) -> list[dict[str, Any]]:
    """The statements of a policy, with lists of actions and resources."""
    document = json.loads(reveal(policy)) if not isinstance(policy, Mapping) else policy
    listed = document["Statement"]
    return [
        {**one, **{key: _list(one[key]) for key in ("Action", "Resource") if key in one}}
        for one in (listed if isinstance(listed, list) else [listed])
    ]


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [*value]
