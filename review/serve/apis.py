"""Reads the APIs of a graph as they are served, from OpenAPI documents and from separate resources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..aws import openapi, types
from ..aws.api import Api, ApiKind, Call, function_in
from ..aws.apis import definition
from ..aws.model import AwsModel
from ..facts import limits
from ..graph import Resource
from ..graph.reading import items, number, peek, pointed, text, within
from .served_api import Authorizer, AuthorizerKind, Route, ServedApi, Stage, Target

_VALIDATORS: Final = "x-amazon-apigateway-request-validators"
_BINARY: Final = "x-amazon-apigateway-binary-media-types"
_GATEWAY_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"
_REST_AUTHORIZER: Final = "aws:apigateway/authorizer:Authorizer"
_HTTP_AUTHORIZER: Final = "aws:apigatewayv2/authorizer:Authorizer"
_INTEGRATION_RESPONSE: Final = "aws:apigateway/integrationResponse:IntegrationResponse"
_VALIDATOR: Final = "aws:apigateway/requestValidator:RequestValidator"
_MODEL: Final = "aws:apigateway/model:Model"
_GATEWAY_RESPONSE: Final = "aws:apigateway/response:Response"


def served_apis(model: AwsModel) -> list[ServedApi]:
    """Every API of the model that can be served: REST, PRIVATE and HTTP."""
    return [_Reader(model, api).read() for api in model.apis.all if api.kind is not ApiKind.WEBSOCKET]


class _Reader:
    """Reads one API."""

    def __init__(self, model: AwsModel, api: Api) -> None:
        self._model, self._graph, self._api = model, model.graph, api
        self._calls = {(call.method, call.path): call for call in api.calls}
        body = definition(api.resource)
        self._body = _mapping(body)
        self._rest = api.kind in (ApiKind.REST, ApiKind.PRIVATE)

    def read(self) -> ServedApi:
        resource = self._api.resource
        routes = [*self._of_body(), *(self._methods() if self._rest else self._routes())]
        declared = {text(peek(one, "responseType")): one.inputs for one in self._mine(_GATEWAY_RESPONSE, "restApiId")}
        return ServedApi(
            name=self._model.names.of(resource),
            api=self._api,
            id=text(resource.id) or resource.name,
            routes=tuple(routes),
            stages=tuple(self._stages()),
            binary_types=tuple(
                str(one) for one in (*items(peek(resource, "binaryMediaTypes")), *items(self._body.get(_BINARY)))
            ),
            cors=_mapping(peek(resource, "corsConfiguration")),
            gateway_responses={**(self._body.get(_GATEWAY_RESPONSES) or {}), **declared},
        )

    def _stages(self) -> Iterator[Stage]:
        for stage in self._api.stages:
            name = text(peek(stage, "stageName") or peek(stage, "name")) or "$default"
            variables = _mapping(peek(stage, "variables") or peek(stage, "stageVariables"))
            yield Stage(
                name=name,
                resource=stage,
                variables={key: str(value) for key, value in variables.items()},
                log_format=text(peek(stage, "accessLogSettings", "format")),
                domains=dict(self._domains(name)),
            )

    def _domains(self, stage: str) -> Iterator[tuple[str, str]]:
        for kinds, api_key, stage_key, path_key in (
            (types.BASE_PATH_MAPPING, "restApi", "stageName", "basePath"),
            (types.API_MAPPING, "apiId", "stage", "apiMappingKey"),
        ):
            for mapping in self._graph.of_type(*kinds):
                named = self._graph.find(peek(mapping, api_key))
                if named is self._api.resource and text(peek(mapping, stage_key)) in (stage, ""):
                    yield text(peek(mapping, "domainName")).lower(), text(peek(mapping, path_key)).strip("/")

    def _of_body(self) -> Iterator[Route]:
        schemes = (self._body.get("components") or {}).get("securitySchemes") or self._body.get("securityDefinitions")
        for path, key, operation in openapi.written_operations(self._body):
            method = "ANY" if key == "x-amazon-apigateway-any-method" else key.upper()
            call = self._calls.get((method, path))
            if call is None:
                continue
            authorizer, scopes, key_required = self._security(operation, schemes or {})
            yield Route(
                method=method,
                path=path,
                target=self._written_target(operation, call),
                authorizer=authorizer,
                scopes=scopes,
                key_required=key_required and self._rest,
                **self._validation(operation),
            )

    def _security(
        self, operation: Mapping[str, Any], schemes: Mapping[str, Any]
    ) -> tuple[Authorizer | None, tuple[str, ...], bool]:
        authorizer: Authorizer | None = None
        scopes: tuple[str, ...] = ()
        key_required = False
        if text(within(operation, "x-amazon-apigateway-auth", "type")).upper() == "AWS_IAM":
            authorizer = Authorizer(name="IAM", kind=AuthorizerKind.IAM)
        for requirement in operation.get("security") or []:
            for name, wanted in requirement.items():
                scheme = schemes.get(name) or {}
                found = self._scheme(name, scheme)
                if found is not None:
                    authorizer, scopes = found, tuple(map(str, wanted))
                elif str(scheme.get("name", "")).lower() == "x-api-key":
                    key_required = True
        return authorizer, scopes, key_required

    def _scheme(self, name: str, scheme: Mapping[str, Any]) -> Authorizer | None:
        if text(scheme.get("x-amazon-apigateway-authtype")).lower() == "awssigv4":
            return Authorizer(name=name, kind=AuthorizerKind.IAM)
        decision = scheme.get("x-amazon-apigateway-authorizer")
        if not isinstance(decision, Mapping):
            return None
        written = dict(decision)
        kind = text(written.get("type")).lower()
        if kind == "cognito_user_pools":
            return _cognito(name, items(written.get("providerARNs")))
        if kind == "jwt":
            return _jwt(name, written, items(written.get("identitySource")))
        sources = text(written.get("identitySource")) or f"method.request.header.{scheme.get('name')}"
        return self._by_function(
            name,
            kind,
            [source.strip() for source in sources.split(",")],
            written.get("authorizerUri"),
            written.get("authorizerResultTtlInSeconds"),
            text(written.get("authorizerPayloadFormatVersion")),
            simple=written.get("enableSimpleResponses") is True,
        )

    def _by_function(
        self, name: str, kind: str, sources: Sequence[str], uri: Any, ttl: Any, payload: str, *, simple: bool
    ) -> Authorizer:
        seconds = number(ttl)
        return Authorizer(
            name=name,
            kind=AuthorizerKind.TOKEN if kind.lower() == "token" else AuthorizerKind.REQUEST,
            sources=tuple(sources),
            function=function_in(self._graph, uri),
            cache_seconds=(300 if self._rest else 0) if seconds is None else seconds,
            payload=payload or ("1.0" if self._rest else "2.0"),
            simple=simple,
        )

    def _written_target(self, operation: Mapping[str, Any], call: Call) -> Target:
        written = operation.get("x-amazon-apigateway-integration") or {}
        if "$ref" in written:
            found = (self._body.get("components") or {}).get("x-amazon-apigateway-integrations") or {}
            written = found.get(str(written["$ref"]).rpartition("/")[2], {})
        return self._target(
            call,
            written.get("httpMethod"),
            written.get("requestParameters"),
            written.get("payloadFormatVersion"),
            written.get("requestTemplates"),
            written.get("responses"),
        )

    def _target(self, call: Call, method: Any, parameters: Any, payload: Any, templates: Any, responses: Any) -> Target:
        longest = limits.REST_API_TIMEOUT_MILLISECONDS if self._rest else limits.HTTP_API_TIMEOUT_MILLISECONDS
        milliseconds = call.integration.timeout_milliseconds or longest
        return Target(
            kind=call.integration.kind,
            call=call,
            uri=text(call.integration.uri),
            method=text(method).upper(),
            parameters={str(key): str(value) for key, value in (parameters or {}).items()},
            seconds=milliseconds / 1000,
            payload=text(payload) or "1.0",
            templates=templates or {},
            responses=responses or {},
        )

    def _validation(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        named = operation.get("x-amazon-apigateway-request-validator") or self._body.get(
            "x-amazon-apigateway-request-validator"
        )
        rules = (self._body.get(_VALIDATORS) or {}).get(named) or {}
        found: dict[str, Any] = {}
        content = (operation.get("requestBody") or {}).get("content") or {}
        if rules.get("validateRequestBody") and content:
            found["body_schemas"] = {media: entry.get("schema") or {} for media, entry in content.items()}
        if rules.get("validateRequestParameters"):
            places = {"header": "header", "query": "querystring", "path": "path"}
            found["required"] = tuple(
                f"method.request.{places[one['in']]}.{one['name']}"
                for one in operation.get("parameters") or []
                if one.get("required") and one.get("in") in places
            )
        return found

    def _mine(self, kind: str, key: str) -> list[Resource]:
        return [one for one in self._graph.of_type(kind) if self._api.resource in pointed(self._graph, one, key)]

    def _methods(self) -> Iterator[Route]:
        """Routes of a REST API that is declared by separate resources."""
        methods = {self._model.apis.key_of(one): one for one in self._graph.of_type(*types.METHOD)}
        for integration in self._graph.of_type(*types.REST_INTEGRATION):
            method = methods.get(self._model.apis.key_of(integration))
            if method is None or self._api.resource not in pointed(self._graph, method, "restApi"):
                continue
            path = self._model.apis.path_of(method)
            call = self._calls.get((text(peek(method, "httpMethod")), path))
            if call is not None:
                yield Route(
                    method=call.method,
                    path=path,
                    target=self._target(
                        call,
                        peek(integration, "integrationHttpMethod"),
                        peek(integration, "requestParameters"),
                        None,
                        peek(integration, "requestTemplates"),
                        self._mock_responses(integration),
                    ),
                    authorizer=self._declared(method, "authorization", _REST_AUTHORIZER),
                    scopes=tuple(map(str, items(peek(method, "authorizationScopes")))),
                    key_required=peek(method, "apiKeyRequired") is True,
                    **self._declared_validation(method),
                )

    def _declared_validation(self, method: Resource) -> dict[str, Any]:
        rules = next(iter(pointed(self._graph, method, "requestValidatorId", types=(_VALIDATOR,))), None)
        found: dict[str, Any] = {}
        if rules is None:
            return found
        if peek(rules, "validateRequestBody") is True:
            schemas = {text(peek(one, "name")): text(peek(one, "schema")) for one in self._mine(_MODEL, "restApi")}
            models = _mapping(peek(method, "requestModels"))
            found["body_schemas"] = {
                media: json.loads(schemas[name]) for media, name in models.items() if schemas.get(name)
            }
        if peek(rules, "validateRequestParameters") is True:
            given = _mapping(peek(method, "requestParameters"))
            found["required"] = tuple(key for key, needed in given.items() if needed is True)
        return found

    def _mock_responses(self, integration: Resource) -> dict[str, Any]:
        key = self._model.apis.key_of(integration)
        return {
            text(peek(one, "selectionPattern")) or "default": one.inputs
            for one in self._graph.of_type(_INTEGRATION_RESPONSE)
            if self._model.apis.key_of(one) == key
        }

    def _routes(self) -> Iterator[Route]:
        """Routes of an HTTP API that is declared by separate resources."""
        for route in self._mine("aws:apigatewayv2/route:Route", "apiId"):
            method, _, path = text(peek(route, "routeKey")).rpartition(" ")
            call = self._calls.get((method or "ANY", path or "/"))
            if call is None:
                continue
            integration = call.integration.resource
            yield Route(
                method=method or "ANY",
                path=path,
                target=self._target(
                    call,
                    peek(integration, "integrationMethod"),
                    peek(integration, "requestParameters"),
                    peek(integration, "payloadFormatVersion"),
                    None,
                    None,
                ),
                authorizer=self._declared(route, "authorizationType", _HTTP_AUTHORIZER),
                scopes=tuple(map(str, items(peek(route, "authorizationScopes")))),
            )
        if not self._mine("aws:apigatewayv2/route:Route", "apiId"):
            for call in self._api.calls if peek(self._api.resource, "target") is not None else ():
                target = self._target(call, "ANY", None, "2.0", None, None)
                yield Route(method=call.method, path=call.path, target=target)

    def _declared(self, holder: Resource, key: str, kind: str) -> Authorizer | None:
        wanted = text(peek(holder, key)).upper()
        if wanted == "AWS_IAM":
            return Authorizer(name="IAM", kind=AuthorizerKind.IAM)
        found = next(iter(pointed(self._graph, holder, "authorizerId", types=(kind,))), None)
        if wanted in ("", "NONE") or found is None:
            return None
        declared = text(peek(found, "type") or peek(found, "authorizerType")).upper()
        if declared == "COGNITO_USER_POOLS":
            return _cognito(found.name, items(peek(found, "providerArns")))
        sources = [str(one) for one in items(peek(found, "identitySources") or peek(found, "identitySource"))]
        sources = [part.strip() for source in sources for part in source.split(",")]
        if declared == "JWT":
            return _jwt(found.name, {"jwtConfiguration": peek(found, "jwtConfiguration")}, sources)
        return self._by_function(
            found.name,
            declared,
            sources or ["method.request.header.Authorization"],
            peek(found, "authorizerUri"),
            peek(found, "authorizerResultTtlInSeconds"),
            text(peek(found, "authorizerPayloadFormatVersion")),
            simple=peek(found, "enableSimpleResponses") is True,
        )


def _cognito(name: str, pools: Sequence[Any]) -> Authorizer:
    arns = [str(pool).split(":") for pool in pools]
    issuers = tuple(
        f"https://cognito-idp.{arn[3]}.amazonaws.com/{arn[5].partition('/')[2]}" for arn in arns if len(arn) > 5
    )
    return Authorizer(
        name=name, kind=AuthorizerKind.COGNITO, issuers=issuers, sources=("method.request.header.Authorization",)
    )


def _jwt(name: str, written: Mapping[str, Any], sources: Sequence[Any]) -> Authorizer:
    configuration = written.get("jwtConfiguration")
    return Authorizer(
        name=name,
        kind=AuthorizerKind.JWT,
        issuers=(text(within(configuration, "issuer")),),
        audiences=tuple(
            str(one) for one in items(within(configuration, "audience") or within(configuration, "audiences"))
        ),
        sources=tuple(str(one) for one in sources) or ("$request.header.Authorization",),
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}
