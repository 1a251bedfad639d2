"""An HTTP API: routes, integrations and the `$default` stage, with automatic deployment.

Costs $1.00 a million requests (us-east-1). Has no keys, usage plans, resource policy, WAF or private endpoint.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import pulumi
import pulumi_aws as aws

from ..facts import limits
from ..resource_options.scope import build_tags
from . import access_logs, identity, naming
from .api_spec import ApiSpec
from .args.cors import CorsArgs
from .args.routes import IAM, NONE, ThrottleArgs
from .declared_api import DeclaredApi
from .permissions import Permissions, allow_invocations
from .route_operations import Operation, choose_timeout, strip_path_prefix

# Named stages appear in the path that a backend sees; this one does not.
DEFAULT_STAGE = "$default"
_CLIENTS_PATH = "$request.path"


def declare(spec: ApiSpec, parent: pulumi.Resource) -> DeclaredApi:
    """Declare the API under `parent`."""
    child_options = pulumi.ResourceOptions(parent=parent)
    api = aws.apigatewayv2.Api(
        f"{spec.name}-api",
        protocol_type="HTTP",
        disable_execute_api_endpoint=spec.disable_default_endpoint,
        cors_configuration=_cors_configuration(spec),
        tags=build_tags(f"{spec.name}-api", spec.tags),
        opts=child_options,
    )
    permissions = allow_invocations(spec, api.execution_arn, DEFAULT_STAGE, parent)
    authorizers = {name: _declare_authorizer(spec, api, name, permissions, parent) for name in spec.authorizers}
    integrations = _declare_integrations(spec, api, permissions, parent)
    routes = _declare_routes(spec, api, integrations, authorizers, parent)
    logs = access_logs.declare_access_log_group(spec, parent)
    stage = _declare_stage(spec, api, logs, routes, parent)
    return DeclaredApi(
        api_id=api.id,
        api_name=api.name,
        execution_arn=api.execution_arn,
        stage_name=stage.name,
        stage_arn=stage.arn,
        url=api.api_endpoint,
        log_group_name=logs.name,
    )


def _cors_configuration(spec: ApiSpec) -> aws.apigatewayv2.ApiCorsConfigurationArgs | None:
    if spec.cors is None:
        return None
    return aws.apigatewayv2.ApiCorsConfigurationArgs(
        allow_origins=list(spec.cors.origins),
        allow_methods=_list_allowed_methods(spec.cors),
        allow_headers=list(spec.cors.headers),
        expose_headers=list(spec.cors.expose_headers),
        allow_credentials=spec.cors.credentials,
        max_age=spec.cors.max_age_seconds,
    )


def _list_allowed_methods(cors: CorsArgs) -> list[str]:
    """Returns the methods of a CORS response. With credentials these are all methods by name, because
    browsers then do not treat `*` as a wildcard."""
    if limits.ANY not in cors.methods:
        return list(cors.methods)
    return list(limits.METHODS) if cors.credentials else ["*"]


def _declare_authorizer(
    spec: ApiSpec, api: aws.apigatewayv2.Api, name: str, permissions: Permissions, parent: pulumi.Resource
) -> aws.apigatewayv2.Authorizer:
    authorizer = spec.authorizers[name]
    # A route names both the authorizer and its kind. So if the kind changes, a new authorizer is created, and the
    # routes are updated to it.
    child_options = pulumi.ResourceOptions(
        parent=parent, depends_on=permissions.authorizers.get(name), replace_on_changes=["authorizerType"]
    )
    sources = [f"$request.header.{header}" for header in authorizer.identity_headers]
    by_kind: dict[str, Any] = {"authorizer_type": "JWT", "identity_sources": sources}
    if authorizer.kind == "jwt":
        by_kind["jwt_configuration"] = {"issuer": authorizer.issuer, "audiences": list(authorizer.audiences)}
    else:
        by_kind = {
            "authorizer_type": "REQUEST",
            "authorizer_uri": authorizer.invoke_arn,
            "authorizer_payload_format_version": "2.0",
            "enable_simple_responses": True,
            # If its cache key had no routeKey, a cached decision would apply to every route.
            "identity_sources": [*sources, *(["$context.routeKey"] if authorizer.cache_seconds else [])],
            "authorizer_result_ttl_in_seconds": authorizer.cache_seconds,
        }
    return aws.apigatewayv2.Authorizer(f"{spec.name}-{name}", api_id=api.id, opts=child_options, **by_kind)


class _IntegrationKey(NamedTuple):
    """The key of an integration. Routes with equal keys share one integration."""

    target: str
    timeout_milliseconds: int
    path: str
    """Path that the backend gets. Empty for a function, which gets the client's path."""
    authorizer: tuple[str, ...]
    """The authorizer that decides which headers name the caller. Empty for a function, whose event has the caller."""


def _integration_key(spec: ApiSpec, operation: Operation) -> _IntegrationKey:
    route = operation.route
    timeout = choose_timeout(route.timeout_milliseconds, http=True)
    if spec.targets[route.target].is_function:
        return _IntegrationKey(route.target, timeout, "", ())
    authorizer = identity.find_caller_key(spec, route)
    return _IntegrationKey(route.target, timeout, _backend_path(operation, spec.strip_prefix), authorizer)


def _declare_integrations(
    spec: ApiSpec, api: aws.apigatewayv2.Api, permissions: Permissions, parent: pulumi.Resource
) -> dict[_IntegrationKey, aws.apigatewayv2.Integration]:
    first_operations = {_integration_key(spec, operation): operation for operation in reversed(spec.operations)}
    return {
        key: _declare_integration(
            spec, api, key, operation, _integration_name(spec, key, operation.path), permissions, parent
        )
        for key, operation in first_operations.items()
    }


def _integration_name(spec: ApiSpec, key: _IntegrationKey, path: str) -> str:
    own_timeout = key.timeout_milliseconds != limits.HTTP_API_TIMEOUT_MILLISECONDS
    own_path = key.path not in ("", _CLIENTS_PATH)
    timeout = f"-{key.timeout_milliseconds}-ms" if own_timeout else ""
    authorizer = f"-for-{naming.join_names(*key.authorizer)}" if key.authorizer else ""
    at = f"-at-{naming.name_path(path)}" if own_path else ""
    return f"{spec.name}-to-{naming.join_names(key.target)}{timeout}{authorizer}{at}"


def _declare_integration(
    spec: ApiSpec,
    api: aws.apigatewayv2.Api,
    key: _IntegrationKey,
    operation: Operation,
    name: str,
    permissions: Permissions,
    parent: pulumi.Resource,
) -> aws.apigatewayv2.Integration:
    # API Gateway deploys an integration automatically, so the permission to invoke the function must exist before.
    child_options = pulumi.ResourceOptions(parent=parent, depends_on=permissions.targets.get(key.target))
    target = spec.targets[key.target]
    if target.is_function:
        by_kind: dict[str, Any] = {
            "integration_type": "AWS_PROXY",
            "integration_uri": target.invoke_arn,
            "payload_format_version": "2.0",
        }
    else:
        by_kind = {
            "integration_type": "HTTP_PROXY",
            "integration_method": "ANY",
            "connection_type": "VPC_LINK",
            "connection_id": target.link_id,
            "integration_uri": target.listener_arn,
            "payload_format_version": "1.0",
            "request_parameters": identity.build_http_parameters(spec, operation) | {"overwrite:path": key.path},
            "tls_config": {"server_name_to_verify": target.server_name} if target.server_name else None,
        }
    timeout = key.timeout_milliseconds
    return aws.apigatewayv2.Integration(
        name, api_id=api.id, timeout_milliseconds=timeout, opts=child_options, **by_kind
    )


def _backend_path(operation: Operation, strip_prefix: str) -> str:
    """The path that the backend gets: the client's without stage and base path.

    If a prefix is stripped, the path is built from the route and the values of its path variables.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
    """
    remaining_path = strip_path_prefix(operation.path, strip_prefix)
    if remaining_path == operation.path:
        return _CLIENTS_PATH
    return re.sub(r"\{([^}+]+)\+?\}", r"${request.path.\1}", remaining_path)


def _declare_routes(
    spec: ApiSpec,
    api: aws.apigatewayv2.Api,
    integrations: Mapping[_IntegrationKey, aws.apigatewayv2.Integration],
    authorizers: Mapping[str, aws.apigatewayv2.Authorizer],
    parent: pulumi.Resource,
) -> list[aws.apigatewayv2.Route]:
    kinds = {NONE: "NONE", IAM: "AWS_IAM"}
    kinds |= {name: "JWT" if authorizer.kind == "jwt" else "CUSTOM" for name, authorizer in spec.authorizers.items()}
    return [
        aws.apigatewayv2.Route(
            f"{spec.name}-{naming.name_operation(operation)}",
            api_id=api.id,
            route_key=operation.key,
            target=integrations[_integration_key(spec, operation)].id.apply(lambda known: f"integrations/{known}"),
            authorization_type=kinds[operation.route.authorization],
            authorizer_id=authorizer.id if authorizer else None,
            authorization_scopes=list(operation.route.scopes) or None,
            opts=pulumi.ResourceOptions(parent=parent),
        )
        for operation in spec.operations
        for authorizer in [authorizers.get(operation.route.authorization)]
    ]


def _declare_stage(
    spec: ApiSpec,
    api: aws.apigatewayv2.Api,
    logs: aws.cloudwatch.LogGroup,
    routes: list[aws.apigatewayv2.Route],
    parent: pulumi.Resource,
) -> aws.apigatewayv2.Stage:
    # Always both values: if one of them is missing, the stage refuses every request (pulumi/pulumi#12150).
    throttle = spec.stage_throttle or ThrottleArgs(rate=limits.ACCOUNT_RATE, burst=limits.ACCOUNT_BURST)
    return aws.apigatewayv2.Stage(
        f"{spec.name}-stage",
        api_id=api.id,
        name=DEFAULT_STAGE,
        auto_deploy=True,
        default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
            throttling_rate_limit=throttle.rate, throttling_burst_limit=throttle.burst, detailed_metrics_enabled=False
        ),
        route_settings=[
            aws.apigatewayv2.StageRouteSettingArgs(
                route_key=operation.key,
                throttling_rate_limit=operation.route.throttle.rate,
                throttling_burst_limit=operation.route.throttle.burst,
            )
            for operation in spec.operations
            if operation.route.throttle
        ],
        access_log_settings=aws.apigatewayv2.StageAccessLogSettingsArgs(
            destination_arn=logs.arn, format=access_logs.build_log_format(spec)
        ),
        tags=build_tags(f"{spec.name}-stage", spec.tags),
        # AWS refuses settings for a route that does not exist yet.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=routes),
    )
