"""Resources that refer to one that the review reads, and that it does not read itself.

An answer "no" rests on facts of resources. A fact of a resource counts as unknown if such a resource may change it.
"""

import re
from collections.abc import Iterable
from typing import Final

from ..recording.resources import Resource
from .graph import Graph

PARTIAL_ARN: Final = re.compile(r"(?:\d{12}:)?(?:function:)?(?P<name>[\w-]+)(?::[\w$-]+)?")
"""A function's name as Lambda takes it: `123456789012:function:orders`, `orders:live`.
https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html"""


def note_referrers(graph: Graph, referrers: Iterable[tuple[str, str]]) -> None:
    """Note at each resource, by its URN, the name of one that is not read, that refers to it and may change it."""
    for resource in graph:
        resource.answered.pop(list_unread_referrers, None)
    for urn, name in referrers:
        resource = graph.resources[urn]
        resource.answered[list_unread_referrers] = (*list_unread_referrers(resource), name)


def list_unread_referrers(resource: Resource) -> tuple[str, ...]:
    """Names of resources that the review does not read and that refer to this one."""
    names: tuple[str, ...] = resource.answered.get(list_unread_referrers, ())
    return names
