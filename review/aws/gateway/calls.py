"""The calls that an API takes, with their integrations, as bodies and resources declare them."""

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from ...facts import limits
from ...graph import UNKNOWN, Graph, Resource
from ...graph.evidence import get_deployed_input, read_flag
from ...graph.reading import as_number, as_text, find_first_referenced, find_referenced
from ..catalog import types
from . import methods, openapi
from .api import Call, Integration, Requirement, find_function
from .definitions import FUNCTION

_AUTHORIZATION: Final[Mapping[str, Requirement]] = {
    "AWS_IAM": Requirement.IAM,
    "COGNITO_USER_POOLS": Requirement.COGNITO,
    "JWT": Requirement.JWT,
    "CUSTOM": Requirement.AUTHORIZER,
}

_BALANCED: Final = (*types.LISTENER, *types.LOAD_BALANCER, *types.CLOUD_MAP_SERVICE)
"""Types that a private integration may name."""


class _Parts(NamedTuple):
    """The parts of an integration: its values, or the names of the keys that hold them, which are those of a body."""

    kind: Any = "type"
    uri: Any = "uri"
    connection: Any = "connectionType"
    link: Any = "connectionId"
    target: Any = "integrationTarget"
    credentials: Any = "credentials"
    transfer: Any = "responseTransferMode"
    timeout: Any = "timeoutInMillis"
    parameters: Any = "requestParameters"


_IN_BODY: Final = _Parts()
# An HTTP API streams nothing; a key that it does not have is absent.
_HTTP_KEYS: Final = _Parts(
    "integrationType",
    "integrationUri",
    target="integrationUri",
    credentials="credentialsArn",
    timeout="timeoutMilliseconds",
)


_REST_KEYS: Final = _Parts(timeout="timeoutMilliseconds")


class Calls:
    """Reads the calls of every API of a graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def read_body(self, api: Resource, body: Any) -> Iterator[Call]:
        if body is UNKNOWN and not api.existing:
            yield from tuple(self._infer_calls(api)) or [self.make_unknown_call(api)]
        if not isinstance(body, Mapping):
            return
        for operation in openapi.list_operations(body):
            for integration in self._read_operation(api, operation.integration):
                yield Call(operation.method, operation.path, operation.requires, integration, operation.declaration)

    def _infer_calls(self, api: Resource) -> Iterator[Call]:
        """Integrations from the dependencies of an unknown body: its routes are unknown, their targets are not."""
        for function in self._find_dependencies(api, types.INVOKED):
            yield self.make_unknown_call(api, kind="AWS_PROXY", function=function)
        targets: list[Resource | None] = [*self._find_dependencies(api, _BALANCED)]
        for link, target in itertools.product(self._find_dependencies(api, types.LINKS), targets or [None]):
            yield self.make_unknown_call(api, kind="HTTP_PROXY", link=link, linked=True, balancer=target)

    @staticmethod
    def make_unknown_call(api: Resource, **parts: Any) -> Call:
        """A call that stands for all that an API may take."""
        return Call("ANY", "/", frozenset({Requirement.UNKNOWN}), _make_unknown_integration(api, **parts))

    def read_methods(self, api: Resource) -> Iterator[Call]:
        """Calls of a REST API whose methods are resources of their own."""
        for method in methods.list_methods(self._graph, api):
            path = methods.find_path(self._graph, api, method)
            needs = frozenset(_parse_authorization(get_deployed_input(method, "authorization")))
            if (key := read_flag(method, "apiKeyRequired", absent=False)) is not False:
                needs |= {Requirement.UNKNOWN if key is None else Requirement.KEY}
            if get_deployed_input(method, "restApi") is UNKNOWN and not find_referenced(
                self._graph, method, "restApi", types=types.REST_API
            ):
                needs |= {Requirement.UNKNOWN}
            integrations = [*methods.list_integrations(self._graph, api, method)]
            for integration in (
                map(self._read_integration, integrations) if integrations else [_make_unknown_integration(method)]
            ):
                name = as_text(get_deployed_input(method, "httpMethod")) or "ANY"
                yield Call(name, path, needs, integration, method)

    def read_quick_create(self, api: Resource) -> Iterator[Call]:
        """The one route of an HTTP API that was made with `target`."""
        if (target := get_deployed_input(api, "target")) is not None:
            function = find_first_referenced(self._graph, api, "target", types=types.FUNCTION) or find_function(
                self._graph, target
            )
            kind = "AWS_PROXY" if function is not None or ":lambda:" in as_text(target) else "HTTP_PROXY"
            seconds = limits.HTTP_API_TIMEOUT_MILLISECONDS / 1000
            integration = Integration(resource=api, kind=kind, uri=target, function=function, seconds=seconds)
            method, _, path = (as_text(get_deployed_input(api, "routeKey")) or "$default").rpartition(" ")
            yield Call(method or "ANY", path, frozenset(), integration)

    @functools.cached_property
    def by_route(self) -> dict[str, list[Call]]:
        """Calls of HTTP APIs with discrete resources, by API."""
        calls: dict[str, list[Call]] = defaultdict(list)
        for route in self._graph.list_by_type(*types.HTTP_ROUTE):
            method, _, path = as_text(get_deployed_input(route, "routeKey")).rpartition(" ")
            needs = frozenset(_parse_authorization(get_deployed_input(route, "authorizationType")))
            for api in find_referenced(self._graph, route, "apiId", types=types.HTTP_API):
                for integration in self._find_route_integrations(route):
                    call = Call(method or "ANY", path or "/", needs, integration, route)
                    calls[api.urn].append(call)
        return calls

    def _read_operation(self, api: Resource, declaration: Mapping[str, Any]) -> Iterator[Integration]:
        """The integration of an operation; of one whose target is unknown, each that the body's dependencies allow."""
        parts = _read_body_parts(declaration)
        integration, name = self._build_integration(api, parts, declaration), declaration.get(FUNCTION)
        if UNKNOWN not in ((parts.link, parts.target) if integration.linked else (parts.uri,)):
            yield integration
        elif integration.linked:
            links: list[Resource | None] = (
                [integration.link] if integration.link else [*self._find_dependencies(api, types.LINKS)]
            )
            # A REST API names a load balancer, and waits for its listener.
            behind = self._find_dependencies(api, types.LOAD_BALANCER) or self._find_dependencies(api, _BALANCED)
            targets: list[Resource | None] = [integration.balancer] if integration.balancer else [*behind]
            pairs = list(itertools.product(links or [None], targets or [None]))
            for link, target in pairs:
                known = len(pairs) == 1 and link is not None and (target is not None or parts.target is not UNKNOWN)
                yield replace(integration, link=link, balancer=target, certain=known)
        else:
            named = [self._graph.find(name, *types.FUNCTION)] if isinstance(name, str) else []
            behind = self._find_dependencies(api, types.INVOKED) if integration.kind.startswith("AWS") else []
            functions: list[Resource | None] = named or [*behind] or [None]
            for function in functions:
                yield replace(integration, function=function, certain=function is not None and len(functions) == 1)

    def _find_dependencies(self, api: Resource, kinds: tuple[str, ...]) -> list[Resource]:
        """The resources of these kinds that a body depends on; functions in place of their aliases."""
        targets = map(self._resolve_alias, find_referenced(self._graph, api, "body", types=kinds))
        return list({target.urn: target for target in targets}.values())

    def _resolve_alias(self, resource: Resource) -> Resource:
        """The function of an alias; another resource itself."""
        return find_function(self._graph, resource.id) or resource if resource.type in types.ALIAS else resource

    def _find_route_integrations(self, route: Resource) -> Iterator[Integration]:
        """The integrations that a route may name; one that is not seen if it names none of the graph."""
        identifier = as_text(get_deployed_input(route, "target")).removeprefix("integrations/")
        kinds = types.HTTP_INTEGRATION
        named = self._graph.find(identifier, *kinds)
        integrations = [named] if named else find_referenced(self._graph, route, "target", types=kinds)
        yield from (self._read_integration(resource) for resource in integrations)
        if not integrations and get_deployed_input(route, "target") is not None:
            yield _make_unknown_integration(route)

    def _read_integration(self, resource: Resource) -> Integration:
        """The integration that a resource declares."""
        keys = _HTTP_KEYS if resource.type in types.HTTP_INTEGRATION else _REST_KEYS
        parts = _Parts(*(get_deployed_input(resource, key) for key in keys))
        if parts.target is None:
            parts, keys = parts._replace(target=parts.uri), keys._replace(target=keys.uri)
        integration = self._build_integration(resource, parts, resource.inputs)
        if UNKNOWN not in (
            integration.uri,
            get_deployed_input(resource, keys.target),
            get_deployed_input(resource, keys.link),
        ):
            return integration
        return replace(
            integration,
            function=integration.function or self._find_named_resource(resource, keys.uri, types.INVOKED),
            link=integration.link or self._find_named_resource(resource, keys.link, types.LINKS),
            balancer=integration.balancer or self._find_named_resource(resource, keys.target, _BALANCED),
        )

    def _find_named_resource(self, resource: Resource, key: str, kinds: tuple[str, ...]) -> Resource | None:
        named = find_first_referenced(self._graph, resource, key, types=kinds)
        return None if named is None else self._resolve_alias(named)

    def _build_integration(self, resource: Resource, parts: _Parts, declaration: Mapping[str, Any]) -> Integration:
        linked = as_text(parts.connection) == "VPC_LINK"
        http = resource.type in (*types.HTTP_API, *types.HTTP_INTEGRATION)
        longest = limits.HTTP_API_TIMEOUT_MILLISECONDS if http else limits.REST_API_TIMEOUT_MILLISECONDS
        return Integration(
            resource=resource,
            kind=as_text(parts.kind).upper(),
            uri=parts.uri,
            function=None if linked else find_function(self._graph, parts.uri),
            link=self._graph.find(parts.link, *types.LINKS) if linked else None,
            linked=linked,
            balancer=self._graph.find(parts.target, *_BALANCED) if linked else None,
            has_credentials=bool(parts.credentials),
            streams=as_text(parts.transfer).upper() == "STREAM",
            seconds=None if parts.timeout is UNKNOWN else (as_number(parts.timeout) or longest) / 1000,
            parameters=parts.parameters,
            declaration=declaration,
        )


def _parse_authorization(value: Any) -> Iterator[Requirement]:
    if value is UNKNOWN:
        yield Requirement.UNKNOWN
    elif (need := _AUTHORIZATION.get(as_text(value))) is not None:
        yield need


def _make_unknown_integration(caller: Resource, **parts: Any) -> Integration:
    """The integration of a route or an unknown body, of which only these parts are known."""
    return Integration(**{"resource": caller, "kind": "", "uri": UNKNOWN, "certain": False, **parts})


def _read_body_parts(raw: Mapping[str, Any]) -> _Parts:
    # AWS's guide and AWS's own sample spell the load balancer's key differently.
    target = raw.get("integrationTarget", raw.get("integration-target", raw.get("uri")))
    return _Parts(*map(raw.get, _IN_BODY))._replace(target=target)
