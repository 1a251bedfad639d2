"""What checks the identity of a call: authorizers, as a resource or an OpenAPI document declares them."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ...graph import Graph, Resource, reveal
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
    accepts: str = ""
    """Whose callers it accepts: `tokens of https://issuer.example.com for orders`, `users of pool-1`."""


def list_authorizations(graph: Graph, api: Api, call: Call) -> Iterator[Authorization]:
    """The authorizers of a call, as a resource or an OpenAPI document declares them."""
    if isinstance(call.declared, Resource):
        scopes = get_deployed_input(call.declared, "authorizationScopes")
        for authorizer in find_referenced(graph, call.declared, "authorizerId"):
            uri, kept = (get_deployed_input(authorizer, key) for key in ("authorizerUri", _SECONDS))
            function = find_function(graph, uri)
            jwt, pools = (get_deployed_input(authorizer, key) for key in ("jwtConfiguration", "providerArns"))
            accepts = _describe_accepted(jwt, pools, function)
            yield Authorization(authorizer.name, authorizer, function, _to_texts(scopes), as_number(kept), accepts)
    elif call.requires - {Requirement.IAM, Requirement.KEY}:
        schemes = list_security_schemes(as_mapping(read_definition(graph, api.resource)))
        for security in map(as_mapping, get_value(call.declared, "security") or []):
            for name, scopes in security.items():
                extension = as_mapping(get_value(schemes.get(name), "x-amazon-apigateway-authorizer"))
                function = find_function(graph, extension.get("authorizerUri"))
                accepts = _describe_accepted(extension.get("jwtConfiguration"), extension.get("providerARNs"), function)
                kept = as_number(extension.get(_SECONDS))
                yield Authorization(name, None, function, _to_texts(scopes), kept, accepts)


def _describe_accepted(jwt: object, pools: object, function: Resource | None) -> str:
    settings = as_mapping(reveal(jwt))
    if isinstance(issuer := settings.get("issuer"), str):
        audiences = _to_texts(settings.get("audiences") or settings.get("audience"))
        return f"tokens of {issuer}" + (f" for {' or '.join(audiences)}" if audiences else "")
    if isinstance(named := reveal(pools), list) and named:
        return f"users of {' or '.join(str(pool).rpartition('/')[2] for pool in named)}"
    return f"whom {function.name} accepts" if function is not None else ""


def _to_texts(values: Any) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, list) else ()
