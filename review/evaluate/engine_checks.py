"""What the engine or a provider would refuse in a finished graph, though mocks let it pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, Final

from ..graph import Asset, Graph, Resource, Secret

NAME_LIMITS: Final[Mapping[str, tuple[str, int]]] = {
    "aws:lb/loadBalancer:LoadBalancer": ("name", 32),
    "aws:lb/targetGroup:TargetGroup": ("name", 32),
    "aws:iam/role:Role": ("name", 64),
    "aws:iam/user:User": ("name", 64),
    "aws:iam/policy:Policy": ("name", 128),
    "aws:iam/rolePolicy:RolePolicy": ("name", 128),
    "aws:iam/instanceProfile:InstanceProfile": ("name", 128),
    "aws:lambda/function:Function": ("name", 64),
    "aws:sqs/queue:Queue": ("name", 80),
    "aws:s3/bucket:Bucket": ("bucket", 63),
    "aws:ecs/cluster:Cluster": ("name", 255),
    "aws:ec2/securityGroup:SecurityGroup": ("name", 255),
}
"""Longest names that AWS takes, by the input that holds them; the reference page of each Create action says so."""

_AUTOMATIC: Final = 8
"""Characters that automatic naming adds: a hyphen and seven hexadecimal digits."""


def complaints(graph: Graph, program: Path) -> list[str]:
    """Messages as the engine or a provider would give them, in graph order."""
    return [*_cycles(graph), *(text for resource in graph for text in _of(resource, program))]


def _of(resource: Resource, program: Path) -> Iterator[str]:
    yield from _missing_files(resource, resource.inputs.values(), program)
    limit = NAME_LIMITS.get(resource.type)
    if limit is None:
        return
    key, longest = limit
    name, prefixed = resource.inputs.get(key), resource.inputs.get("namePrefix")
    if isinstance(name, str) and len(name) > longest:
        yield f"{resource.urn}: {key} {name!r} has {len(name)} characters; AWS takes {longest}"
    elif name is None and prefixed is None and len(resource.name) + _AUTOMATIC > longest:
        yield (
            f"{resource.urn}: the automatic name adds {_AUTOMATIC} characters to {resource.name!r}, and AWS takes "
            f"{longest} in all: shorten the logical name to {longest - _AUTOMATIC}, or give {key!r}"
        )


def _missing_files(resource: Resource, values: Any, program: Path) -> Iterator[str]:
    for value in values:
        if isinstance(value, Secret):
            yield from _missing_files(resource, [value.value], program)
        elif isinstance(value, Asset):
            if value.path and not (program / value.path).exists():
                yield f"{resource.urn}: there is no file or folder {value.path!r} (seen from the program's folder)"
            yield from _missing_files(resource, value.members.values(), program)
        elif isinstance(value, Mapping):
            yield from _missing_files(resource, value.values(), program)
        elif isinstance(value, list):
            yield from _missing_files(resource, value, program)


def _cycles(graph: Graph) -> list[str]:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for resource in graph:
        above = [resource.parent] if resource.parent else []
        sorter.add(resource.urn, *resource.dependencies, *above)
    try:
        sorter.prepare()
    except CycleError as error:
        return ["resources depend on each other in a circle: " + " → ".join(error.args[1])]
    return []
