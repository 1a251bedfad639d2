"""Pairs the resources of two versions as the engine does: by URN, or by the aliases of a resource and of all above it.

https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..graph import Graph, Resource
from ..recording.resources import chain_types

Pair = tuple[Resource | None, Resource | None]


def make_key(urn: str) -> str:
    """The part of a URN that two stacks of a project share: the chain of types, and the name."""
    return "::".join(urn.split("::")[2:])


@dataclass
class Pairing:
    """The resources of two versions, each with its counterpart."""

    both: list[tuple[Resource, Resource]] = field(default_factory=list)
    added: list[Resource] = field(default_factory=list)
    removed: list[Resource] = field(default_factory=list)

    def list_all(self) -> Iterator[Pair]:
        yield from self.both
        yield from ((None, resource) for resource in self.added)
        yield from ((resource, None) for resource in self.removed)


def pair_resources(before: Graph, after: Graph) -> Pairing:
    """All resources, components and resources that are only read included."""
    olds = {make_key(resource.urn): resource for resource in before}
    pairing, earlier_urns = Pairing(), dict[str, str]()
    for new in after:  # parents come before children
        candidates = [new.urn, *_list_aliases(new, after, earlier_urns)]
        keys = (make_key(urn) for urn in candidates)
        # The engine pairs a resource with any earlier one of an alias, also with one of another type.
        key = next((key for key in keys if key in olds and _are_alike(olds[key], new)), None)
        if key is None:
            pairing.added.append(new)
        else:
            old = olds.pop(key)
            earlier_urns[new.urn] = old.urn
            pairing.both.append((old, new))
    pairing.removed.extend(olds.values())
    return pairing


def _are_alike(old: Resource, new: Resource) -> bool:
    return (old.custom, old.existing) == (new.custom, new.existing)


def _list_aliases(resource: Resource, graph: Graph, earlier: dict[str, str]) -> Iterator[str]:
    """The aliases of a resource, then those that follow from the earlier URN of the resource above it."""
    yield from resource.options.aliases
    parent = graph.resources.get(resource.parent or "")
    above = earlier.get(resource.parent or "")
    if parent is None or above is None or make_key(above) == make_key(parent.urn):
        return
    for type_, name in ((resource.type, resource.name), *map(_split, resource.options.aliases)):
        yield _derive(type_, name, parent, above)


def _split(urn: str) -> tuple[str, str]:
    """Type and name of a URN."""
    types, name = urn.split("::")[2:4]
    return types.rpartition("$")[2], name


def _derive(type_: str, name: str, parent: Resource, above: str) -> str:
    """The URN of a child below the earlier URN of its parent. A name may begin with the parent's."""
    earlier_name = above.split("::")[3]
    if name.startswith(parent.name):
        name = earlier_name + name.removeprefix(parent.name)
    prefix = "::".join(above.split("::")[:2])
    return f"{prefix}::{chain_types(above, type_)}::{name}"
