"""Resources that decide whether a call is admitted and how: each of their inputs is a fact of the call."""

from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.gateway.api import Api, Call, Requirement
from ..aws.gateway.apis import MAPPINGS
from ..aws.gateway.authorizations import list_authorizations
from ..aws.gateway.usage_plans import plan_keys
from ..graph import Graph, Resource
from ..graph.evidence import get_deployed_input
from ..graph.reading import find_referenced, find_referring, list_dependencies


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
