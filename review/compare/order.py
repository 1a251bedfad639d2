"""The steps of an update in the order in which the engine takes them.

It creates and updates a resource after its dependencies, replaces by creating first, and deletes at the end, dependents
before their dependencies. A resource that is deleted before its replacement is deleted earlier, together with every
resource that names it in an input that replaces.
https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ..graph import Graph, Resource
from .side import Changed

_OWN_NAMES: Final = ("aws:route53/record:Record",)
"""Types whose `name` is no name that the provider makes up."""


class Verb(enum.StrEnum):
    """The engine's action in a step."""

    CREATE = "create"
    UPDATE = "update"
    CREATE_REPLACEMENT = "create the replacement of"
    DELETE_FIRST = "delete, to replace"
    DELETE = "delete"
    DELETE_REPLACED = "delete the replaced"
    KEEP = "leave in AWS"


@dataclass(frozen=True)
class Step:
    """One step. Steps of one number do not wait for each other."""

    number: int
    verb: Verb
    resource: Resource

    def __str__(self) -> str:
        return f"{self.verb} {self.resource.name}"


def steps(
    added: Iterable[Resource], removed: Iterable[Resource], changed: Iterable[Changed], after: Graph
) -> list[Step]:
    """Every step, the first first."""
    changed = list(changed)
    first = deleted_first(changed)
    verbs = {resource.urn: (Verb.CREATE, resource) for resource in added}
    for one in changed:
        if one.replacing:
            verbs[one.resource.urn] = (Verb.CREATE_REPLACEMENT, one.resource)
        elif one.properties:
            verbs[one.resource.urn] = (Verb.UPDATE, one.resource)
    depth = _depths(verbs.keys(), after)
    found = [Step(2 * depth[urn], verb, resource) for urn, (verb, resource) in verbs.items()]
    found += [Step(2 * depth[root] - 1, Verb.DELETE_FIRST, after.resources[urn]) for urn, root in first.items()]
    last = max((step.number for step in found), default=0)
    gone = [(Verb.DELETE, resource) for resource in removed]
    gone += [(Verb.DELETE_REPLACED, one.resource) for one in changed if one.replacing and one.resource.urn not in first]
    found += _deletions(gone, last)
    numbers = {number: at for at, number in enumerate(sorted({step.number for step in found}), 1)}
    return sorted(
        (Step(numbers[step.number], step.verb, step.resource) for step in found),
        key=lambda step: (step.number, step.resource.name),
    )


def deleted_first(changed: Iterable[Changed]) -> dict[str, str]:
    """URNs of what is deleted before it is replaced, each with the URN of the resource that this comes from."""
    replaced = [one for one in changed if one.replacing]
    found = {one.resource.urn: one.resource.urn for one in replaced if _goes_first(one.resource)}
    while True:
        inherited = {
            one.resource.urn: found[source]
            for one in replaced
            for reason in one.replacing or ()
            for source in one.resource.property_dependencies.get(reason.partition(".")[0].partition("[")[0], ())
            if source in found and one.resource.urn not in found
        }
        if not inherited:
            return found
        found |= inherited


def _goes_first(resource: Resource) -> bool:
    """As the program declares it, else as the bridge decides: a name that it did not make up would collide.

    https://github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge, nameRequiresDeleteBeforeReplace
    """
    if resource.options.delete_before_replace is not None:
        return resource.options.delete_before_replace
    return resource.type.startswith("aws:") and "name" in resource.inputs and resource.type not in _OWN_NAMES


def _depths(wanted: Iterable[str], graph: Graph) -> dict[str, int]:
    """How many steps come before each, counting itself."""
    wanted = set(wanted)
    found: dict[str, int] = {}

    def depth(urn: str) -> int:
        if urn not in found:
            found[urn] = 0  # a cycle cannot be, and would end here
            resource = graph.resources.get(urn)
            before = {*resource.dependencies, *_inside(resource, graph)} if resource else ()
            found[urn] = max(map(depth, before), default=0) + (urn in wanted)
        return found[urn]

    for urn in wanted:
        depth(urn)
    return found


def _inside(resource: Resource, graph: Graph) -> set[str]:
    """Resources of components that it depends on."""
    components = (graph.resources.get(urn) for urn in resource.dependencies)
    return {child.urn for one in components if one and not one.custom for child in graph.descendants(one.urn)}


def _deletions(gone: list[tuple[Verb, Resource]], last: int) -> Iterable[Step]:
    """Deletions, what depends on others first."""
    users: Mapping[str, list[str]] = {
        resource.urn: [other.urn for _, other in gone if resource.urn in other.dependencies] for _, resource in gone
    }
    found: dict[str, int] = {}

    def depth(urn: str) -> int:
        if urn not in found:
            found[urn] = 0
            found[urn] = 1 + max((depth(user) for user in users.get(urn, [])), default=0)
        return found[urn]

    for verb, resource in gone:
        kept = resource.options.retain_on_delete
        yield Step(last + depth(resource.urn), Verb.KEEP if kept else verb, resource)
