"""Integrations that AWS refuses, or that answer with an error: protocols and path parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..aws import types
from ..aws.api import Integration
from ..aws.dns import Address
from ..graph import UNKNOWN, Resource, reveal
from ..graph.reading import mapping, peek, pointed, read, text
from ..reach import Reach
from .registry import Severity, guide, rule

_GUIDE: Final = "apigateway/latest/developerguide"
_ENCRYPTED: Final = ("TLS", "HTTPS")
_PATH_PARAMETER: Final = re.compile(r"(?<!\$)\{(\w+)\+?\}")


@rule(
    "GATE-10",
    "An integration through a VPC link has the protocol of the listener",
    Severity.HIGH,
    on=(*types.REST_INTEGRATION, *types.HTTP_INTEGRATION, *types.REST_API),
    why="The listener takes the request for a broken handshake, or for no TLS at all: every call is a 5xx.",
    remedy="REST: a URL with the listener's scheme. HTTP APIs: the listener's ARN, with tls_config if it is HTTPS or "
    "TLS.",
    source=guide(_GUIDE, "http-api-develop-integrations-private"),
)
def protocol_fits_listener(reach: Reach, resource: Resource) -> Iterator[str]:
    for integration in reach.model.apis.integrations(resource):
        if not integration.linked:
            continue
        if resource.type in types.HTTP_INTEGRATION:
            yield from _of_http_api(resource, integration)
        else:
            yield from _of_rest_api(reach, resource, integration)


def _of_http_api(resource: Resource, integration: Integration) -> Iterator[str]:
    if text(integration.uri).startswith(("http://", "https://")):
        yield f"{resource.name} names {text(integration.uri)}, where an HTTP API wants the ARN of a listener or service"
    listener, tls = integration.balancer, peek(resource, "tlsConfig")
    if listener is None or listener.type not in types.LISTENER or tls is UNKNOWN:
        return
    protocol = text(read(listener, "protocol"))
    if protocol in _ENCRYPTED and not tls:
        yield f"{resource.name} sends plain HTTP to {listener.name}, which speaks {protocol}: it has no tls_config"
    if protocol == "HTTP" and tls:
        yield f"{resource.name} sends TLS to {listener.name}, which speaks HTTP"


def _of_rest_api(reach: Reach, resource: Resource, integration: Integration) -> Iterator[str]:
    address = Address.of(text(integration.uri))
    balancers = [integration.balancer] if integration.balancer is not None else []
    if integration.link is not None:
        balancers += pointed(reach.model.graph, integration.link, "targetArn", types=types.LOAD_BALANCER)
    for balancer in balancers if address is not None else ():
        for listener in reach.model.balancers.listeners(balancer):
            if address is None or peek(listener, "port") != address.port:
                continue
            scheme, protocol = address.url.partition(":")[0], text(read(listener, "protocol"))
            if (scheme == "http" and protocol in _ENCRYPTED) or (scheme == "https" and protocol == "HTTP"):
                yield f"{resource.name} calls {address.url}, and {listener.name} speaks {protocol}"


@rule(
    "GATE-11",
    "Path parameters of a REST integration's URL are mapped from the request's",
    Severity.HIGH,
    on=types.REST_INTEGRATION,
    why="An unmapped parameter stays in braces, and every call is a 500; one that the method does not declare is "
    "refused.",
    remedy="Map integration.request.path.NAME to method.request.path.NAME, and declare the latter on the method.",
    source="https://repost.aws/knowledge-center/api-gateway-proxy-path-character-error",
)
def path_parameters_are_mapped(reach: Reach, resource: Resource) -> Iterator[str]:
    mapped = mapping(read(resource, "requestParameters"))
    for name in dict.fromkeys(_PATH_PARAMETER.findall(text(peek(resource, "uri")).partition("://")[2])):
        if f"integration.request.path.{name}" not in mapped:
            yield f"{resource.name} calls {text(peek(resource, 'uri'))} and maps nothing to {{{name}}}"
    method = reach.model.apis.methods_by_key.get(reach.model.apis.key_of(resource))
    declared = read(method, "requestParameters") if method is not None else None
    for target, source in mapped.items():
        source = reveal(source)
        if method is not None and str(source).startswith("method.request.path.") and source not in (declared or {}):
            yield f"{resource.name} maps {source} to {target}, and {method.name} does not declare it"
