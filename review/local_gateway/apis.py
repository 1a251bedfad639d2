"""The APIs that components declare, in the detail that serving them needs.

REST APIs are read from the document that ApiFront writes, HTTP APIs from the resources that it declares.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..aws.catalog import types
from ..facts import limits
from ..graph import Graph, Resource
from ..graph.graph import group_pairs
from ..graph.reading import as_list, as_mapping, as_number, as_text, get_declared_input, get_output, get_value
from ..reach.statements import Part, Statements, list_urns
from . import unread
from .matching import find_way

INTEGRATION: Final = "x-amazon-apigateway-integration"
AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
_ANY: Final = "x-amazon-apigateway-any-method"
_FUNCTION: Final = re.compile(r"arn:[a-z-]+:lambda:[a-z0-9-]*:\d*:function:[^/:]+")


class AuthorizerKind(enum.Enum):
    """Kinds of authorizers."""

    IAM = "IAM"
    JWT = "JWT"
    COGNITO = "Cognito"
    FUNCTION = "function"


@dataclass(frozen=True, kw_only=True)
class Authorizer:
    """An authorizer. Its fields are those of its kind."""

    name: str
    kind: AuthorizerKind
    sources: tuple[str, ...] = ()
    """Identity sources, `method.request.header.X` or `$request.header.X`."""
    issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    function: Resource | None = None
    uri: str = ""
    """The ARN by which it calls its function."""
    cache_seconds: float = 0

    @property
    def headers(self) -> list[str]:
        """Names of the headers among its identity sources."""
        return [source.rpartition(".")[2] for source in self.sources if ".header." in source]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    kind: str
    """`AWS_PROXY`, `HTTP_PROXY` or `MOCK`."""
    uri: str = ""
    function: Resource | None = None
    """The function that it calls, if the stack declares it."""
    way: Mapping[str, Any] | None = None
    """What the component states of its calls. Preflights have none."""
    authorizer: Authorizer | None = None
    scopes: tuple[str, ...] = ()
    key_required: bool = False
    body_schema: Any = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The integration's mappings of parameters."""
    sent_method: str = "ANY"
    """The method by which the backend is called; `ANY` for the request's own."""
    streams: bool = False
    seconds: float = limits.REST_API_TIMEOUT_MILLISECONDS / 1000
    response: Mapping[str, Any] = field(default_factory=dict)
    """The response of a preflight."""
    unserved: tuple[str, ...] = ()
    """What of it is not served, so that nothing answers its calls."""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def authorizer_kind(self) -> AuthorizerKind | None:
        return None if self.authorizer is None else self.authorizer.kind


_IAM: Final = Authorizer(name="IAM", kind=AuthorizerKind.IAM)


ListUnstated = Callable[["ServedApi", Route], list[str]]
"""Names what no component states of a route's way."""


def list_served_apis(statements: Statements, list_unstated: ListUnstated) -> list[ServedApi]:
    """The API of each ApiFront whose statement is its own."""
    fronts = ((part, find_child(statements.graph, part, *types.APIS)) for part in statements.list_of("ApiFront"))
    served = [ServedApi(statements, part, api) for part, api in fronts if api is not None]
    for api in served:
        api.routes = tuple(
            replace(route, unserved=(*route.unserved, *list_unstated(api, route))) if route.way else route
            for route in api.routes
        )
    return served


def list_children(graph: Graph, part: Part, *kinds: str) -> list[Resource]:
    """Resources that a component itself declares."""
    return [one for one in graph.list_children(part.resource.urn) if one.type in kinds and one.is_of_component]


def find_child(graph: Graph, part: Part, *kinds: str) -> Resource | None:
    return next(iter(list_children(graph, part, *kinds)), None)


def find_function(graph: Graph, uri: Any) -> Resource | None:
    """The function of the stack that an address calls, through an alias or a version as well."""
    found = _FUNCTION.search(as_text(uri))
    return graph.find(found[0], *types.FUNCTION) if found else None


class ServedApi:
    """An API with everything that decides what a request gets."""

    def __init__(self, statements: Statements, part: Part, resource: Resource) -> None:
        self.part, self.resource, self._graph = part, resource, statements.graph
        self.name, kind = part.name, str(part.get("kind"))
        self.is_rest, self.is_private = kind != "http", kind == "private"
        self.id = as_text(resource.id) or resource.name
        self.arn = as_text(get_output(resource, "executionArn"))
        self.document = read_document(resource)
        self.default_endpoint_closed = get_declared_input(resource, "disableExecuteApiEndpoint") is True
        self._stage = find_child(self._graph, part, *types.STAGES)
        self.stage = (
            as_text(get_declared_input(self._stage, "stageName" if self.is_rest else "name")) if self._stage else ""
        )
        self.variables = as_mapping(get_declared_input(self._stage, "variables")) if self._stage else {}
        self.log_format = as_text(get_declared_input(self._stage, "accessLogSettings", "format")) if self._stage else ""
        self.policy = json.dumps(policy) if (policy := self.document.get("x-amazon-apigateway-policy")) else ""
        self.binary_types = tuple(map(str, as_list(self.document.get("x-amazon-apigateway-binary-media-types"))))
        self.cors = as_mapping(get_declared_input(resource, "corsConfiguration"))
        """CORS configuration of an HTTP API."""
        self.gateway_responses = as_mapping(self.document.get("x-amazon-apigateway-gateway-responses"))
        self.domains: Mapping[str, Sequence[str]] = group_pairs(self._list_domains())
        """Base paths by the name of each custom domain, in lower case."""
        self.throttles = dict(self._list_throttles())
        """Settings by path without outer slashes and method; those of the stage by `*` and `*`."""
        self.routes = tuple(self._read_document() if self.is_rest else self._read_resources())

    @property
    def stage_settings(self) -> Any:
        """Settings of all routes of a stage that have none of their own."""
        return self.throttles.get(("*", "*"))

    def find_base_paths(self, host: str) -> list[str]:
        """Base paths of the domains that a host is a name of. `*.example.com` covers one label.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html#wildcard-custom-domain-names
        """
        parent = f"*.{host.partition('.')[2]}"
        return [base for name, bases in self.domains.items() if name in (host, parent) for base in bases]

    def _list_domains(self) -> Iterator[tuple[str, str]]:
        for mapping in list_children(self._graph, self.part, *types.BASE_PATH_MAPPING, *types.API_MAPPING):
            path = get_declared_input(mapping, "basePath") or get_declared_input(mapping, "apiMappingKey")
            yield as_text(get_declared_input(mapping, "domainName")).lower(), as_text(path).strip("/")

    def _list_throttles(self) -> Iterator[tuple[tuple[str, str], Any]]:
        for settings in list_children(self._graph, self.part, *types.METHOD_SETTINGS):
            path = as_text(get_declared_input(settings, "methodPath"))
            yield parse_method_path(path), get_declared_input(settings, "settings")
        if not self.is_rest and self._stage is not None:
            yield ("*", "*"), get_declared_input(self._stage, "defaultRouteSettings")
            for entry in as_list(get_declared_input(self._stage, "routeSettings")):
                method, _, path = as_text(get_value(entry, "routeKey")).partition(" ")
                yield (path.strip("/"), method), entry

    def _read_document(self) -> Iterator[Route]:
        """The routes of a REST API."""
        for path, item in as_mapping(self.document.get("paths")).items():
            for key, operation in as_mapping(item).items():
                method = "ANY" if key == _ANY else key.upper()
                integration = as_mapping(get_value(operation, INTEGRATION))
                kind = as_text(integration.get("type")).upper()
                # A function is called by POST whatever the request's method is.
                sent = as_text(integration.get("httpMethod")).upper() if kind == "HTTP_PROXY" else "ANY"
                parts = {"response": as_mapping(get_value(integration, "responses", "default"))}
                faults = [*unread.list_faults_of_operation(operation), *self._list_faults_of_schemes(operation)]
                yield self._build_route(
                    method, path, kind, integration, as_text(integration.get("uri")), faults, sent_method=sent,
                    seconds=(as_number(integration.get("timeoutInMillis")) or 0) / 1000,
                    streams=integration.get("responseTransferMode") == "STREAM",
                    **parts, **self._read_operation(operation),
                )  # fmt: skip

    def _list_faults_of_schemes(self, operation: Any) -> list[str]:
        names = [name for requirement in as_list(get_value(operation, "security")) for name in requirement]
        return [fault for name in names for fault in unread.list_faults_of_scheme(name, self._schemes.get(name))]

    @property
    def _schemes(self) -> Mapping[str, Any]:
        return as_mapping(get_value(self.document, "components", "securitySchemes"))

    def _read_operation(self, operation: Any) -> dict[str, Any]:
        """What a method asks of its callers."""
        parts: dict[str, Any] = {}
        for requirement in as_list(get_value(operation, "security")):
            for name, scopes in as_mapping(requirement).items():
                scheme = as_mapping(self._schemes.get(name))
                if scheme.get("name") == "x-api-key":
                    parts["key_required"] = True
                elif scheme.get("x-amazon-apigateway-authtype") == "awsSigv4":
                    parts["authorizer"] = _IAM
                else:
                    decision = as_mapping(scheme.get(AUTHORIZER))
                    authorizer = self._read_authorizer(name, decision, as_text(scheme.get("name")))
                    parts |= {"authorizer": authorizer, "scopes": tuple(map(str, as_list(scopes)))}
        if get_value(operation, "x-amazon-apigateway-request-validator"):
            parts["body_schema"] = get_value(operation, "requestBody", "content", "$default", "schema")
        return parts

    def _read_authorizer(self, name: str, decision: Mapping[str, Any], header: str) -> Authorizer:
        """An authorizer of the document. `header` is the identity source of one that names none."""
        pools = tuple(_build_issuer(str(arn).split(":")) for arn in as_list(decision.get("providerARNs")))
        sources = as_text(decision.get("identitySource")) or f"method.request.header.{header}"
        uri = as_text(decision.get("authorizerUri"))
        return Authorizer(
            name=name,
            kind=AuthorizerKind.COGNITO if pools else AuthorizerKind.FUNCTION,
            sources=tuple(part.strip() for part in sources.split(",")),
            issuers=pools,
            uri=uri,
            function=find_function(self._graph, uri),
            cache_seconds=as_number(decision.get("authorizerResultTtlInSeconds")) or 0,
        )

    def _read_resources(self) -> Iterator[Route]:
        """The routes of an HTTP API."""
        for route in list_children(self._graph, self.part, *types.HTTP_ROUTE):
            method, _, path = as_text(get_declared_input(route, "routeKey")).partition(" ")
            integration = self._graph.find(
                as_text(get_declared_input(route, "target")).removeprefix("integrations/"), *types.HTTP_INTEGRATION
            )
            authorizer = self._graph.find(get_declared_input(route, "authorizerId"), unread.HTTP_AUTHORIZER)
            declared = [route, *filter(None, (integration, authorizer))]
            faults = [fault for one in declared for fault in unread.list_faults_of_resource(one)]
            faults += [] if integration is not None else ["the target of the route"]
            by_iam = get_declared_input(route, "authorizationType") == "AWS_IAM"
            inputs = integration.inputs if integration is not None else {}
            yield self._build_route(
                method, path, as_text(inputs.get("integrationType")), inputs, as_text(inputs.get("integrationUri")),
                faults, authorizer=_IAM if by_iam else self._read_authorizer_resource(authorizer),
                scopes=tuple(map(str, as_list(get_declared_input(route, "authorizationScopes")))),
                seconds=(as_number(inputs.get("timeoutMilliseconds")) or limits.HTTP_API_TIMEOUT_MILLISECONDS) / 1000,
            )  # fmt: skip

    def _read_authorizer_resource(self, resource: Resource | None) -> Authorizer | None:
        if resource is None:
            return None
        jwt = as_mapping(get_declared_input(resource, "jwtConfiguration"))
        uri = as_text(get_declared_input(resource, "authorizerUri"))
        return Authorizer(
            name=resource.name,
            kind=AuthorizerKind.JWT if jwt else AuthorizerKind.FUNCTION,
            sources=tuple(map(str, as_list(get_declared_input(resource, "identitySources")))),
            issuers=tuple(map(str, as_list(jwt.get("issuer")))),
            audiences=tuple(map(str, as_list(jwt.get("audiences")))),
            uri=uri,
            function=find_function(self._graph, uri),
            cache_seconds=as_number(get_declared_input(resource, "authorizerResultTtlInSeconds")) or 0,
        )

    def _build_route(
        self,
        method: str,
        path: str,
        kind: str,
        integration: Mapping[str, Any],
        uri: str,
        faults: list[str],
        **parts: Any,
    ) -> Route:
        """A route with where it leads, and whether the component states the same."""
        function = find_function(self._graph, uri) if kind == "AWS_PROXY" else None
        way = None if kind == "MOCK" else find_way(self.part.get_map("ways"), method, path, rest=self.is_rest)
        parameters = as_mapping(integration.get("requestParameters"))
        if kind != "MOCK" and not faults:
            faults = [*self._list_differences(way, function, integration)]
        return Route(
            method=method, path=path, kind=kind, uri=uri, function=function, way=way,
            parameters={place: str(value) for place, value in parameters.items()}, unserved=tuple(faults), **parts,
        )  # fmt: skip

    def _list_differences(
        self, way: Mapping[str, Any] | None, function: Resource | None, integration: Mapping[str, Any]
    ) -> Iterator[str]:
        """Why a route may lead elsewhere than its component states: a transform has changed it."""
        if way is None:
            yield f"a route that {self.name} does not state"
            return
        target = self.part.get_map("to", way.get("to", ""))
        link = self._graph.find(integration.get("connectionId"), *types.LINKS)
        for found, key in ((function, "function"), (link, "link")):
            stated = list_urns(target.get(key))
            if found is not None and stated and found.urn not in stated:
                yield f"its way to {found.name}, which {self.name} does not state"


def read_document(api: Resource) -> Mapping[str, Any]:
    """The OpenAPI document of a REST API. Empty for an HTTP API."""
    body = as_text(get_declared_input(api, "body"))
    try:
        return as_mapping(json.loads(body)) if body else {}
    except ValueError:
        return {}


def parse_method_path(path: str) -> tuple[str, str]:
    """`~1hooks~1{id}/POST`, `/hooks/{id}/POST` and `hooks/{id}/POST` name one method.

    Slashes within a key of a JSON pointer are written `~1` (RFC 6901).
    """
    resource, _, method = path.replace("~1", "/").replace("~0", "~").rpartition("/")
    return resource.strip("/"), method


def _build_issuer(pool: list[str]) -> str:
    """The issuer of a user pool's tokens, by the parts of the pool's ARN."""
    return f"https://cognito-idp.{pool[3]}.amazonaws.com/{pool[5].partition('/')[2]}" if len(pool) > 5 else ""
