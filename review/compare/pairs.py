"""Which resources of two graphs are the same one to the engine: by URN, or by an alias."""

from collections.abc import Iterator, Mapping

from ..aws import types
from ..aws.provider_facts import provider_facts
from ..aws.routes import TARGET_INPUTS
from ..graph import Graph, Resource
from ..graph.reading import peek
from .side import key_of

Pair = tuple[Resource, Resource]


def joined(old: Mapping[str, Resource], new: Mapping[str, Resource], graph: Graph) -> dict[str, str]:
    """Keys of resources that go on living, each with its old key: the same one, or one that an alias names."""
    found: dict[str, str] = {}
    for key, resource in new.items():
        names = [key, *(key_of(alias) for alias in resource.options.aliases), *_inherited(resource, graph)]
        match = next((name for name in names if name in old and old[name].type == resource.type), None)
        if match is not None:
            found[key] = match
    return found


def _inherited(resource: Resource, graph: Graph) -> Iterator[str]:
    """Keys that a resource had under its parents' aliases: the engine derives a child's alias from its parent's."""
    parent = graph.resources.get(resource.parent) if resource.parent else None
    if parent is None:
        return
    for alias in [*(key_of(alias) for alias in parent.options.aliases), *_inherited(parent, graph)]:
        chain, _, name = alias.rpartition("::")
        own = name + resource.name.removeprefix(parent.name) if resource.name.startswith(parent.name) else resource.name
        yield f"{chain}${resource.type}::{own}"


def made_up(new: Resource, old: Resource) -> Iterator[tuple[str, str]]:
    """Made-up values follow from names, so a renamed resource's differ without anything having changed."""
    for output, value in new.state.items():
        before = old.state.get(output)
        if isinstance(value, str) and isinstance(before, str) and len(value) > 3 and output not in new.inputs:
            yield value, before


def left_out(old: Resource, new: Resource) -> list[str]:
    """Inputs that only the old one has, of those that the provider keeps then."""
    kept = facts.kept if (facts := provider_facts(new.type)) else ()
    if new.type in types.ROUTE and TARGET_INPUTS & new.inputs.keys():
        # Another target takes the place of the one that is left out.
        kept = tuple(key for key in kept if key not in TARGET_INPUTS)
    return [key for key in kept if peek(old, *key.split(".")) is not None and peek(new, *key.split(".")) is None]
