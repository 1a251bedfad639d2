"""The calls that an API takes: of its body, of methods, of routes."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...facts import limits
from ...graph import UNKNOWN, Graph, Resource
from ...graph.given import cited, given, held, of_any
from ...graph.reading import first, pointed, text
from ..catalog import types
from . import openapi
from .api import Call, Integration, Requirement, function_in
from .integrations import BALANCED, REST_KEYS, Integrations, unseen

_AUTHORIZATION: Final[Mapping[str, Requirement]] = {
    "AWS_IAM": Requirement.IAM,
    "COGNITO_USER_POOLS": Requirement.COGNITO,
    "JWT": Requirement.JWT,
    "CUSTOM": Requirement.AUTHORIZER,
}
_KEY_ASKED: Final = {True: {Requirement.KEY}, False: set[Requirement](), None: {Requirement.UNKNOWN}}


class Calls:
    """Reads the calls of every API of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._integrations = Integrations(graph)

    def of_body(self, api: Resource, body: Any) -> Iterator[Call]:
        if body is UNKNOWN and not api.existing:
            yield from tuple(self._inferred(api)) or [self._unknown_call(api)]
        if not isinstance(body, Mapping):
            return
        for operation in openapi.operations(body):
            for integration in self._integrations.of_operation(api, operation.integration):
                yield Call(operation.method, operation.path, operation.requires, integration, operation.written)

    def _inferred(self, api: Resource) -> Iterator[Call]:
        """Integrations from the dependencies of an unknown body: its routes are unknown, their targets are not."""
        for function in self._integrations.behind(api, types.INVOKED):
            yield self._unknown_call(api, kind="AWS_PROXY", function=function)
        targets: list[Resource | None] = [*self._integrations.behind(api, BALANCED)]
        for link, target in itertools.product(self._integrations.behind(api, types.LINKS), targets or [None]):
            yield self._unknown_call(api, kind="HTTP_PROXY", link=link, linked=True, balancer=target)

    @staticmethod
    def _unknown_call(api: Resource, **parts: Any) -> Call:
        return Call("ANY", "/", frozenset({Requirement.UNKNOWN}), unseen(api, **parts))

    def quick(self, api: Resource) -> Iterator[Call]:
        """The one route of an HTTP API that was made with `target`."""
        if (target := held(api, "target")) is not None:
            function = first(self._graph, api, "target", types=types.FUNCTION) or function_in(self._graph, target)
            kind = "AWS_PROXY" if function is not None or ":lambda:" in text(target) else "HTTP_PROXY"
            seconds = limits.HTTP_API_TIMEOUT_MILLISECONDS / 1000
            integration = Integration(resource=api, kind=kind, uri=target, function=function, seconds=seconds)
            method, _, path = (text(held(api, "routeKey")) or "$default").rpartition(" ")
            yield Call(method or "ANY", path, frozenset(), integration)

    @functools.cached_property
    def methods_by_key(self) -> dict[tuple[str, ...], Resource]:
        """Methods of REST APIs by `key_of`, which is that of their integration as well."""
        return {self.key_of(method): method for method in self._graph.of_type(*types.METHOD)}

    @functools.cached_property
    def by_method(self) -> dict[str, list[Call]]:
        """Calls of REST APIs with discrete resources, by API."""
        declared = self._graph.of_type(*types.REST_INTEGRATION)
        integrations = {self.key_of(part): self._integrations.of_resource(part, REST_KEYS) for part in declared}
        calls: dict[str, list[Call]] = defaultdict(list)
        for method in self._graph.of_type(*types.METHOD):
            asks = set(_authorization(held(method, "authorization")))
            asks |= _KEY_ASKED[given(method, "apiKeyRequired").flag(absent=False)]
            parts, name = self._parts(method), text(held(method, "httpMethod")) or "ANY"
            path = "/" + "/".join(text(held(part, "pathPart")) for part in parts)
            keys = ((method, "httpMethod"), *((part, "pathPart") for part in parts))
            place = cited(self._graph, method, "resourceId", types=())
            named_by = (place, *(given(resource, key).ground() for resource, key in keys))
            for api in pointed(self._graph, method, "restApi", types=types.REST_API):
                for integration in self._may_have(method, integrations):
                    calls[api.urn].append(Call(name, path, frozenset(asks), integration, method, named_by))
        return calls

    def _may_have(self, method: Resource, known: Mapping[tuple[str, ...], Integration]) -> list[Integration]:
        """Integrations with its name, or all of its resource if its name is not known; else one that is not seen."""
        key = self.key_of(method)
        keys = [key] if key[-1] else [name for name in known if name[:-1] == key[:-1]]
        return [known[name] for name in keys if name in known] or [unseen(method)] * bool(self._stray_integrations)

    @functools.cached_property
    def _stray_integrations(self) -> list[Resource]:
        """Integrations that may be of any method."""
        names = (("restApi", types.REST_API), ("resourceId", types.REST_RESOURCE))
        strays = [one for key, kinds in names for one in of_any(self._graph, types.REST_INTEGRATION, key, types=kinds)]
        methods = self._graph.of_type(*types.REST_INTEGRATION)
        return strays + [method for method in methods if held(method, "httpMethod") is UNKNOWN and not method.existing]

    def key_of(self, resource: Resource) -> tuple[str, ...]:
        """REST API, resource and method: what joins an integration to its method."""
        api = [hit.urn for hit in pointed(self._graph, resource, "restApi", types=types.REST_API)]
        parts = [hit.urn for hit in pointed(self._graph, resource, "resourceId", types=types.REST_RESOURCE)]
        return (*api, *parts, text(held(resource, "httpMethod")))

    def _parts(self, method: Resource) -> list[Resource]:
        """The resources of its path, from the root."""
        parts: list[Resource] = []
        at = first(self._graph, method, "resourceId", types=types.REST_RESOURCE)
        while at is not None and len(parts) < 100:
            parts.insert(0, at)
            at = first(self._graph, at, "parentId", types=types.REST_RESOURCE)
        return parts

    @functools.cached_property
    def by_route(self) -> dict[str, list[Call]]:
        """Calls of HTTP APIs with discrete resources, by API."""
        calls: dict[str, list[Call]] = defaultdict(list)
        for route in self._graph.of_type(*types.HTTP_ROUTE):
            method, _, path = text(held(route, "routeKey")).rpartition(" ")
            asks = frozenset(_authorization(held(route, "authorizationType")))
            named_by = (given(route, "routeKey").ground(),)
            for api in pointed(self._graph, route, "apiId", types=types.HTTP_API):
                for integration in self._integrations.of_route(route):
                    calls[api.urn].append(Call(method or "ANY", path or "/", asks, integration, route, named_by))
        return calls


def _authorization(value: Any) -> Iterator[Requirement]:
    if value is UNKNOWN:
        yield Requirement.UNKNOWN
    elif (asked := _AUTHORIZATION.get(text(value))) is not None:
        yield asked
