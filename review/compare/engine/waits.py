"""Machines and tasks whose start the provider, or a hook of the program, waits for before the engine goes on."""

from typing import Final

from ...aws.catalog import types
from ...facts import hook_names
from ...graph import Graph, Resource
from ...graph.reading import naming

_SCALERS: Final = (
    ("aws:autoscaling/policy:Policy", "autoscalingGroupName"),
    ("aws:appautoscaling/target:Target", "resourceId"),
)


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
    return not any(is_awaited(one) for one in graph if watched & {*one.dependencies})


def is_awaited(resource: Resource) -> bool:
    """Whether a hook of the program holds the engine before the resource, until what it depends on answers.

    A hook after a creation does not count: the next update goes on with what was created.
    """
    return any(name.endswith(hook_names.WAITS) for name in resource.options.hooks.get("before_create", ()))


def scalers_of(resource: Resource, graph: Graph) -> list[Resource]:
    """Resources that scale a group's instances or a service's copies."""
    return [one for kind, key in _SCALERS for one in naming(graph, resource, (kind,), key)]
