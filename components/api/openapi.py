"""A REST API as one OpenAPI document: routes in, document out.

One body instead of a resource for each method: API Gateway deploys snapshots, and with separate resources a route that
was taken out stays in the snapshot, live. https://github.com/pulumi/pulumi-aws/issues/3289
Values may be outputs; they are only put in their places.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..facts import limits
from ..facts.route_paths import PROXY_PART, list_variables
from . import identity, streaming
from .api_spec import ApiSpec
from .args.authorizers import AuthorizerArgs
from .args.cors import CorsArgs
from .args.routes import IAM, NONE
from .route_operations import Operation, choose_timeout, expand_method, strip_path_prefix

# Names that AWS's own exports use. No authorizer can have them: names of authorizers have no underscore.
_SIGV4 = "aws_sigv4"
_KEY = "api_key"


def build_body(spec: ApiSpec) -> dict[str, Any]:
    """Returns the OpenAPI 3.0 document."""
    whole: dict[str, Any] = {
        "openapi": "3.0.1",
        "info": {"title": spec.name, "version": "1"},
        "paths": _build_paths(spec),
        # Every body may be binary: the forwarder flags binary bodies, and all others stay text to the caller.
        "x-amazon-apigateway-binary-media-types": ["*/*"],
    }
    if server := _build_server(spec):
        whole["servers"] = [server]
    if schemes := _build_security_schemes(spec):
        whole["components"] = {"securitySchemes": schemes}
    if policy := spec.policy:
        whole["x-amazon-apigateway-policy"] = policy
    if any(operation.route.body_schema is not None for operation in spec.operations):
        whole["x-amazon-apigateway-request-validators"] = {
            "body": {"validateRequestBody": True, "validateRequestParameters": False}
        }
    if spec.cors:
        whole["x-amazon-apigateway-gateway-responses"] = _build_error_responses(spec.cors)
    return whole


def build_outline(spec: ApiSpec) -> dict[str, Any]:
    """Returns the body with the name of the function that each operation calls, beside its ARN.

    The policy pack reads it in a first preview: the body is one text there, which is unknown for one ARN in it.
    """
    whole = build_body(spec)
    for operation in spec.operations:
        name = spec.targets[operation.route.target].function_name
        if name is not None:
            operation_document = whole["paths"][operation.path][_method_key(operation)]
            operation_document["x-amazon-apigateway-integration"]["x-gatehouse-function"] = name
    return whole


def _build_server(spec: ApiSpec) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    if spec.endpoint_ids:
        settings["vpcEndpointIds"] = list(spec.endpoint_ids)
    if spec.disable_default_endpoint:
        settings["disableExecuteApiEndpoint"] = True
    return {"url": "/", "x-amazon-apigateway-endpoint-configuration": settings} if settings else {}


def _build_paths(spec: ApiSpec) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in spec.operations:
        paths.setdefault(operation.path, {})[_method_key(operation)] = _build_operation(spec, operation)
    if spec.cors:
        for path, item in paths.items():
            item["options"] = _build_preflight(spec.cors, path)
    return paths


def _method_key(operation: Operation) -> str:
    return "x-amazon-apigateway-any-method" if operation.method == limits.ANY else operation.method.lower()


def _build_operation(spec: ApiSpec, operation: Operation) -> dict[str, Any]:
    route = operation.route
    parsed: dict[str, Any] = {
        "responses": {"default": {"description": "What the backend answers"}},
        "x-amazon-apigateway-integration": _build_integration(spec, operation),
    }
    if names := list_variables(operation.path):
        parsed["parameters"] = [_path_parameter(name) for name in names]
    if security := _security_requirement(route.authorization, route.scopes, route.key_required):
        parsed["security"] = [security]
    if route.body_schema is not None:
        parsed["requestBody"] = {"required": True, "content": _request_content(route.body_schema)}
        parsed["x-amazon-apigateway-request-validator"] = "body"
    return parsed


def _request_content(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the schema for every content type, since API Gateway validates no body whose type has no model.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
    """
    return {content_type: {"schema": dict(schema)} for content_type in ("application/json", "$default")}


def _build_integration(spec: ApiSpec, operation: Operation) -> dict[str, Any]:
    target = spec.targets[operation.route.target]
    transfer: dict[str, Any] = {
        "timeoutInMillis": choose_timeout(operation.route.timeout_milliseconds, streams=bool(operation.route.streaming))
    }
    if operation.route.streaming:
        transfer["responseTransferMode"] = streaming.STREAM
    if target.is_function:
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html:
        # the call to Lambda itself is always a POST.
        uri = streaming.invoke_arn(target.invoke_arn) if operation.route.streaming else target.invoke_arn
        return {"type": "aws_proxy", "httpMethod": "POST", "uri": uri, **transfer}
    integration = {
        "type": "http_proxy",
        "httpMethod": operation.method,
        "uri": _join_url(
            target.url, strip_path_prefix(operation.path, spec.strip_prefix).replace(PROXY_PART, "{proxy}")
        ),
        "connectionType": "VPC_LINK",
        "connectionId": target.link_id,
        "passthroughBehavior": "when_no_match",
        "requestParameters": _request_parameters(operation.path) | identity.build_rest_parameters(spec, operation),
        **transfer,
    }
    if target.insecure_skip_verification:
        integration["tlsConfig"] = {"insecureSkipVerification": True}
    if target.load_balancer_arn is not None:
        # AWS's guide and AWS's own sample spell this key differently; an import passes over the unknown one.
        arn = target.load_balancer_arn
        integration |= {"integrationTarget": arn, "integration-target": arn}
    return integration


def _join_url(url: Any, path: str) -> Any:
    """Joins URL and path, also if the URL is an output."""
    return url.rstrip("/") + path if isinstance(url, str) else url.apply(lambda known: _join_url(known, path))


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _request_parameters(path: str) -> dict[str, str]:
    """Maps the path's variables, the host that the client called, and the request ID."""
    return {
        **{f"integration.request.path.{name}": f"method.request.path.{name}" for name in list_variables(path)},
        "integration.request.header.X-Forwarded-Host": "context.domainName",
        "integration.request.header.X-Request-Id": "context.requestId",
    }


def _security_requirement(authorization: str, scopes: Sequence[str], key_required: bool) -> dict[str, list[str]]:
    required = [] if authorization == NONE else [(_SIGV4 if authorization == IAM else authorization, list(scopes))]
    return dict([*required, *([(_KEY, [])] if key_required else [])])


def _build_security_schemes(spec: ApiSpec) -> dict[str, Any]:
    used = {operation.route.authorization for operation in spec.operations}
    schemes = {name: _authorizer_scheme(authorizer) for name, authorizer in spec.authorizers.items() if name in used}
    if IAM in used:
        schemes[_SIGV4] = _header_scheme("Authorization", "awsSigv4")
    if any(operation.route.key_required for operation in spec.operations):
        schemes[_KEY] = _header_scheme("x-api-key")
    return schemes


def _header_scheme(name: str, kind: str | None = None) -> dict[str, Any]:
    scheme = {"type": "apiKey", "name": name, "in": "header"}
    return scheme | ({"x-amazon-apigateway-authtype": kind} if kind else {})


def _authorizer_scheme(authorizer: AuthorizerArgs) -> dict[str, Any]:
    if authorizer.kind == "cognito":
        decision: dict[str, Any] = {"type": "cognito_user_pools", "providerARNs": list(authorizer.user_pool_arns)}
        kind = "cognito_user_pools"
    else:
        sources = [f"method.request.header.{header}" for header in authorizer.identity_headers]
        if authorizer.cache_seconds:
            # Without them, a decision for one method and path would hold for every other.
            sources += ["context.httpMethod", "context.path"]
        decision = {
            "type": "request",
            "identitySource": ", ".join(sources),
            "authorizerUri": authorizer.invoke_arn,
            "authorizerResultTtlInSeconds": authorizer.cache_seconds,
        }
        kind = "custom"
    header = authorizer.identity_headers[0] if len(authorizer.identity_headers) == 1 else "Unused"
    return _header_scheme(header, kind) | {"x-amazon-apigateway-authorizer": decision}


def _build_preflight(cors: CorsArgs, path: str) -> dict[str, Any]:
    headers = {
        "Access-Control-Allow-Methods": ",".join(_expand_methods(cors.methods)),
        "Access-Control-Allow-Headers": ",".join(cors.headers),
        "Access-Control-Max-Age": str(cors.max_age_seconds),
        **({"Access-Control-Allow-Credentials": "true"} if cors.credentials else {}),
    }
    response = {
        "statusCode": "204",
        "responseParameters": {
            f"method.response.header.{name}": f"'{value}'" for name, value in headers.items() if value
        },
        "responseTemplates": {"application/json": _build_origin_template(cors.origins)},
    }
    preflight: dict[str, Any] = {
        "responses": {
            "204": {
                "description": "What a page may do",
                "headers": {name: {"schema": {"type": "string"}} for name, value in headers.items() if value},
            }
        },
        "x-amazon-apigateway-integration": {
            "type": "mock",
            # With every media type binary, a mock must be set to read its template as text.
            "contentHandling": "CONVERT_TO_TEXT",
            "requestTemplates": {"application/json": json.dumps({"statusCode": 204})},
            "responses": {"default": response},
        },
    }
    if names := list_variables(path):
        preflight["parameters"] = [_path_parameter(name) for name in names]
    return preflight


def _expand_methods(methods: Iterable[str]) -> list[str]:
    return [name for method in methods for name in expand_method(method)]


def _build_origin_template(origins: Sequence[str]) -> str:
    """A mapping template that returns the caller's origin if it is allowed: the header holds only one origin."""
    override = "#set($context.responseOverride.header.Access-Control-Allow-Origin = {})"
    if "*" in origins:
        return override.format("'*'")
    known = " || ".join(f"$origin == '{origin}'" for origin in origins)
    return (
        "#set($origin = $input.params().header.get('Origin'))"
        "#if($origin == '' || !$origin)#set($origin = $input.params().header.get('origin'))#end"
        f"#if({known}){override.format('$origin')}#end"
    )


def _build_error_responses(cors: CorsArgs) -> dict[str, Any]:
    """Adds CORS headers to API Gateway's own errors, so that pages of the first origin can read them.

    The headers are fixed texts. API Gateway could return the caller's origin, but would not check it.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    """
    headers = {"Origin": cors.origins[0], **({"Credentials": "true"} if cors.credentials else {})}
    parameters = {
        f"gatewayresponse.header.Access-Control-Allow-{name}": f"'{value}'" for name, value in headers.items()
    }
    return {kind: {"responseParameters": parameters} for kind in ("DEFAULT_4XX", "DEFAULT_5XX")}
