"""APIs in the detail that serving them needs: REST APIs from their documents, HTTP APIs from their resources."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ..aws.catalog import types
from ..aws.gateway import openapi
from ..aws.gateway.api import Api, ApiKind, Call, Requirement, find_function, stage_name
from ..aws.gateway.definitions import read_definition
from ..aws.model.model import AwsModel
from ..facts import limits
from ..graph import UNKNOWN, Resource
from ..graph.graph import group_pairs
from ..graph.reading import as_list, as_mapping, as_number, as_text, find_referenced, get_declared_input, get_value

_AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
_VALIDATOR: Final = "x-amazon-apigateway-request-validator"
_BINARY: Final = "x-amazon-apigateway-binary-media-types"
_GATEWAY_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"
PROXIES: Final = ("AWS_PROXY", "HTTP_PROXY", "")
"""Kinds of integrations that are served, beside mocks; the last is not known."""
_AUTHORIZED: Final = {Requirement.COGNITO, Requirement.JWT, Requirement.AUTHORIZER}


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
    id: str = ""
    """Empty for one in a document."""
    function: Resource | None = None
    uri: Any = None
    """The ARN by which it calls its function."""
    has_credentials: bool = False
    """Whether API Gateway calls the function by a role instead of by the function's permission."""
    cache_seconds: float = 0


@dataclass(frozen=True, kw_only=True)
class Route(Call):
    """One method of one path, in the detail that serving it needs."""

    authorizer: Authorizer | None = None
    scopes: tuple[str, ...] = ()
    body_schemas: Mapping[str, Any] = field(default_factory=dict)
    """JSON schemas by media type, if the route validates bodies."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The integration's mappings of parameters."""
    sent_method: str = ""
    """The method by which the integration is called; empty for the request's own."""
    templates: Mapping[str, str] = field(default_factory=dict)
    """Request templates of a mock."""
    responses: Mapping[str, Any] = field(default_factory=dict)
    """Responses of a mock."""

    @property
    def kind(self) -> AuthorizerKind | None:
        """The authorizer's kind."""
        return None if self.authorizer is None else self.authorizer.kind

    @property
    def seconds(self) -> float:
        """Time-out of the integration. One that is not known counts as the shortest default."""
        return self.integration.seconds or limits.REST_API_TIMEOUT_MILLISECONDS / 1000

    @property
    def key_required(self) -> bool:
        return Requirement.KEY in self.requires


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A deployed stage."""

    resource: Resource
    name: str
    domains: Mapping[str, Sequence[str]]
    """Base paths by the name of each custom domain, in lower case."""

    deployed: bool = True
    """False for a stage of an HTTP API that neither deploys by itself nor names a deployment."""

    def find_base_paths(self, host: str) -> list[str]:
        """Base paths of the domains that a host is a name of. `*.example.com` covers one label.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains.html#wildcard-custom-domain-names
        """
        parent = f"*.{host.partition('.')[2]}"
        return [base for name, bases in self.domains.items() if name in (host, parent) for base in bases]


_KINDS: Final = {"COGNITO_USER_POOLS": AuthorizerKind.COGNITO, "JWT": AuthorizerKind.JWT}
_IAM: Final = Authorizer(name="IAM", kind=AuthorizerKind.IAM)


def list_served_apis(model: AwsModel) -> list[ServedApi]:
    """Every API of the model that can be served: REST, PRIVATE and HTTP."""
    return [ServedApi(model, api) for api in model.apis.all if api.kind is not ApiKind.WEBSOCKET]


class ServedApi:
    """An API with everything that decides what a request gets."""

    def __init__(self, model: AwsModel, api: Api) -> None:
        self.api, self._model, self._graph = api, model, model.graph
        self._body = as_mapping(read_definition(model.graph, api.resource))
        self.is_rest, self.is_private = api.kind is not ApiKind.HTTP, api.kind is ApiKind.PRIVATE
        self.name = model.names.find(api.resource)
        self.id = as_text(api.resource.id) or api.resource.name
        self.routes = tuple(self._read_routes())
        self.stages = tuple(map(self._read_stage, api.stages))
        binary = (*as_list(get_declared_input(api.resource, "binaryMediaTypes")), *as_list(self._body.get(_BINARY)))
        self.binary_types = tuple(map(str, binary))
        self.cors = as_mapping(get_declared_input(api.resource, "corsConfiguration"))
        """CORS configuration of an HTTP API."""
        self.gateway_responses: Mapping[str, Any] = as_mapping(self._body.get(_GATEWAY_RESPONSES))

    def _read_stage(self, stage: Resource) -> Stage:
        name = stage_name(stage)
        deploys = (
            (True,)
            if self.is_rest
            else (get_declared_input(stage, "autoDeploy"), get_declared_input(stage, "deploymentId"))
        )
        return Stage(
            resource=stage,
            name=name,
            domains=group_pairs(self._list_domains(name)),
            deployed=any(deploy is UNKNOWN or bool(deploy) for deploy in deploys),
        )

    def _list_domains(self, stage: str) -> Iterator[tuple[str, str]]:
        for resource in self._graph.list_by_type(*types.BASE_PATH_MAPPING, *types.API_MAPPING):
            named = self._graph.find(_find_first(resource.inputs, "restApi", "apiId"))
            if named is self.api.resource and as_text(_find_first(resource.inputs, "stageName", "stage")) in (
                stage,
                "",
            ):
                path = as_text(_find_first(resource.inputs, "basePath", "apiMappingKey"))
                yield as_text(get_declared_input(resource, "domainName")).lower(), path.strip("/")

    def _read_routes(self) -> Iterator[Route]:
        for call in {(call.method, call.path): call for call in self.api.calls}.values():
            declared, integration, declaration = call.declared, call.integration, call.integration.declaration
            parts: dict[str, Any] = {"responses": as_mapping(get_value(declaration, "responses"))}
            if isinstance(declared, Mapping):
                parts |= self._read_operation(declared)
            elif not integration.certain or (self.is_rest and declared is not None):
                # Resources of a REST API that are declared apart from its document are named at the start.
                continue
            elif declared is not None:
                parts |= self._read_route_resource(declared)
            if Requirement.IAM in call.requires:
                parts["authorizer"] = _IAM
            elif "authorizer" not in parts and call.requires & _AUTHORIZED:
                named = as_text(get_declared_input(declared, "authorizerId")) if isinstance(declared, Resource) else ""
                parts["authorizer"] = Authorizer(name=named or "of the route", kind=AuthorizerKind.FUNCTION)
            yield Route(
                **{**vars(call), **parts},
                parameters={key: str(value) for key, value in as_mapping(integration.parameters).items()},
                sent_method=as_text(
                    _find_first(declaration, "integrationHttpMethod", "integrationMethod", "httpMethod")
                ).upper(),
                templates=as_mapping(get_value(declaration, "requestTemplates")),
            )

    def _read_operation(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """The parts of a route that a document has."""
        parts: dict[str, Any] = {}
        schemes = openapi.list_security_schemes(self._body)
        for requirement in operation.get("security") or []:
            for name, scopes in requirement.items():
                scheme = schemes.get(name, {})
                if isinstance(decision := scheme.get(_AUTHORIZER), Mapping):
                    authorizer = self._read_authorizer(name, decision, header=as_text(scheme.get("name")))
                    parts |= {"authorizer": authorizer, "scopes": tuple(map(str, scopes))}
        named = operation.get(_VALIDATOR) or self._body.get(_VALIDATOR)
        content = as_mapping(openapi.resolve_reference(self._body, operation.get("requestBody")).get("content"))
        rules = as_mapping(self._body.get(f"{_VALIDATOR}s")).get(str(named))
        shared = {"components": self._body["components"]} if "components" in self._body else {}
        schemas = {media: {**shared, **as_mapping(entry.get("schema"))} for media, entry in content.items()}
        validates = get_value(rules, "validateRequestBody") is True
        return {**parts, "body_schemas": schemas if validates else {}}

    def _read_route_resource(self, declared: Resource) -> dict[str, Any]:
        """The parts of a route that a resource declares: a route of an HTTP API, or a method of a REST API."""
        scopes = tuple(map(str, as_list(get_declared_input(declared, "authorizationScopes"))))
        parts: dict[str, Any] = {"scopes": scopes}
        authorization = as_text(_find_first(declared.inputs, "authorization", "authorizationType")).upper()
        holders = find_referenced(self._graph, declared, "authorizerId")
        if holders and authorization not in ("", "NONE"):
            parts["authorizer"] = replace(
                self._read_authorizer(holders[0].name, holders[0].inputs), id=as_text(holders[0].id)
            )
        return parts

    def _read_authorizer(self, name: str, declaration: Mapping[str, Any], header: str = "") -> Authorizer:
        """An authorizer, as a document or a resource has it. `header` is its identity source if it names none."""
        sources = [as_text(source) for source in as_list(_find_first(declaration, "identitySources", "identitySource"))]
        pools = [str(arn).split(":") for arn in as_list(_find_first(declaration, "providerARNs", "providerArns"))]
        issuer = as_text(get_value(declaration, "jwtConfiguration", "issuer"))
        audiences = [get_value(declaration, "jwtConfiguration", key) for key in ("audience", "audiences")]
        seconds, uri = (
            as_number(get_value(declaration, "authorizerResultTtlInSeconds")),
            get_value(declaration, "authorizerUri"),
        )
        kind = as_text(_find_first(declaration, "type", "authorizerType")).upper()
        named = tuple(part.strip() for source in sources for part in source.split(",") if part)
        return Authorizer(
            name=name,
            kind=_KINDS.get(kind, AuthorizerKind.FUNCTION),
            sources=named or ((f"method.request.header.{header}",) if header and kind != "REQUEST" else ()),
            issuers=(issuer,) if kind == "JWT" else tuple(map(_build_issuer, pools)),
            audiences=tuple(str(part) for audience in audiences for part in as_list(audience)),
            function=find_function(self._graph, uri),
            uri=uri,
            has_credentials=bool(_find_first(declaration, "authorizerCredentials", "authorizerCredentialsArn")),
            cache_seconds=(300 if self.is_rest else 0) if seconds is None else seconds,
        )


def list_unserved_references(route: Route) -> list[str]:
    """References of a route to resources that are not served, by the input that holds them."""
    declaration = {
        "uri": as_text(route.integration.uri),
        "connectionId": as_text(_find_first(route.integration.declaration, "connectionId")),
        "authorizerUri": as_text(route.authorizer.uri) if route.authorizer else "",
    }
    names = [route.authorizer] if route.kind is AuthorizerKind.FUNCTION else []
    return [
        *(
            f"{reference} in {key}"
            for key, value in declaration.items()
            for reference in re.findall(r"\$\{[^}]*\}", value)
        ),
        *(f"authorizer {authorizer.name}" for authorizer in names if authorizer and not authorizer.uri),
    ]


def _build_issuer(pool: list[str]) -> str:
    """The issuer of a user pool's tokens, by the parts of the pool's ARN."""
    return f"https://cognito-idp.{pool[3]}.amazonaws.com/{pool[5].partition('/')[2]}" if len(pool) > 5 else ""


def _find_first(declaration: Mapping[str, Any], *keys: str) -> Any:
    """The value of the first of the keys that is set."""
    return next((value for key in keys if (value := get_value(declaration, key)) is not None), None)
