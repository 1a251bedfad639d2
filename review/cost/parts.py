"""Whose cost something is: the backend's, that of who calls it from inside, or what the gatehouse adds around it.

The requirement is about the last: less than ten dollars a month on top of the backend and its load balancer.
"""

import enum
from typing import Final

from ..aws import types
from ..graph import Graph, Resource


class Part(enum.Enum):
    GATEHOUSE = "added by the gatehouse"
    BACKEND = "the backend and its load balancer"
    CONSUMER = "the consumer, to try it from inside"
    WHOLE = "the whole stack"
    """Of a program that is not built from these components."""


_BACKENDS: Final = ("Ec2Backend", "FargateBackend", "UrlBackend", "Greeter")
_OURS: Final = "gatehouse:index:"


def part_of(resource: Resource, graph: Graph) -> Part:
    if not any(kind.startswith(_OURS) for kind in graph.top_types):
        return Part.WHOLE
    kind = graph.top(resource).kind
    if kind in _BACKENDS or resource.type in types.LOAD_BALANCER:
        return Part.BACKEND
    return Part.CONSUMER if kind == "ApiConsumer" else Part.GATEHOUSE
