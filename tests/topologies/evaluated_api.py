"""What a call gets from an API, read from its finished OpenAPI document or HTTP API resources alone.

`seen(graph, "GET", "/orders/7")` finds the route as API Gateway does, and returns its authorization, its key, its
target and the path that the backend sees. It knows nothing of settings or components.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from components.recording.resources import Resource
from components.recording.values import reveal
from components.testing.recorder import Graph

_ANY = "x-amazon-apigateway-any-method"
_SPECIFIC = ("literal", "variable", "greedy")


class Seen(NamedTuple):
    """What a call gets."""

    authorization: str
    """`none`, `iam`, or the identity of the authorizer: its function, its user pools, or its issuer."""
    key: bool
    target: str
    """The function's URI, or the host or listener behind the VPC link."""
    backend_path: str
    """Path that a target behind a VPC link sees; the client's for a function."""


class Match(NamedTuple):
    """A path template that matches a path."""

    ranks: tuple[int, ...]
    """Less is more specific, part by part."""
    values: Mapping[str, str]
    """Values of its variables."""


def matched(template: str, path: str) -> Match | None:
    """How a template such as `/orders/{id}/{proxy+}` matches a path; None if it does not."""
    wanted = [part for part in template.split("/") if part]
    given = [part for part in path.split("/") if part]
    ranks: list[int] = []
    values: dict[str, str] = {}
    for position, part in enumerate(wanted):
        rest = given[position:]
        if part.endswith("+}"):
            if not rest:
                return None
            values[part.strip("{}+")] = "/".join(rest)
            return Match((*ranks, _SPECIFIC.index("greedy")), values)
        if not rest:
            return None
        if part.startswith("{"):
            values[part.strip("{}")] = rest[0]
            ranks.append(_SPECIFIC.index("variable"))
        elif part == rest[0]:
            ranks.append(_SPECIFIC.index("literal"))
        else:
            return None
    return Match(tuple(ranks), values) if len(wanted) == len(given) else None


def seen(graph: Graph, method: str, path: str) -> Seen | None:
    """What a call gets; None if no route takes it, or the API answers by itself."""
    for api in graph.of_type("aws:apigateway/restApi:RestApi"):
        return _of_document(json.loads(reveal(api.inputs["body"])), method, path)
    return _of_resources(graph, method, path)


def _of_document(document: Mapping[str, Any], method: str, path: str) -> Seen | None:
    """REST: the most specific resource that has the method, or `ANY`."""
    found = [
        (match, operation)
        for template, item in document["paths"].items()
        if (match := matched(template, path)) and (operation := item.get(method.lower()) or item.get(_ANY))
    ]
    if not found:
        return None
    match, operation = min(found, key=lambda one: one[0].ranks)
    if operation["x-amazon-apigateway-integration"]["type"] == "mock":
        return None
    schemes = document.get("components", {}).get("securitySchemes", {})
    required = [schemes[name] for each in operation.get("security", []) for name in each]
    authorizations = [named for scheme in required if (named := _authorization_of(scheme)) is not None]
    assert len(authorizations) <= 1, f"{path} has several authorizers"
    target, backend_path = _target_of(operation["x-amazon-apigateway-integration"], match, path)
    return Seen(
        authorizations[0] if authorizations else "none", len(authorizations) < len(required), target, backend_path
    )


def _authorization_of(scheme: Mapping[str, Any]) -> str | None:
    """The identity of a scheme's authorizer; None for an API key."""
    kind = scheme.get("x-amazon-apigateway-authtype")
    decision = scheme.get("x-amazon-apigateway-authorizer")
    if kind == "awsSigv4":
        return "iam"
    if decision is None:
        assert (kind, scheme["name"]) == (None, "x-api-key")
        return None
    return str(decision.get("authorizerUri") or ",".join(decision["providerARNs"]))


def _target_of(integration: Mapping[str, Any], match: Match, path: str) -> tuple[str, str]:
    uri = str(integration["uri"])
    if integration["type"] == "aws_proxy":
        return uri, path
    host, slash, template = uri.partition("://")[2].partition("/")
    mapped = {
        name.rpartition(".")[2]: source.rpartition(".")[2]
        for name, source in integration["requestParameters"].items()
        if name.startswith("integration.request.path.")
    }
    return host, _filled(slash + template, r"\{(.+?)\}", {name: match.values[mapped[name]] for name in mapped})


def _filled(template: str, pattern: str, values: Mapping[str, str]) -> str:
    """A template with its variables replaced. KeyError for one that has no value."""
    return re.sub(pattern, lambda match: values[match[1]], template)


def _of_resources(graph: Graph, method: str, path: str) -> Seen | None:
    """HTTP: the most specific route among those that take the method."""
    found = []
    for route in graph.of_type("aws:apigatewayv2/route:Route"):
        taken, _, template = str(route.inputs["routeKey"]).partition(" ")
        if taken in (method, "ANY") and (match := matched(template, path)):
            found.append((match.ranks, taken == "ANY", route.urn, match, route))
    if not found:
        return None
    *_, match, route = min(found, key=lambda one: one[:3])
    (integration,) = [one for one in _of(graph, "integration") if route.inputs["target"] == f"integrations/{one.id}"]
    target, backend_path = str(integration.inputs["integrationUri"]), path
    if integration.inputs["integrationType"] == "HTTP_PROXY":
        written = integration.inputs["requestParameters"]["overwrite:path"]
        backend_path = (
            path if written == "$request.path" else _filled(written, r"\$\{request\.path\.(.+?)\}", match.values)
        )
    return Seen(_authorization(graph, route), False, target, backend_path)


def _authorization(graph: Graph, route: Resource) -> str:
    kind = route.inputs["authorizationType"]
    if kind in ("NONE", "AWS_IAM"):
        return {"NONE": "none", "AWS_IAM": "iam"}[kind]
    (authorizer,) = [resource for resource in _of(graph, "authorizer") if resource.id == route.inputs["authorizerId"]]
    assert kind == {"JWT": "JWT", "REQUEST": "CUSTOM"}[authorizer.inputs["authorizerType"]]
    return str(authorizer.inputs.get("authorizerUri") or authorizer.inputs["jwtConfiguration"]["issuer"])


def _of(graph: Graph, kind: str) -> Iterator[Resource]:
    return iter(graph.of_type(f"aws:apigatewayv2/{kind}:{kind.capitalize()}"))
