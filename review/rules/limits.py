"""Limits of size: lengths of names, and combinations of processor and memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..aws import types
from ..aws.catalog import ROWS, row
from ..aws.naming import name_length
from ..facts import fargate_sizes
from ..graph import Resource
from ..graph.reading import items, peek, read, text
from ..reach import Reach
from .registry import Severity, rule

_NAMED: Final = tuple(token for token, row in ROWS.items() if row.name is not None)


@rule("LIMIT-01", Severity.HIGH, on=_NAMED, program_only=True)
def names_fit(reach: Reach, resource: Resource) -> Iterator[str]:
    """Names are no longer than AWS allows.

    Why: A name that is too long is refused when the resource is created, in the middle of the deployment.
    Remedy: Shorten the logical name, to which Pulumi adds eight characters, or give a name of your own.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    """
    length, limit = name_length(reach.model.graph, resource), row(resource.type).name
    if length is not None and limit is not None and length > limit.longest:
        given = text(peek(resource, limit.key))
        named = f"the name {given!r}" if given else f"the automatic name of {resource.name}"
        yield f"{named} has {length} characters, and AWS allows {limit.longest}"


@rule("LIMIT-02", Severity.HIGH, on=types.TASK_DEFINITION)
def fargate_sizes_fit(resource: Resource) -> Iterator[str]:
    """A Fargate task has a memory size that AWS allows for its CPU size.

    Why: Fargate knows a fixed list of pairs and refuses every other.
    Remedy: Take a pair of the list: 256 units with 512 to 2048 MiB, 512 with 1024 to 4096, and so on.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
    """
    if "FARGATE" not in items(read(resource, "requiresCompatibilities")):
        return
    processor, memory = _number(read(resource, "cpu")), _number(read(resource, "memory"))
    if memory not in fargate_sizes.MEMORY_FOR_CPU.get(processor, ()):
        yield f"{resource.name} has {processor} units and {memory} MiB"


def _number(value: object) -> int:
    """`256`, `256.0` or `.25 vCPU`, `0.5 GB`."""
    words = str(value).lower().split()
    try:
        number = float(words[0])
    except (ValueError, IndexError):
        return 0
    return int(number * 1024) if len(words) > 1 and words[1] in ("vcpu", "gb") else int(number)
