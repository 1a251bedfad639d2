"""Inputs of served resources: those that decide an answer here, and those that decide none. Every other one is named.

The table is `inputs.yaml`. A test holds that something reads each served input.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from ..aws.gateway import openapi
from ..aws.gateway.definitions import read_definition
from ..aws.model.model import AwsModel
from ..graph import UNKNOWN, Resource
from ..graph.reading import as_list, as_mapping, as_text, get_value
from . import mocks
from .apis import PROXIES, Route, ServedApi, list_unserved_references

_TABLE: Final[Mapping[str, Any]] = yaml.safe_load(Path(__file__).with_name("inputs.yaml").read_text(encoding="utf-8"))
SERVED: Final[Mapping[str, list[str]]] = {kind: row["served"] for kind, row in _TABLE["types"].items()}
"""Inputs that the answers here depend on, by type."""
_DEFAULTS: Final[Mapping[str, list[Any]]] = _TABLE["defaults"]
_VALUES: Final[Mapping[str, list[str]]] = _TABLE["values"]
"""Values that are served, of inputs that are served for some only."""
_DOCUMENT, _PATH, _OPERATION, _INTEGRATION, _AUTHORIZER = (
    frozenset(_TABLE["document"][place]) for place in ("root", "path", "operation", "integration", "authorizer")
)


def list_known_inputs(kind: str) -> frozenset[str]:
    """Inputs of a type that are served or that have no effect; nested ones by their path."""
    return frozenset((*_TABLE["ofEveryType"], *SERVED[kind], *_TABLE["types"][kind].get("withoutEffect", ())))


def list_unread_inputs(model: AwsModel, apis: list[ServedApi]) -> list[dict[str, str]]:
    """Inputs that are set, and that no answer here depends on although one may on AWS, each once."""
    inputs = dict.fromkeys(_list_unread(model, apis))
    return [{"resource": name, "input": as_text(path)} for name, path in inputs]


def _list_unread(model: AwsModel, apis: list[ServedApi]) -> Iterator[tuple[str, str]]:
    for kind in SERVED:
        for resource in model.graph.list_by_type(f"aws:{kind}"):
            yield from ((resource.name, path) for path in _list_unserved_in_resource(resource, list_known_inputs(kind)))
    for kind in _TABLE["typesNotServed"]:
        yield from ((resource.name, kind.partition(":")[2]) for resource in model.graph.list_by_type(f"aws:{kind}"))
    for api in apis:
        name = api.api.resource.name
        yield from (
            (name, path)
            for path in _list_unserved_in_document(as_mapping(read_definition(model.graph, api.api.resource)))
        )
        for kind, declared in api.gateway_responses.items():
            yield from ((name, f"{kind}: {part}") for part in _list_unserved_in_gateway_response(as_mapping(declared)))
        for route in api.routes:
            holder = route.integration.resource
            where = f"{route.name}: " if holder is api.api.resource else ""
            for part in sorted(_list_unserved_in_route(route, rest=api.is_rest)):
                yield holder.name, f"{where}{part}"


def _list_unserved_in_route(route: Route, *, rest: bool) -> set[str]:
    """Parts of a route that are not served."""
    kind, missing = route.integration.kind, set(list_unserved_references(route))
    if kind == "MOCK":
        return {mocks.describe_unserved(route)} - {""}
    if kind not in PROXIES:
        missing.add(f"mapping by templates (type {kind})")
    if kind == "AWS_PROXY" and route.parameters and not rest:
        missing.add("requestParameters of a function")
    if kind == "AWS_PROXY" and not rest and get_value(route.integration.declaration, "payloadFormatVersion") != "2.0":
        missing.add("payloadFormatVersion 1.0 of a function")
    rules: Mapping[str, str] = _TABLE["mappings"]["rest" if rest else "http"]
    for place, value in route.parameters.items():
        if not (re.fullmatch(rules["place"], place) and re.fullmatch(rules["value"], str(value))):
            missing.add(f"{place}: {value}")
    return missing


def _list_unserved_in_gateway_response(declared: Mapping[str, Any]) -> Iterator[str]:
    """Parts of a gateway response other than headers with a fixed text."""
    yield from (key for key in declared if key != "responseParameters")
    for place, value in as_mapping(declared.get("responseParameters")).items():
        if not (place.startswith("gatewayresponse.header.") and str(value).startswith("'")):
            yield f"{place}: {value}"


def _list_unserved_in_resource(resource: Resource, known: frozenset[str]) -> Iterator[str]:
    for key, value in resource.inputs.items():
        below = [path for path in known if path.startswith(f"{key}.")]
        yield from _list_unserved_values(key, value)
        if key in known or _is_default(key, value):
            continue
        holders = [holder for holder in as_list(value) if isinstance(holder, Mapping)]
        if not below or not holders:
            yield key
        for inner in dict.fromkeys(inner for holder in holders if below for inner in holder):
            values = [get_value(holder, inner) for holder in holders]
            if f"{key}.{inner}" not in known and not all(_is_default(inner, part) for part in values):
                yield f"{key}.{inner}"


def _list_unserved_values(path: str, value: Any) -> Iterator[str]:
    """Values of an input that is served, and that are not."""
    for part in as_list(value):
        for key, inner in part.items() if isinstance(part, Mapping) else ():
            yield from _list_unserved_values(f"{path}.{key}", inner)
        if isinstance(part, str) and part.upper() not in map(str.upper, _VALUES.get(path, [part])):
            yield f"{path}: {part}"


def _is_default(key: str, value: Any) -> bool:
    """Whether a value is empty, false or AWS's default."""
    usual = _DEFAULTS.get(key, [])
    # An input that is on by default changes something if it is set to false.
    return value is not UNKNOWN and (value in usual or (not value and True not in usual))


def _list_unserved_in_document(body: Mapping[str, Any]) -> Iterator[str]:
    """Keys of an OpenAPI document that are not served, by their place."""
    yield from (str(key) for key in body if key not in _DOCUMENT)
    for path, entry in as_mapping(body.get("paths")).items():
        yield from (f"{path}: {key}" for key in as_mapping(entry) if key not in _PATH | openapi.METHODS)
    for operation in openapi.list_operations(body):
        place = f"{operation.method} {operation.path}: "
        yield from (f"{place}{key}" for key in operation.declaration if key not in _OPERATION)
        yield from (f"{place}{key}" for key in operation.integration if key not in _INTEGRATION)
    for name, scheme in openapi.list_security_schemes(body).items():
        own = as_mapping(scheme.get("x-amazon-apigateway-authorizer"))
        yield from (f"{name}: {key}" for key in own if key not in _AUTHORIZER)
