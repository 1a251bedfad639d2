"""The steps of an update in the order in which the engine takes them.

It creates and updates a resource after its dependencies, replaces by creating first, and deletes at the end, dependents
before their dependencies. A resource that is deleted before its replacement is deleted earlier, together with every
resource that names it in an input that replaces. For some machines and tasks the provider, or a hook of the program,
waits until they serve.
https://www.pulumi.com/docs/iac/concepts/resources/options/deletebeforereplace/
"""

import enum
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...aws.catalog import types
from ...aws.catalog.naming import is_freed_first
from ...facts import hook_names
from ...graph import Graph, Resource
from ...graph.graph import grouped
from ...graph.reading import naming
from .side import IMPORT, Changed, top


class Verb(enum.StrEnum):
    CREATE = "create"
    IMPORT = "import"
    UPDATE = "update"
    CREATE_REPLACEMENT = "create the replacement of"
    DELETE_FIRST = "delete, to replace"
    DELETE = "delete"
    DELETE_REPLACED = "delete the replaced"
    KEEP = "leave in AWS"


MAKES: Final = (Verb.CREATE, Verb.CREATE_REPLACEMENT)
ENDS: Final = (Verb.DELETE, Verb.DELETE_REPLACED, Verb.DELETE_FIRST, Verb.KEEP)


@dataclass(frozen=True)
class Step:
    """One step. Steps of one number do not wait for each other."""

    number: int
    verb: Verb
    resource: Resource
    shares_name: bool = False  # whether a step of another type has the name of its resource

    @property
    def exchanges(self) -> bool:
        """Whether it gives a security group other rules of its own: the provider revokes the old ones first."""
        # https://github.com/hashicorp/terraform-provider-aws, internal/service/ec2, updateSecurityGroupRules
        return self.verb is Verb.UPDATE and self.resource.type in types.SECURITY_GROUP

    def __str__(self) -> str:
        return f"{self.verb} {self.resource.name}" + f" ({self.resource.kind})" * self.shares_name


def steps(
    added: Iterable[Resource], removed: Iterable[Resource], changed: Sequence[Changed], after: Graph
) -> list[Step]:
    first = deleted_first(changed)
    verbs = {resource.urn: (Verb.CREATE, resource) for resource in added}
    for change in changed:
        if change.replacing or change.properties:
            verbs[change.resource.urn] = (Verb.CREATE_REPLACEMENT if change.replacing else Verb.UPDATE, change.resource)
    depth = _depths(verbs, lambda urn: _needed(urn, after))
    order = [Step(2 * depth[urn], verb, resource) for urn, (verb, resource) in verbs.items()]
    order += [Step(2 * depth[root] - 1, Verb.DELETE_FIRST, after.resources[urn]) for urn, root in first.items()]
    last = max((step.number for step in order), default=0)
    gone = [(Verb.DELETE, resource, resource.options) for resource in removed]
    late_ones = [change for change in changed if change.replacing and change.resource.urn not in first]
    gone += [(Verb.DELETE_REPLACED, change.resource, change.old.options) for change in late_ones]
    users = grouped((needed, resource.urn) for _, resource, _ in gone for needed in resource.dependencies)
    late = _depths({resource.urn for _, resource, _ in gone}, lambda urn: users.get(urn, ()))
    for verb, resource, options in gone:
        order.append(Step(last + late[resource.urn], Verb.KEEP if options.retain_on_delete else verb, resource))
    numbers = {number: at for at, number in enumerate(sorted({step.number for step in order}), 1)}
    order.sort(key=lambda step: (step.number, step.resource.name))
    kinds = grouped({(step.resource.name, step.resource.kind): None for step in order})
    shared = {name for name, its in kinds.items() if len(its) > 1}
    return [replace(step, number=numbers[step.number], shares_name=step.resource.name in shared) for step in order]


def deleted_first(changed: Iterable[Changed]) -> dict[str, str]:
    """URNs of what is deleted before it is replaced, each with the URN of the resource that this comes from."""
    replaced = [change for change in changed if change.replacing and IMPORT not in change.replacing]
    written = ((change.resource, change.resource.options.delete_before_replace) for change in replaced)
    roots = {new.urn: new.urn for new, first in written if first or (first is None and is_freed_first(new))}
    while inherited := {
        change.resource.urn: roots[source]
        for change in replaced
        for reason in change.replacing or ()
        for source in change.resource.property_dependencies.get(top(reason), ())
        if source in roots and change.resource.urn not in roots
    }:
        roots |= inherited
    return roots


def _depths(wanted: Collection[str], before: Callable[[str], Iterable[str]]) -> dict[str, int]:
    """How many of the wanted ones come before each, counting itself, if those of `before` do."""
    depths: dict[str, int] = {}

    def depth(urn: str) -> int:
        if urn not in depths:
            depths[urn] = 0  # a cycle cannot be, and would end here
            depths[urn] = max(map(depth, before(urn)), default=0) + (urn in wanted)
        return depths[urn]

    for urn in wanted:
        depth(urn)
    return depths


def _needed(urn: str, graph: Graph) -> set[str]:
    """Dependencies of a resource; of a component, what is in it."""
    needed = graph.resources[urn].dependencies if urn in graph.resources else ()
    components = (graph.resources.get(other) for other in needed)
    inside = (child.urn for part in components if part and not part.custom for child in graph.descendants(part.urn))
    return {*needed, *inside}


def is_unseen(resource: Resource, graph: Graph) -> bool:
    """Whether a machine or a task is created without a wait until it serves."""
    if resource.type in types.SERVICE:
        return resource.inputs.get("waitForSteadyState") is not True
    if resource.type in types.SCALING_GROUP:
        inputs = resource.inputs
        waits = inputs.get("waitForCapacityTimeout") not in ("0", "0s")
        counted = waits and (inputs.get("minElbCapacity") or inputs.get("waitForElbCapacity"))
        return not (counted or any(map(is_awaited, scalers_of(resource, graph))))
    if resource.type not in types.INSTANCE:
        return False
    registrations = naming(graph, resource, types.TARGET_ATTACHMENT, "targetId")
    watched = {registration.urn for registration in (resource, *registrations)}
    return not any(is_awaited(other) for other in graph if watched & {*other.dependencies})


def is_awaited(resource: Resource) -> bool:
    """Whether a hook of the program holds the engine before the resource, until what it depends on answers."""
    # A hook after a creation does not count: the next update goes on with what was created.
    return any(name.endswith(hook_names.WAITS) for name in resource.options.hooks.get("before_create", ()))


def scalers_of(group: Resource, graph: Graph) -> list[Resource]:
    """Policies that scale a group's instances."""
    return naming(graph, group, ("aws:autoscaling/policy:Policy",), "autoscalingGroupName")
