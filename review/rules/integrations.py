"""Integrations that AWS refuses, or that answer with an error: protocols, parameters, headers, streams."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..aws.catalog import types
from ..aws.compute.functions import WRAPPER, lacks_streaming
from ..aws.gateway.api import Api, ApiKind, Call, Integration, Requirement
from ..aws.network.dns import Address
from ..facts import identity_headers, limits
from ..graph import UNKNOWN, Resource, reveal
from ..graph.evidence import get_deployed_input
from ..graph.prose import join_names
from ..graph.reading import (
    AFTER_DEPLOYMENT,
    Doubt,
    as_mapping,
    as_number,
    as_text,
    find_referenced,
    find_referring,
    get_declared_input,
    get_value,
    require_declared_input,
)
from ..paths import Reachability
from .certificates import describe_other_names, is_private_host
from .registry import Message, Severity, rule

_ENCRYPTED: Final = ("TLS", "HTTPS")
_REST: Final = "integration.request.header."
_ESTABLISHED: Final = re.compile(r"(?:^|\$\{?)context\.(?:authorizer|identity)\.")
_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}|\$([\w.-]+)")
_ALWAYS: Final = ("context.identity.sourceIp", "context.requestId", "context.extendedRequestId", "context.apiId")
_WITH_SIGNATURE: Final = ("context.identity.userArn", "context.identity.accountId", "context.identity.caller")
"""Variables that are never empty: on every route, and on routes with IAM authorization."""


@rule("GATE-10", Severity.HIGH, on=types.INTEGRATING)
def require_protocol_of_listener(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """An integration through a VPC link has the listener's protocol.
    Why: Otherwise every call gets 5xx.
    Remedy: REST: a URL with the listener's scheme. HTTP APIs: the listener's ARN, with tls_config if it is HTTPS or
    TLS.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
    """
    for integration in reach.model.apis.list_integrations(resource):
        if integration.linked and resource.type in types.HTTP_INTEGRATION:
            yield from _check_http_api(resource, integration)
        elif integration.linked:
            yield from _check_rest_api(reach, resource, integration)


def _check_http_api(resource: Resource, integration: Integration) -> Iterator[str]:
    if (uri := as_text(integration.uri)).startswith(("http://", "https://")):
        yield f"{resource.name} names {uri}, where an HTTP API wants the ARN of a listener or service"
    listener, tls = integration.balancer, get_declared_input(resource, "tlsConfig")
    if listener is None or listener.type not in types.LISTENER or tls is UNKNOWN:
        return
    protocol = as_text(require_declared_input(listener, "protocol"))
    if protocol in _ENCRYPTED and not tls:
        yield f"{resource.name} sends plain HTTP to {listener.name}, which speaks {protocol}: it has no tls_config"
    if protocol == "HTTP" and tls:
        yield f"{resource.name} sends TLS to {listener.name}, which speaks HTTP"


def _check_rest_api(reach: Reachability, resource: Resource, integration: Integration) -> Iterator[Message]:
    address = Address.parse(as_text(integration.uri))
    if address is None:
        return
    wrong = _ENCRYPTED if address.url.startswith("http:") else ("HTTP",)
    for listener in _list_called_listeners(reach, integration):
        if (protocol := get_declared_input(listener, "protocol")) is UNKNOWN:
            yield Doubt(f"{listener.name}: protocol is {AFTER_DEPLOYMENT}")
        elif as_text(protocol) in wrong:
            yield f"{resource.name} calls {address.url}, and {listener.name} speaks {as_text(protocol)}"


@rule("GATE-14", Severity.MEDIUM, on=types.INTEGRATING)
def require_trusted_certificate(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """API Gateway trusts the authority of the certificate behind a VPC link, and verifies a public one.
    Why: Public authorities sign no certificate for a private name, so each call gets 5xx. Without verification, anyone
    with any certificate for the name can answer.
    Remedy: Use a name of your own domain and a certificate that a public authority signed. Only for a private authority
    behind a REST API, set insecureSkipVerification.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-integration-tls-config.html
    """
    for integration in reach.model.apis.list_integrations(resource):
        tls = reveal(integration.declaration.get("tlsConfig"))
        host, skips = _find_verified_host(integration, tls), as_mapping(tls).get("insecureSkipVerification")
        if not host or tls is UNKNOWN or skips is UNKNOWN:
            continue
        private = is_private_host(host)
        if skips in (True, "true"):
            if private is False or (not private and not integration.linked):
                yield f"{resource.name} accepts any certificate of {host}, a public name"
            elif private is None:
                yield Doubt(f"whether a private authority signed the certificate of {host}, which is not verified")
        elif private and integration.linked:
            yield Doubt(f"whether {resource.name} trusts the certificate of {host}, which no public authority signs")


@rule("GATE-15", Severity.HIGH, on=types.INTEGRATING)
def require_certificate_for_verified_name(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """The certificate behind a VPC link is for the name that API Gateway verifies.
    Why: API Gateway refuses a certificate for another name, and every call gets 5xx.
    Remedy: HTTP APIs: in tls_config, name a host of the listener's certificate, not the API's own and without a star.
    REST APIs: the host of the URL.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
    """
    for integration in reach.model.apis.list_integrations(resource):
        tls = reveal(integration.declaration.get("tlsConfig"))
        if not integration.linked:
            continue
        if tls is UNKNOWN:
            yield Doubt(f"the name that {resource.name} verifies is known only after deployment")
            continue
        name = _find_verified_host(integration, tls).lower()
        if not name:
            continue
        if "*" in name:
            yield f"{resource.name} verifies the name {name}, which no server has: a star stands only in certificates"
            continue
        for listener in _list_called_listeners(reach, integration):
            graph = reach.model.graph
            if find_referring(graph, listener, ("aws:lb/listenerCertificate:ListenerCertificate",), "listenerArn"):
                continue  # which of its certificates it sends depends on the name
            arn = get_deployed_input(listener, "certificateArn")
            if arn is UNKNOWN:
                yield Doubt(f"the certificate of {listener.name} is known only after deployment")
            elif others := describe_other_names(graph, arn, name):
                yield f"{resource.name} verifies the name {name} at {listener.name}, and {others}"


def _list_called_listeners(reach: Reachability, integration: Integration) -> list[Resource]:
    """Listeners of the graph that a call through a link arrives at."""
    if integration.balancer is not None and integration.balancer.type in types.LISTENER:
        return [integration.balancer]
    if (address := Address.parse(as_text(integration.uri))) is None:
        return []
    balancers = [integration.balancer] if integration.balancer is not None else []
    if integration.link is not None:
        balancers += find_referenced(reach.model.graph, integration.link, "targetArn", types=types.LOAD_BALANCER)
    listeners = (listener for balancer in balancers for listener in reach.model.balancers.list_listeners(balancer))
    return [listener for listener in listeners if get_declared_input(listener, "port") == address.port]


def _find_verified_host(integration: Integration, tls: Any) -> str:
    """The name that a certificate must have. Empty without TLS, or if it is not known."""
    if name := as_mapping(tls).get("serverNameToVerify"):
        return as_text(name)
    uri = as_text(integration.uri)
    address = Address.parse(uri) if integration.kind.startswith("HTTP") and uri.lower().startswith("https://") else None
    return "" if address is None else address.host


@rule("GATE-09", Severity.HIGH, on=types.REST_API)
def require_streamable_answers(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """API Gateway can stream the responses of streaming routes.
    Why: API Gateway refuses to deploy it, or answers every call with 500.
    Remedy: Stream only from proxy integrations, without cache and compression, and call functions that stream by
    response-streaming-invocations.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
    """
    api = reach.model.apis.find(resource)
    for call in api.calls:
        uri = as_text(call.integration.uri)
        if call.integration.streams:
            yield from _list_stream_faults(call, uri)
        elif uri.endswith("/response-streaming-invocations"):
            yield f"{call.name} calls its function for a stream, and its answer is to be whole"
    if any(call.integration.streams for call in api.calls):
        yield from _list_buffering_faults(api)
    if any(call.integration.uri is UNKNOWN and not call.integration.linked for call in api.calls):
        yield Doubt(f"how {resource.name} calls its functions is known only after deployment")


def _list_stream_faults(call: Call, uri: str) -> Iterator[str]:
    integration = call.integration
    if integration.kind and integration.kind not in ("AWS_PROXY", "HTTP_PROXY"):
        yield f"{call.name} streams from an integration of type {integration.kind}"
    if ":lambda:path/" in uri and uri.endswith("/invocations"):
        yield f"{call.name} streams, and calls its function for a whole answer"
    longest = limits.STREAM_MILLISECONDS / 1000
    if (integration.seconds or 0) > longest:
        yield f"{call.name} streams for {integration.seconds:g} s; {longest:g} s is the most"
    function = integration.function
    if function is not None and lacks_streaming(function):
        runtime = as_text(get_declared_input(function, "runtime"))
        yield f"{call.name} streams, and {function.name} runs {runtime}, which answers whole without {WRAPPER}"


def _list_buffering_faults(api: Api) -> Iterator[str]:
    name = api.resource.name
    smallest = as_number(get_declared_input(api.resource, "minimumCompressionSize"))
    if smallest is not None and smallest >= 0:
        yield f"{name} compresses answers, which it cannot while they stream"
    for stage in api.stages:
        if get_declared_input(stage, "cacheClusterEnabled") is True:
            yield f"{stage.name} caches answers, which it cannot while they stream"


@rule("GATE-12", Severity.HIGH, on=types.APIS)
def forbid_forged_identity_headers(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """A caller cannot write the headers that identify callers to the backend.
    Why: Otherwise a backend accepts any identity that a caller writes into the header.
    Remedy: HTTP APIs: on every route, overwrite the header with a value that is never empty, or remove it; append adds
    to the caller's own. REST APIs: their mapping replaces one spelling in upper and lower case and passes on the
    others, so let a function set the headers, or use an HTTP API.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    """
    api = reach.model.apis.find(resource)
    headers = _list_identity_headers(reach)
    linked = [call for call in api.calls if call.integration.kind == "HTTP_PROXY" and call.integration.linked]
    if not headers or not linked:
        return
    if api.kind is not ApiKind.HTTP:
        names, header = join_names(call.name for call in linked), join_names(sorted(headers.values()))
        yield f"{names} may pass on the caller's own {header}, in other upper and lower case than a mapping has"
        return
    for call in linked:
        if call.integration.parameters is UNKNOWN or not call.integration.certain:
            yield Doubt(f"the request parameters of {call.name} are not known")
        else:
            yield from _list_forgeable(call, headers)


def _list_forgeable(call: Call, headers: Mapping[str, str]) -> Iterator[str]:
    mappings = {
        _parse_header(place).lower(): (place.partition(":")[0], value)
        for place, value in _list_mapped_headers(call.integration)
    }
    for name in sorted(headers):
        action, value = mappings.get(name, ("", ""))
        header = f"the caller's own {headers[name]}"
        if verb := {"": "passes on", "append": "appends to"}.get(action):
            yield f"{call.name} {verb} {header}, which other routes set to the identity of the caller"
        elif action == "overwrite" and (fault := _find_fault(call, str(reveal(value)))):
            yield f"{call.name} may pass on {header}: {fault}"


def _find_fault(call: Call, value: str) -> str:
    """The reason why an overwritten header can still be the caller's own; empty if it cannot."""
    variables = [in_braces or plain for in_braces, plain in _VARIABLE.findall(value)]
    if any(variable.startswith("request.") for variable in variables):
        return f"{value} is a part of the caller's request"
    never_empty = _ALWAYS + (_WITH_SIGNATURE if Requirement.IAM in call.requires else ())
    constant = _VARIABLE.sub("", value).strip().removeprefix("'").removesuffix("'")
    if constant or any(variable in never_empty for variable in variables):
        return ""
    return f"{value} can be empty, and may replace nothing then"


def _list_identity_headers(reach: Reachability) -> dict[str, str]:
    """Headers that a route of any API sets from the caller's identity, by their names in lower case."""
    headers: dict[str, str] = {}
    for api in reach.model.apis.all:
        for call in api.calls:
            if _is_forwarder(call.integration):
                # An HTTP API can neither set nor remove x-amzn-*, so only single headers can be checked on every kind.
                headers |= {name.lower(): name for name in identity_headers.SINGLE}
            for place, value in _list_mapped_headers(call.integration):
                if _ESTABLISHED.search(str(reveal(value))):
                    headers[_parse_header(place).lower()] = _parse_header(place)
    return {name: header for name, header in headers.items() if name}


def _is_forwarder(integration: Integration) -> bool:
    """Whether it is the forwarder with identity headers, which it sets and takes from the caller."""
    function = integration.function
    variables = get_value(function.inputs, "environment", "variables") if function is not None else None
    return isinstance(variables, dict) and "BACKEND_URL" in variables and as_text(variables.get("IDENTITY")) == "true"


def _list_mapped_headers(integration: Integration) -> list[tuple[str, Any]]:
    """Request parameters of an integration that write a header, and their values."""
    parameters = as_mapping(integration.parameters)
    return [(str(place), value) for place, value in parameters.items() if _parse_header(str(place))]


def _parse_header(place: str) -> str:
    """The header that a mapping is for; empty if it is for something else."""
    if place.startswith(_REST):
        return place.removeprefix(_REST)
    kind, _, header = place.partition(":")[2].partition(".")
    return header if kind == "header" else ""
