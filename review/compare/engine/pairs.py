"""Which resources of two graphs are the same one to the engine: by URN, or by an alias."""

from collections.abc import Hashable, Iterator, Mapping, Sequence

from ...graph import Graph, Resource
from ...graph.graph import grouped
from .side import key_of

Pair = tuple[Resource, Resource]


def joined(before: Graph, after: Graph) -> list[Pair]:
    """Resources that go on living: the same one, or one that an alias names."""
    old = {key_of(one.urn): one for one in managed(before)}
    found: list[Pair] = []
    for new in managed(after):
        names = [key_of(new.urn), *(key_of(alias) for alias in new.options.aliases), *_inherited(new, after)]
        match = next((old[name] for name in names if name in old and old[name].type == new.type), None)
        if match is not None:
            found.append((match, new))
    return found


def twins(removed: Sequence[Resource], added: Sequence[Resource], now: Mapping[str, str]) -> list[Pair]:
    """Resources that go and come with another name or parent only, and name the same ones, or twins of these."""
    gone, made = (grouped((_likeness(one, urns), one) for one in each) for each, urns in ((removed, now), (added, {})))
    both = ((gone[likeness], made[likeness]) for likeness in gone if likeness in made)
    found = [pair for olds, news in both if len(olds) == len(news) for pair in zip(olds, news, strict=True)]
    more = {old.urn: new.urn for old, new in found}
    return found if more.items() <= now.items() else twins(removed, added, {**now, **more})


def _likeness(resource: Resource, now: Mapping[str, str]) -> Hashable:
    """The type and the inputs without names. What another resource gives is that resource."""
    named = resource.property_dependencies.items()
    inputs = {**resource.inputs, **{key: sorted(key_of(now.get(urn, urn)) for urn in urns) for key, urns in named}}
    return resource.type, *sorted((key, str(inputs[key])) for key in inputs.keys() - {"name", "tags", "tagsAll"})


def managed(graph: Graph) -> list[Resource]:
    """Resources that the stack makes."""
    return [one for one in graph if one.custom and not one.existing]


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
