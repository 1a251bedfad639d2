"""The calls that an API takes: of its body, or of routes."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...facts import limits
from ...graph import UNKNOWN, Graph, Resource
from ...graph.given import given, held_input
from ...graph.reading import as_text, first_named, named_resources
from ..catalog import types
from . import openapi
from .api import Call, Integration, Requirement, function_in
from .integrations import BALANCED, Integrations, unseen

_AUTHORIZATION: Final[Mapping[str, Requirement]] = {
    "AWS_IAM": Requirement.IAM,
    "COGNITO_USER_POOLS": Requirement.COGNITO,
    "JWT": Requirement.JWT,
    "CUSTOM": Requirement.AUTHORIZER,
}


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
        if (target := held_input(api, "target")) is not None:
            function = first_named(self._graph, api, "target", types=types.FUNCTION) or function_in(self._graph, target)
            kind = "AWS_PROXY" if function is not None or ":lambda:" in as_text(target) else "HTTP_PROXY"
            seconds = limits.HTTP_API_TIMEOUT_MILLISECONDS / 1000
            integration = Integration(resource=api, kind=kind, uri=target, function=function, seconds=seconds)
            method, _, path = (as_text(held_input(api, "routeKey")) or "$default").rpartition(" ")
            yield Call(method or "ANY", path, frozenset(), integration)

    @functools.cached_property
    def by_route(self) -> dict[str, list[Call]]:
        """Calls of HTTP APIs with discrete resources, by API."""
        calls: dict[str, list[Call]] = defaultdict(list)
        for route in self._graph.of_type(*types.HTTP_ROUTE):
            method, _, path = as_text(held_input(route, "routeKey")).rpartition(" ")
            needs = frozenset(_authorization(held_input(route, "authorizationType")))
            named_by = (given(route, "routeKey").ground(),)
            for api in named_resources(self._graph, route, "apiId", types=types.HTTP_API):
                for integration in self._integrations.of_route(route):
                    calls[api.urn].append(Call(method or "ANY", path or "/", needs, integration, route, named_by))
        return calls


def _authorization(value: Any) -> Iterator[Requirement]:
    if value is UNKNOWN:
        yield Requirement.UNKNOWN
    elif (need := _AUTHORIZATION.get(as_text(value))) is not None:
        yield need
