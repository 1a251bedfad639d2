"""Targets of load balancers and Cloud Map services, by attachments, services and scaling groups.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.evidence import Evidence, get_deployed_input, list_unreferenced_evidence
from ...graph.graph import group_pairs
from ...graph.reading import as_integer, as_list, as_text, find_first_referenced, find_referenced, get_value
from ..catalog import types
from .nodes import Nodes

_OF_MACHINES: Final = (
    (types.SCALING_GROUP, ("targetGroupArns",)),
    (types.SCALING_GROUP, ("trafficSources", "identifier")),
)
REGISTRATIONS: Final = (
    (types.TARGET_ATTACHMENT, ("targetGroupArn",)),
    (types.SERVICE, ("loadBalancers", "targetGroupArn")),
    *_OF_MACHINES,
)
_INSTANCES: Final = ((types.CLOUD_MAP_INSTANCE, ("serviceId",)), (types.SERVICE, ("serviceRegistries", "registryArn")))


@dataclass(frozen=True)
class Target:
    """Where a request is sent: a resource, or an address that the graph does not hold."""

    resource: Resource | None
    address: str
    port: int | None
    """None if it is not known, or has no meaning (a function)."""
    declared_by: Resource
    """The attachment, service or group that makes it a target."""


class Targets:
    """Targets of the target groups and Cloud Map services of a graph."""

    def __init__(self, graph: Graph, nodes: Nodes) -> None:
        self._graph, self._nodes = graph, nodes

    def list_targets(self, group: Resource) -> list[Target]:
        """Targets of a target group, by attachments, services and scaling groups."""
        return self._targets.get(group.urn, [])

    @functools.cached_property
    def all(self) -> set[str]:
        """URNs of everything that is registered anywhere."""
        everywhere = [*self._targets.values(), *self._registered.values()]
        return {target.resource.urn for targets in everywhere for target in targets if target.resource is not None}

    def list_instances(self, service: Resource) -> list[Target]:
        return self._registered.get(service.urn, [])

    def list_evidence(self, group: Resource) -> Iterator[Evidence]:
        """Evidence that nothing is registered with a target group or a service of Cloud Map."""
        return list_unreferenced_evidence(self._graph, group, (*REGISTRATIONS, *_INSTANCES))

    def find_registered(self, source: Resource) -> Resource | None:
        """The machine, service or function that an attachment registers; itself if it is one."""
        kinds = (*types.INSTANCE, *types.FUNCTION, *types.ALIAS)
        resources = find_referenced(self._graph, source, "targetId", types=kinds)
        return source if source.type in types.COMPUTE else next(iter(resources), None)

    @functools.cached_property
    def _targets(self) -> dict[str, list[Target]]:
        targets = (*self._list_attached(), *self._from_services(), *self._from_scaling_groups())
        return group_pairs((group.urn, target) for group, target in targets)

    def _list_attached(self) -> Iterator[tuple[Resource, Target]]:
        kinds = (*types.INSTANCE, *types.INVOKED, *types.LOAD_BALANCER)
        for attachment in self._graph.list_by_type(*types.TARGET_ATTACHMENT):
            named = find_first_referenced(self._graph, attachment, "targetId", types=kinds)
            address = as_text(get_deployed_input(attachment, "targetId"))
            for group in find_referenced(self._graph, attachment, "targetGroupArn", types=types.TARGET_GROUP):
                resource = named or self._nodes.find_by_address(address)
                port = get_deployed_input(attachment, "port")
                number = as_integer(get_deployed_input(group, "port") if port is None else port)
                yield group, Target(resource, address, number, attachment)

    def _from_services(self) -> Iterator[tuple[Resource, Target]]:
        for service in self._graph.list_by_type(*types.SERVICE):
            for entry, group in self._list_entries(service, "loadBalancers", "targetGroupArn", types.TARGET_GROUP):
                yield group, Target(service, "", as_integer(get_value(entry, "containerPort")), service)

    def _list_entries(
        self, service: Resource, key: str, name: str, kinds: tuple[str, ...]
    ) -> Iterator[tuple[Any, Resource]]:
        """Entries of an input of a service, each with the resource that it names, or may name if it is not known."""
        for entry in as_list(get_deployed_input(service, key)):
            value = get_value(entry, name)
            resources = [*filter(None, [self._graph.find(value, *kinds)])]
            if value is UNKNOWN:
                resources = find_referenced(self._graph, service, key, name, types=kinds)
            yield from ((entry, resource) for resource in resources)

    def _from_scaling_groups(self) -> Iterator[tuple[Resource, Target]]:
        for _, path in _OF_MACHINES:
            for machines in self._graph.list_by_type(*types.SCALING_GROUP):
                for group in find_referenced(self._graph, machines, *path, types=types.TARGET_GROUP):
                    yield group, Target(machines, "", as_integer(get_deployed_input(group, "port")), machines)

    @functools.cached_property
    def _registered(self) -> dict[str, list[Target]]:
        return group_pairs((registry.urn, target) for registry, target in self._list_registrations())

    def _list_registrations(self) -> Iterator[tuple[Resource, Target]]:
        for service in self._graph.list_by_type(*types.SERVICE):
            for entry, registry in self._list_entries(
                service, "serviceRegistries", "registryArn", types.CLOUD_MAP_SERVICE
            ):
                port = as_integer(get_value(entry, "containerPort") or get_value(entry, "port"))
                yield registry, Target(service, "", port, service)
        for instance in self._graph.list_by_type(*types.CLOUD_MAP_INSTANCE):
            for registry in find_referenced(self._graph, instance, "serviceId", types=types.CLOUD_MAP_SERVICE):
                yield registry, self._read_registered_address(instance)

    def _read_registered_address(self, instance: Resource) -> Target:
        attributes = get_deployed_input(instance, "attributes")
        address = as_text(get_value(attributes, "AWS_INSTANCE_IPV4")) or as_text(
            get_value(attributes, "AWS_INSTANCE_IPV6")
        )
        named = find_first_referenced(self._graph, instance, "attributes", "AWS_INSTANCE_IPV4", types=types.INSTANCE)
        port = as_integer(get_value(attributes, "AWS_INSTANCE_PORT"))
        return Target(self._nodes.find_by_address(address) or named, address, port, instance)
