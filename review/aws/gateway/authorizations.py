"""What checks the identity of a call: authorizers, as a resource or an OpenAPI document declares them."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ...graph import Graph, Resource
from ...graph.evidence import get_deployed_input
from ...graph.reading import as_mapping, as_number, find_referenced, get_value
from .api import Api, Call, Requirement, find_function
from .definitions import read_definition
from .openapi import list_security_schemes

_SECONDS: Final = "authorizerResultTtlInSeconds"


class Authorization(NamedTuple):
    """What checks a call's identity, by the name that a document or a resource gives it."""

    name: str
    declared_by: Resource | None
    """The resource, unless a document declares it."""
    function: Resource | None
    scopes: tuple[str, ...]
    cache_seconds: float | None
    """How long a result of the function is kept; None if nothing is declared, which AWS takes for 300 seconds."""


def list_authorizations(graph: Graph, api: Api, call: Call) -> Iterator[Authorization]:
    """The authorizers of a call, as a resource or an OpenAPI document declares them."""
    if isinstance(call.declared, Resource):
        scopes = get_deployed_input(call.declared, "authorizationScopes")
        for authorizer in find_referenced(graph, call.declared, "authorizerId"):
            uri, kept = (get_deployed_input(authorizer, key) for key in ("authorizerUri", _SECONDS))
            function = find_function(graph, uri)
            yield Authorization(authorizer.name, authorizer, function, _to_texts(scopes), as_number(kept))
    elif call.requires - {Requirement.IAM, Requirement.KEY}:
        schemes = list_security_schemes(as_mapping(read_definition(graph, api.resource)))
        for security in map(as_mapping, get_value(call.declared, "security") or []):
            for name, scopes in security.items():
                extension = as_mapping(get_value(schemes.get(name), "x-amazon-apigateway-authorizer"))
                function = find_function(graph, extension.get("authorizerUri"))
                yield Authorization(name, None, function, _to_texts(scopes), as_number(extension.get(_SECONDS)))


def _to_texts(values: Any) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, list) else ()
