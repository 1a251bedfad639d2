"""Whose cost something is: the backend's, the consumer's, what the gatehouse adds around them, or other resources'.

The requirement is about what it adds: less than ten dollars a month on top of the backend and its load balancer.
"""

import enum
from typing import Final

from ..aws.catalog import types
from ..graph import Graph, Resource


class Part(enum.Enum):
    GATEHOUSE = "added by Gatehouse"
    BACKEND = "the backend and its load balancer"
    CONSUMER = "the consumer, to try it from inside"
    OTHER = "other resources of the program"
    """In none of these components, such as a database of one's own."""
    WHOLE = "the whole stack"
    """Of a program that is not built from these components."""


_BACKENDS: Final = ("Ec2Backend", "FargateBackend", "UrlBackend", "Greeter")
_OURS: Final = "gatehouse:index:"


def find_part(resource: Resource, graph: Graph) -> Part:
    if not any(kind.startswith(_OURS) for kind in graph.top_types):
        return Part.WHOLE
    top = graph.find_top_component(resource)
    kind = top.kind if top.type.startswith(_OURS) else ""
    if kind in _BACKENDS or resource.type in types.LOAD_BALANCER:
        return Part.BACKEND
    if not kind:
        return Part.OTHER
    return Part.CONSUMER if kind == "ApiConsumer" else Part.GATEHOUSE
