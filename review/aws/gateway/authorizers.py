"""Authorizers: whether the authorization that a route names has something behind it.

AWS refuses most of the declarations that are uncertain here: the declaration alone proves nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource, reveal
from ...graph.evidence import get_deployed_input
from ...graph.reading import Doubt, as_list, as_text, find_referenced, get_value
from ..catalog import types
from ..catalog.catalog import make_token
from .api import Requirement

_AUTHORIZER: Final = (make_token("apigatewayv2.Authorizer"), make_token("apigateway.Authorizer"))
_POOL: Final = (make_token("cognito.UserPool"),)
_CLIENT: Final = (make_token("cognito.UserPoolClient"),)
_TYPE: Final = {Requirement.JWT: ("JWT",), Requirement.AUTHORIZER: ("REQUEST",)}
"""The type of authorizer of an HTTP API that a route of each kind needs."""
_REST_TYPE: Final = {Requirement.COGNITO: ("COGNITO_USER_POOLS",), Requirement.AUTHORIZER: ("TOKEN", "REQUEST")}
"""The types of authorizer of a REST API that a method of each kind needs."""
_OF_REST: Final = ("cognito_user_pools", "request", "token")
_OF_HTTP: Final = ("jwt", "request")
_FOR_AUTHORIZERS: Final = frozenset((Requirement.COGNITO, Requirement.JWT, Requirement.AUTHORIZER))


def find_scheme_doubt(name: str, scheme: Mapping[str, Any], requirement: Requirement, *, http: bool) -> Doubt | None:
    """Why a security scheme of a document may require nothing. None if it does require something."""
    if requirement is Requirement.IAM and as_text(scheme.get("type")).lower() != "apikey":
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
        return Doubt(
            f"whether security scheme {name} requires a signature, which AWS documents for the type apiKey only"
        )
    if requirement not in _FOR_AUTHORIZERS:
        return None
    extension = scheme.get("x-amazon-apigateway-authorizer")
    if not isinstance(extension, Mapping):
        return Doubt(f"whether security scheme {name} has an authorizer, since it declares none")
    kind = as_text(extension.get("type")).lower()
    if kind not in (_OF_HTTP if http else _OF_REST):
        return Doubt(
            f"whether authorizer {name} decides, since an {'HTTP' if http else 'REST'} API has none of its type"
        )
    return next(_list_missing_parts(name, kind, extension), None)


def find_route_doubt(graph: Graph, route: Resource, requirement: Requirement) -> Doubt | None:
    """Why a route or a method may require nothing, though its authorization says so. None if it does."""
    if requirement not in _FOR_AUTHORIZERS:
        return None
    rest = route.type in types.REST_METHOD
    if (wanted := (_REST_TYPE if rest else _TYPE).get(requirement)) is None:
        kind = "REST" if rest else "HTTP"
        return Doubt(f"whether {route.name} requires a token, since {kind} APIs have no authorization of its kind")
    authorizers = find_referenced(graph, route, "authorizerId", types=_AUTHORIZER)
    if not authorizers or authorizers[0].existing:
        return Doubt(f"which callers the authorizer of {route.name} admits, since it is not in this stack")
    (authorizer, *_) = authorizers
    apis = [*map(_make_api_finder(graph), (route, authorizer))]
    if apis[0] != apis[1]:
        return Doubt(f"whether {route.name} has an authorizer, since {authorizer.name} is not one of its API")
    kind = (
        (get_deployed_input(authorizer, "type") or "TOKEN")
        if rest
        else get_deployed_input(authorizer, "authorizerType")
    )
    if kind not in wanted:
        shown = "of unknown type" if kind is UNKNOWN else f"of type {as_text(kind) or 'none'}"
        return Doubt(f"whether {route.name} has an authorizer, since {authorizer.name} is {shown}")
    keys = ("authorizerUri", "jwtConfiguration") if not rest else ("authorizerUri", "providerArns")
    parts = {key: get_deployed_input(authorizer, key) for key in keys}
    parts["providerARNs"] = parts.get("providerArns")
    if not rest:
        parts["jwtConfiguration"] = _name_pools(graph, authorizer, parts["jwtConfiguration"])
    return next(_list_missing_parts(authorizer.name, as_text(kind).lower(), parts), None)


def _name_pools(graph: Graph, authorizer: Resource, settings: Any) -> Any:
    """The settings of a JWT authorizer, where user pools and clients of the program stand for IDs not yet known."""
    if not isinstance(settings, Mapping):
        return settings
    named = dict(settings)
    issuers = find_referenced(graph, authorizer, "jwtConfiguration", "issuer", types=_POOL)
    if reveal(settings.get("issuer")) is UNKNOWN and len(issuers) == 1:
        named["issuer"] = issuers[0].name
    clients = find_referenced(graph, authorizer, "jwtConfiguration", "audiences", types=_CLIENT)
    if clients and isinstance(reveal(settings.get("audiences")), list):
        given = as_list(settings["audiences"])
        named["audiences"] = [clients[0].name if each is UNKNOWN else each for each in given]
    return named


def _make_api_finder(graph: Graph) -> Any:
    def find(part: Resource) -> list[str]:
        key = "restApi" if part.type.startswith("aws:apigateway/") else "apiId"
        return [api.urn for api in find_referenced(graph, part, key, types=types.APIS)]

    return find


def _list_missing_parts(name: str, kind: str, extension: Mapping[str, Any]) -> Iterator[Doubt]:
    """Parts without which an authorizer of a kind admits anybody, or nobody."""
    if kind == "jwt":
        settings = reveal(extension.get("jwtConfiguration"))
        audiences = [get_value(settings, key) for key in ("audience", "audiences")]
        if not _is_text(get_value(settings, "issuer")):
            yield Doubt(f"whose tokens authorizer {name} accepts")
        if not _are_texts(next((given for given in audiences if given is not None), None)):
            yield Doubt(f"for which audiences authorizer {name} accepts tokens")
    elif kind == "cognito_user_pools":
        pools = reveal(extension.get("providerARNs"))
        # AWS takes no pool that does not exist, so one that is known later is one.
        if not all(pool is UNKNOWN or _is_text(pool) for pool in as_list(pools)) or pools in (None, UNKNOWN, []):
            yield Doubt(f"which user pools authorizer {name} accepts")
    elif (uri := extension.get("authorizerUri")) is not UNKNOWN and not _is_text(uri):
        yield Doubt(f"which function authorizer {name} asks")


def _is_text(value: Any) -> bool:
    return bool(as_text(value).strip())


def _are_texts(value: Any) -> bool:
    return isinstance(reveal(value), list) and bool(as_list(value)) and all(map(_is_text, as_list(value)))
