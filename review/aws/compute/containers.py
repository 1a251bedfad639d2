"""Containers of ECS services: where the tasks run, how many, and of which size.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/launch_types.html
"""

import enum
from collections.abc import Mapping
from typing import Any

from ...graph import UNKNOWN, Graph, Resource
from ...graph.graph import group_pairs
from ...graph.reading import (
    as_integer,
    as_list,
    as_number,
    as_text,
    find_first_referenced,
    find_values,
    get_declared_input,
    parse_document,
)
from ..catalog import types


class Runs(enum.Enum):
    """On whose machines tasks run."""

    FARGATE = "Fargate"
    EC2 = "EC2"
    EXTERNAL = "external machines"
    UNKNOWN = "unknown machines"


class Containers:
    """Services of a graph and the task definitions that they name."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._scaled_by = group_pairs(
            (service.urn, target) for target in self.targets for service in self.find_scaled_services(target)
        )

    def find_definition(self, service: Resource) -> Resource | None:
        """The service's task definition, if the graph holds it."""
        return find_first_referenced(self._graph, service, "taskDefinition", types=types.TASK_DEFINITION)

    def resolve_launch_type(self, service: Resource) -> Runs:
        """By its capacity providers, else its launch type, else the compatibilities of its task definition."""
        providers, launch_type, definition = (
            _list_providers(service),
            get_declared_input(service, "launchType"),
            self.find_definition(service),
        )
        if UNKNOWN in providers:
            return Runs.UNKNOWN
        if providers:
            return Runs.FARGATE if all(as_text(name).startswith("FARGATE") for name in providers) else Runs.EC2
        if launch_type is UNKNOWN or as_text(launch_type):
            return Runs.__members__.get(as_text(launch_type), Runs.UNKNOWN)
        if definition is None:
            return Runs.UNKNOWN
        compatible = as_list(get_declared_input(definition, "requiresCompatibilities"))
        # ECS's own default is EC2, unless the cluster has default capacity providers.
        return Runs.FARGATE if "FARGATE" in compatible else Runs.EC2

    def is_spot(self, service: Resource) -> bool:
        return "FARGATE_SPOT" in _list_providers(service)

    def count(self, service: Resource) -> int | None:
        """Number of tasks that it keeps running, within the limits of its scaling targets. None if not known.

        https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
        """
        # The provider's default; a daemon has one on each machine.
        default = 1 if get_declared_input(service, "schedulingStrategy") == "DAEMON" else 0
        value = get_declared_input(service, "desiredCount")
        count = as_integer(default if value is None else value)
        for target in self._scaled_by.get(service.urn, []):
            least, most = (as_integer(get_declared_input(target, key)) for key in ("minCapacity", "maxCapacity"))
            count = None if count is None or least is None or most is None else max(least, min(count, most))
        return count

    @property
    def targets(self) -> list[Resource]:
        """Application Auto Scaling targets."""
        return self._graph.list_by_type("aws:appautoscaling/target:Target")

    def find_scaled_services(self, target: Resource) -> list[Resource]:
        """The services that a target scales, by its `service/CLUSTER/SERVICE`."""
        known, named = (
            target.property_dependencies.get("resourceId", ()),
            as_text(get_declared_input(target, "resourceId")),
        )
        services = self._graph.list_by_type(*types.SERVICE)
        resources = [service for service in services if service.urn in known]
        return resources or [
            service for service in services if named.rpartition("/")[2] == as_text(service.state.get("name"))
        ]

    def find_task_size(self, service: Resource) -> tuple[float, float] | None:
        """Virtual processors and gigabytes of a task, of the definition as a whole; None if that is not known."""
        definition = self.find_definition(service)
        if definition is None:
            return None
        processors, memory = (parse_units(get_declared_input(definition, key)) for key in ("cpu", "memory"))
        return (processors / 1024, memory / 1024) if processors and memory else None

    def find_architecture(self, service: Resource) -> str:
        """`arm64` or `x86_64`."""
        definition = self.find_definition(service)
        named = (
            as_text(get_declared_input(definition, "runtimePlatform", "cpuArchitecture"))
            if definition is not None
            else ""
        )
        return named.lower() or "x86_64"


def read_containers(definition: Resource) -> list[Any]:
    """The containers of a task definition. Raises Doubt if they are not known."""
    definitions = parse_document(definition.inputs.get("containerDefinitions"), f"the containers of {definition.name}")
    return [_normalize_spelling(container) for container in as_list(definitions)]


def _normalize_spelling(value: Any) -> Any:
    """A container, or a member of a list of it, with names that begin as AWS's do: the provider takes others as well.

    https://pkg.go.dev/encoding/json#Unmarshal
    """
    if not isinstance(value, Mapping):
        return value
    named = ((f"{key[:1].lower()}{key[1:]}", inner) for key, inner in value.items())
    return {key: [*map(_normalize_spelling, inner)] if isinstance(inner, list) else inner for key, inner in named}


def _list_providers(service: Resource) -> list[Any]:
    """The capacity providers that it names, `UNKNOWN` for one that is not known."""
    return find_values(service.inputs, "capacityProviderStrategies", "capacityProvider")


def parse_units(value: Any) -> float:
    """`256`, `.25 vCPU` or `0.5 GB` as ECS's units, 1024 of which are a processor or a gigabyte; 0 for other values."""
    words = as_text(value).lower().split()
    if len(words) == 2 and words[1] in ("vcpu", "gb"):
        return (as_number(words[0]) or 0.0) * 1024
    return as_number(value) or 0.0
