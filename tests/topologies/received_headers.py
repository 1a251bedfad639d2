"""The headers that a backend receives for a call, read from the finished API and AWS's words alone.

Where those leave a choice, the worst for the backend is taken: a REST API compares names by upper and lower case, and a
mapping whose source has no value keeps the caller's own header. A function is the forwarder, which gets the event that
AWS would send. Knows nothing of settings or components.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from components.recording.resources import Resource
from components.recording.values import reveal
from components.testing.recorder import Graph
from forwarder.configuration import Configuration
from forwarder.event import Incoming
from forwarder.request import build_outgoing
from tests.topologies.evaluated_api import Match, matched

Pairs = list[tuple[str, str]]
SOURCE = "198.51.100.7"
AT_AWS = "abcde12345.execute-api.eu-west-1.amazonaws.com"


class Caller(NamedTuple):
    """A call: its headers, its address, and what API Gateway knows of the caller."""

    sent: Pairs
    host: str
    """The custom domain, or the API's own name."""
    base: str
    """Stage or base path in front of the route."""
    known: Mapping[str, Any]
    """`$context.authorizer` and `$context.identity`, as far as they have values."""


class Received(NamedTuple):
    """What the backend gets."""

    way: str
    """`rest` or `http` for a VPC link, `function` for the forwarder."""
    headers: Pairs


def received(graph: Graph, path: str, caller: Caller) -> Received:
    """The headers of a GET call."""
    for api in graph.of_type("aws:apigateway/restApi:RestApi"):
        return _of_rest(graph, json.loads(reveal(api.inputs["body"])), path, caller)
    return _of_http(graph, path, caller)


def _of_rest(graph: Graph, document: Mapping[str, Any], path: str, caller: Caller) -> Received:
    match, template, item = _best((template, item) for template, item in document["paths"].items() if "get" in item)(
        path
    )
    integration = item["get"]["x-amazon-apigateway-integration"]
    if integration["type"] == "aws_proxy":
        own = caller.host == AT_AWS
        event = {
            "resource": template,
            "path": path if own else caller.base + path,
            "httpMethod": "GET",
            "multiValueHeaders": {name: [value] for name, value in caller.sent},
            "pathParameters": dict(match.values) or None,
            "requestContext": {
                "path": caller.base + path,
                "stage": "live",
                "domainName": caller.host,
                **_context(caller),
            },
        }
        return Received("function", _forwarded(graph, event))
    headers = caller.sent
    for place, source in integration["requestParameters"].items():
        kind, _, name = place.removeprefix("integration.request.").partition(".")
        value = source[1:-1] if source.startswith("'") else _value(source, caller)
        if kind == "header" and value is not None:
            headers = [header for header in headers if header[0] != name] + [(name, value)]
    return Received("rest", headers)


def _of_http(graph: Graph, path: str, caller: Caller) -> Received:
    routes = graph.of_type("aws:apigatewayv2/route:Route")
    keys = {str(route.inputs["routeKey"]).removeprefix("GET "): route for route in routes}
    match, template, route = _best(keys.items())(path)
    (integration,) = [
        resource
        for resource in graph.of_type("aws:apigatewayv2/integration:Integration")
        if route.inputs["target"] == f"integrations/{resource.id}"
    ]
    if integration.inputs["integrationType"] == "AWS_PROXY":
        event = {
            "version": "2.0",
            "routeKey": f"GET {template}",
            # Never with the base path of a domain.
            "rawPath": path,
            "headers": dict(caller.sent),
            "pathParameters": dict(match.values),
            "requestContext": {
                "stage": "$default",
                "domainName": caller.host,
                "http": {"method": "GET", "sourceIp": SOURCE},
                **_context(caller, second=True),
            },
        }
        return Received("function", _forwarded(graph, event))
    headers = caller.sent
    for place, written in integration.inputs["requestParameters"].items():
        action, _, where = place.partition(":")
        if not where.startswith("header."):
            continue
        name = where.removeprefix("header.")
        value = re.sub(r"\$\{?(context\.[\w.]+)\}?", lambda found: _value(found[1], caller) or "", str(written))
        if action == "append" or (action == "overwrite" and not value):
            headers = [*headers, *([(name, value)] if value else [])]
            continue
        others = [header for header in headers if header[0].lower() != name.lower()]
        headers = others if action == "remove" else [*others, (name, value)]
    return Received("http", headers)


def _best(templates: Any) -> Any:
    found = list(templates)

    def of(path: str) -> tuple[Match, str, Any]:
        fitting = [(match, template, item) for template, item in found if (match := matched(template, path))]
        return min(fitting, key=lambda one: one[0].ranks)

    return of


def _forwarded(graph: Graph, event: dict[str, Any]) -> Pairs:
    (function,) = [one for one in _functions(graph) if "BACKEND_URL" in one.inputs["environment"]["variables"]]
    configuration = Configuration(
        {**reveal(function.inputs["environment"]["variables"]), "BACKEND_URL": "http://b.invalid"}
    )
    incoming = Incoming(event, "id", identity=configuration.forwards_identity, domain=configuration.domain)
    head = build_outgoing(incoming, configuration).head.decode("latin-1")
    return [(name, value) for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:] if line)]


def _functions(graph: Graph) -> Iterator[Resource]:
    functions = graph.of_type("aws:lambda/function:Function")
    return (function for function in functions if "environment" in function.inputs)


def _context(caller: Caller, *, second: bool = False) -> dict[str, Any]:
    """`requestContext` of an event."""
    authorizer, identity = caller.known.get("authorizer", {}), caller.known.get("identity", {})
    found: dict[str, Any] = {"requestId": "request-1", "extendedRequestId": "extended-1"}
    if not second:
        return found | {"identity": {"sourceIp": SOURCE, **identity}, "authorizer": authorizer}
    if "claims" in authorizer:
        return found | {"authorizer": {"jwt": {"claims": authorizer["claims"]}}}
    return found | ({"authorizer": {"iam": identity}} if "userArn" in identity else {})


def _value(reference: str, caller: Caller) -> str | None:
    found: Any = {
        "context": {
            "requestId": "request-1",
            "extendedRequestId": "extended-1",
            "domainName": caller.host,
            **caller.known,
            "identity": {"sourceIp": SOURCE, **caller.known.get("identity", {})},
        }
    }
    for part in reference.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return None if found is None else str(found)
