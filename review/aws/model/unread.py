"""Resources that the review does not read, and of these the ones that refer to a resource that it does read."""

from collections.abc import Iterator

from ...graph import UNKNOWN, Graph, Resource
from ...graph.reading import find_referenced, get_output
from ...graph.unread import list_unread_referrers
from ..catalog import types
from ..catalog.catalog import is_harmless, is_read


def is_unread(resource: Resource) -> bool:
    """Whether the review does not read a resource, and it may change an answer."""
    if resource.is_other_stack:
        return get_output(resource, "outputs") is UNKNOWN
    return (resource.custom or resource.remote) and not (is_read(resource.type) or is_harmless(resource.type))


def list_unread(graph: Graph) -> Iterator[Resource]:
    """Resources that the review does not read, with routes and integrations of an existing API."""
    yield from (resource for resource in graph if is_unread(resource) or _is_of_another_api(graph, resource))


def _is_of_another_api(graph: Graph, resource: Resource) -> bool:
    if resource.type not in (*types.HTTP_ROUTE, *types.HTTP_INTEGRATION):
        return False
    return all(api.existing for api in find_referenced(graph, resource, "apiId", types=types.HTTP_API))


def group_unread_by_type(graph: Graph) -> dict[str, list[str]]:
    """By type, the names of the resources that the review does not read."""
    names: dict[str, list[str]] = {}
    for resource in list_unread(graph):
        names.setdefault(resource.type, []).append(resource.name)
    return dict(sorted(names.items()))


def list_referring(graph: Graph) -> Iterator[str]:
    """Names of the resources that are not read and refer to a resource that is read, each once."""
    names = (name for resource in graph if is_read(resource.type) for name in list_unread_referrers(resource))
    yield from dict.fromkeys(names)
