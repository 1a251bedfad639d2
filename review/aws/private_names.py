"""The DNS names by which a private API is called through an endpoint.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..graph import Graph, Resource
from ..graph.given import held
from ..graph.graph import dns_suffix
from ..graph.reading import items, naming, pointed, text
from . import types
from .api import Api


@dataclass(frozen=True)
class Name:
    """One name. What is in braces is known after the deployment."""

    kind: str
    """The kind of the name: `private DNS`, `Route 53 alias`, `domain`, `header x-apigw-api-id`."""
    text: str


def names(graph: Graph, api: Api, endpoint: Resource | None, endpoint_id: str) -> list[Name]:
    """The names by which an API is called through an endpoint, of the stack or (`None`) of others.

    Without private DNS, association and domain there is the endpoint's own name, and the header chooses the API. Of an
    endpoint of others only the association is known.
    """
    suffix = f"execute-api.{graph.region}.{dns_suffix(graph.partition)}"
    shown = endpoint_id if endpoint is None else "{endpointId}"
    found = list(_domains(graph, api, endpoint_id))
    if endpoint is not None and held(endpoint, "privateDnsEnabled") is True:
        found.append(Name("private DNS", f"{{apiId}}.{suffix}"))
    if endpoint_id and endpoint_id in map(text, items(held(api.resource, "endpointConfiguration", "vpcEndpointIds"))):
        found.append(Name("Route 53 alias", f"{{apiId}}-{shown}.{suffix}"))
    if not found and endpoint is not None:
        found.append(Name("header x-apigw-api-id", "the endpoint's own DNS name"))
    return found


def _domains(graph: Graph, api: Api, endpoint_id: str) -> Iterator[Name]:
    """Private custom domains that are mapped to the API and that the endpoint has access to."""
    links = naming(graph, api.resource, types.BASE_PATH_MAPPING, "restApi")
    named_by = ((link, key) for link in links for key in ("domainName", "domainNameId"))
    domains = {one.urn for link, key in named_by for one in pointed(graph, link, key, types=types.REST_DOMAIN)}
    for access in graph.of_type("aws:apigateway/domainNameAccessAssociation:DomainNameAccessAssociation"):
        for domain in pointed(graph, access, "domainNameArn", types=types.REST_DOMAIN):
            if domain.urn in domains and text(held(access, "accessAssociationSource")) == endpoint_id:
                yield Name("domain", text(held(domain, "domainName")) or "…")
