"""Resources that decide whether a call is admitted and how: each of their inputs is a fact of the call."""

from collections.abc import Iterator
from typing import NamedTuple

from ..aws.catalog import types
from ..aws.gateway import openapi
from ..aws.gateway.api import Api, Call, Requirement, find_function
from ..aws.gateway.apis import MAPPINGS
from ..aws.gateway.definitions import read_definition
from ..aws.gateway.usage_plans import plan_keys
from ..graph import Graph, Resource
from ..graph.evidence import get_deployed_input
from ..graph.reading import as_mapping, find_referenced, find_referring, get_value, list_dependencies


class Authorization(NamedTuple):
    """What checks a call's identity, by the name that a document or a resource gives it."""

    name: str
    declared_by: Resource | None
    """The resource, unless a document declares it."""
    function: Resource | None
    scopes: tuple[str, ...]


def list_authorizations(graph: Graph, api: Api, call: Call) -> Iterator[Authorization]:
    """The authorizers of a call, as a resource or an OpenAPI document declares them."""
    if isinstance(call.declared, Resource):
        scopes = get_deployed_input(call.declared, "authorizationScopes")
        for authorizer in find_referenced(graph, call.declared, "authorizerId"):
            function = find_function(graph, get_deployed_input(authorizer, "authorizerUri"))
            yield Authorization(authorizer.name, authorizer, function, _to_texts(scopes))
    elif call.requires - {Requirement.IAM, Requirement.KEY}:
        schemes = openapi.list_security_schemes(as_mapping(read_definition(graph, api.resource)))
        for security in map(as_mapping, get_value(call.declared, "security") or []):
            for name, scopes in security.items():
                uri = get_value(schemes.get(name), "x-amazon-apigateway-authorizer", "authorizerUri")
                yield Authorization(name, None, find_function(graph, uri), _to_texts(scopes))


def _to_texts(values: object) -> tuple[str, ...]:
    return tuple(map(str, values)) if isinstance(values, list) else ()


def list_mapped_names(graph: Graph, api: Api) -> Iterator[tuple[str, str]]:
    """The domain names of an API, each with the base path that is mapped to the API."""
    for kinds, path in MAPPINGS:
        for link in find_referring(graph, api.resource, kinds, *path):
            base = get_deployed_input(link, "basePath") or get_deployed_input(link, "apiMappingKey")
            yield str(get_deployed_input(link, "domainName")), str(base or "")


def list_before_api(graph: Graph, api: Api, call: Call) -> Iterator[Resource]:
    """The resources that a call passes before the API sends it on."""
    yield from (api.resource, *api.stages, *api.throttles, *api.domains, *api.foreign_mappings)
    for kinds, path in MAPPINGS:
        yield from find_referring(graph, api.resource, kinds, *path)
    yield from _list_web_acl_resources(graph, api)
    yield from find_referenced(graph, api.resource, "endpointConfiguration", "vpcEndpointIds")
    if isinstance(call.declared, Resource):
        yield call.declared
    for authorization in list_authorizations(graph, api, call):
        yield from filter(None, (authorization.declared_by, authorization.function))
    if Requirement.KEY in call.requires:
        yield from _list_key_resources(graph, api)


def list_behind_api(call: Call) -> Iterator[Resource]:
    """The resource that declares where a call goes, and the function that passes it on."""
    yield call.integration.resource
    if call.integration.function is not None:
        yield call.integration.function


def _list_web_acl_resources(graph: Graph, api: Api) -> Iterator[Resource]:
    for firewall in api.firewalls:
        yield from filter(None, (firewall.association, firewall.web_acl))
        if firewall.web_acl is not None:
            yield from list_dependencies(graph, firewall.web_acl, "rules")


def _list_key_resources(graph: Graph, api: Api) -> Iterator[Resource]:
    """The usage plans of an API, and the keys in them."""
    for plan in find_referring(graph, api.resource, types.USAGE_PLAN, "apiStages", "apiId"):
        yield plan
        for member in plan_keys(graph, plan):
            yield member
            yield from find_referenced(graph, member, "keyId")
