"""Resources that the review does not read, and of these the ones that refer to a resource that it does read."""

from collections.abc import Iterator
from typing import Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.reading import find_referenced, get_output
from ...ledger.references import list_references
from ...ledger.ways import Way
from ..catalog import types
from ..catalog.catalog import is_harmless, is_read
from ..gateway import function_callers


def is_unread(resource: Resource) -> bool:
    """Whether the review does not read a resource, and it may change an answer."""
    if resource.is_other_stack:
        return get_output(resource, "outputs") is UNKNOWN
    return (resource.custom or resource.remote) and not (
        is_read(resource.type) or resource.type in function_callers.READ or is_harmless(resource.type)
    )


def list_unread(graph: Graph) -> Iterator[Resource]:
    """Resources that the review does not read, with routes and integrations of an existing API."""
    yield from (resource for resource in graph if is_unread(resource) or _is_of_another_api(graph, resource))


def _is_of_another_api(graph: Graph, resource: Resource) -> bool:
    if resource.type not in (*types.HTTP_ROUTE, *types.HTTP_INTEGRATION):
        return False
    return all(api.existing for api in find_referenced(graph, resource, "apiId", types=types.HTTP_API))


def list_referrers(graph: Graph) -> Iterator[tuple[str, str]]:
    """Resources to which one that is not read refers, and to which it may do something that a path rests on."""
    for by in list_unread(graph):
        changed = (
            reference.named
            for reference in list_references(graph, by)
            if reference.ways & _OF_PATHS or (reference.ways and reference.named.type in types.APIS)
        )
        yield from ((urn, by.name) for urn in dict.fromkeys(named.urn for named in changed))


_OF_PATHS: Final = frozenset({Way.ADMITS, Way.GRANTS})


def group_unread_by_type(graph: Graph) -> dict[str, list[str]]:
    """By type, the names of the resources that the review does not read."""
    names: dict[str, list[str]] = {}
    for resource in list_unread(graph):
        names.setdefault(resource.type, []).append(resource.name)
    return dict(sorted(names.items()))
