"""Methods of a REST API that a program declares as resources of their own, in place of a body."""

from collections.abc import Iterator
from typing import Any

from ...graph import UNKNOWN, Graph, Resource
from ...graph.evidence import (
    get_deployed_input,
    list_with_unknown_owner,
)
from ...graph.reading import as_text, find_first_referenced, find_referring, get_output
from ..catalog import types


def list_methods(graph: Graph, api: Resource) -> list[Resource]:
    """The methods of an API, and those that may be of any."""
    others = list_with_unknown_owner(graph, types.REST_METHOD, "restApi", types=types.REST_API)
    return [*find_referring(graph, api, types.REST_METHOD, "restApi"), *([] if api.existing else others)]


def find_path(graph: Graph, api: Resource, method: Resource) -> str:
    """The path of a method: the parts of its resource and of those above, up to the API's root."""
    parts, child, key = list[str](), method, "resourceId"
    while (above := find_first_referenced(graph, child, key, types=types.REST_RESOURCE)) is not None:
        if above is child or len(parts) > len(graph.resources):
            break  # a circle, which AWS cannot have
        parts.append(as_text(get_deployed_input(above, "pathPart")) or "…")
        child, key = above, "parentId"
    if not _is_root(api, child, key):
        parts.append("…")
    return "/" + "/".join(reversed(parts))


def _is_root(api: Resource, child: Resource, key: str) -> bool:
    named = get_deployed_input(child, key)
    if named is UNKNOWN:
        return api.urn in child.property_dependencies.get(key, ())
    return bool(named) and named == get_output(api, "rootResourceId")


def list_integrations(graph: Graph, api: Resource, method: Resource) -> Iterator[Resource]:
    """The integrations of a method: of the same API, resource and verb, or of ones that are not known."""
    own = _identify(graph, method)
    for integration in find_referring(graph, api, types.REST_INTEGRATION, "restApi"):
        other = _identify(graph, integration)
        if all(UNKNOWN in pair or pair[0] == pair[1] for pair in zip(own, other, strict=True)):
            yield integration


def _identify(graph: Graph, part: Resource) -> tuple[Any, Any]:
    """The resource and the verb of a method or of an integration."""
    resource = find_first_referenced(graph, part, "resourceId", types=types.REST_RESOURCE)
    verb = get_deployed_input(part, "httpMethod")
    return resource.urn if resource is not None else get_deployed_input(part, "resourceId"), verb
