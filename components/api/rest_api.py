"""A REST API, regional or private: one OpenAPI body, a deployment for each of its shapes, one stage.

Costs $3.50 a million requests (us-east-1). https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import build_tags
from . import access_logs, naming, openapi, streaming
from .account_log_role import declare_account_log_role
from .api_spec import ApiSpec
from .declared_api import DeclaredApi
from .permissions import allow_invocations
from .tls import SECURITY_POLICIES


def declare(spec: ApiSpec, parent: pulumi.Resource) -> DeclaredApi:
    """Declare the API under `parent`."""
    child = pulumi.ResourceOptions(parent=parent)
    body = pulumi.Output.json_dumps(openapi.build_body(spec), sort_keys=True)
    settings = _api_settings(spec)
    api = aws.apigateway.RestApi(
        _logical_name(spec), body=body, tags=build_tags(f"{spec.name}-api", spec.tags), **settings, opts=child
    )
    allowed = allow_invocations(spec, api.execution_arn, spec.stage, parent)
    deployment = aws.apigateway.Deployment(
        f"{spec.name}-deployment",
        rest_api=api.id,
        triggers={"shape": _hash_inputs(body, settings)},
        # The stage moves to the deployment, and by then every function must admit the calls.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=allowed.all),
    )
    logs = access_logs.declare_access_log_group(spec, parent)
    stage = _declare_stage(spec, api, deployment, logs, parent)
    _declare_method_settings(spec, api, stage, parent)
    return DeclaredApi(
        api_id=api.id,
        api_name=api.name,
        execution_arn=api.execution_arn,
        stage_name=stage.stage_name,
        stage_arn=stage.arn,
        url=stage.invoke_url,
        log_group_name=logs.name,
    )


def _logical_name(spec: ApiSpec) -> str:
    """Another name for a private API: neither the provider nor AWS turns one kind into the other in place.

    The provider keeps the address type and endpoints of the state where the program leaves them out, which AWS refuses
    for the other kind. https://github.com/hashicorp/terraform-provider-aws/issues/42169
    """
    return f"{spec.name}-private-api" if spec.kind == "private" else f"{spec.name}-api"


def _api_settings(spec: ApiSpec) -> dict[str, Any]:
    """Inputs outside the body that require a new deployment as well."""
    # Without a type AWS makes an edge API, which CloudFront serves from everywhere.
    private = spec.kind == "private"
    endpoint = aws.apigateway.RestApiEndpointConfigurationArgs(
        types="PRIVATE" if private else "REGIONAL",
        # AWS takes only dualstack for a private API. For a regional one IPv4 is our choice, so that lists of IPv4
        # ranges hold; left out, a value that AWS once returned would stay.
        ip_address_type="dualstack" if private else "ipv4",
        vpc_endpoint_ids=list(spec.endpoint_ids) or None,
    )
    settings: dict[str, Any] = {
        "endpoint_configuration": endpoint,
        "disable_execute_api_endpoint": spec.disable_default_endpoint,
        # Overwrite, so that a route taken out is gone: endpoints and policy are in the body and survive it.
        "put_rest_api_mode": "overwrite",
        "security_policy": SECURITY_POLICIES[spec.minimum_tls],
    }
    if settings["security_policy"].startswith("SecurityPolicy_"):
        # STRICT refuses a private API's endpoint names, whose Host and TLS name differ.
        settings["endpoint_access_mode"] = "BASIC" if private else "STRICT"
    return settings


def _hash_inputs(body: pulumi.Output[str], settings: Mapping[str, Any]) -> pulumi.Output[str]:
    shape = {key: value for key, value in settings.items() if key != "endpoint_configuration"}
    endpoint = settings["endpoint_configuration"]
    parts = [body, shape, endpoint.types, endpoint.ip_address_type, endpoint.vpc_endpoint_ids]
    whole = pulumi.Output.json_dumps(parts, sort_keys=True)
    return whole.apply(lambda text: hashlib.sha256(text.encode()).hexdigest())


def _declare_stage(
    spec: ApiSpec,
    api: aws.apigateway.RestApi,
    deployment: aws.apigateway.Deployment,
    logs: aws.cloudwatch.LogGroup,
    parent: pulumi.Resource,
) -> aws.apigateway.Stage:
    before: list[pulumi.Resource] = []
    if spec.account_log_role:
        before.append(declare_account_log_role(spec.name, spec.tags, parent))
    if spec.execution_logs != "OFF":
        before.append(_declare_execution_log_group(spec, api, parent))
    listed = streaming.build_stage_variable(spec.operations, spec.functions)
    return aws.apigateway.Stage(
        f"{spec.name}-stage",
        rest_api=api.id,
        deployment=deployment.id,
        # A literal: a stage that is replaced loses its usage plans and its web ACL.
        stage_name=spec.stage,
        variables={streaming.VARIABLE: listed} if listed else None,
        xray_tracing_enabled=spec.tracing,
        access_log_settings=aws.apigateway.StageAccessLogSettingsArgs(
            destination_arn=logs.arn, format=access_logs.build_log_format(spec)
        ),
        tags=build_tags(f"{spec.name}-stage", spec.tags),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=before),
    )


def _declare_execution_log_group(
    spec: ApiSpec, api: aws.apigateway.RestApi, parent: pulumi.Resource
) -> aws.cloudwatch.LogGroup:
    """The group that AWS would make by itself, and keep without end."""
    return aws.cloudwatch.LogGroup(
        f"{spec.name}-execution",
        name=api.id.apply(lambda known: f"API-Gateway-Execution-Logs_{known}/{spec.stage}"),
        retention_in_days=spec.log_retention_days,
        tags=build_tags(f"{spec.name}-execution", spec.tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _declare_method_settings(
    spec: ApiSpec, api: aws.apigateway.RestApi, stage: aws.apigateway.Stage, parent: pulumi.Resource
) -> None:
    """Settings for all methods, and for each route that has a throttle of its own."""
    throttles = [(f"{spec.name}-settings", "*/*", spec.stage_throttle)]
    for operation in spec.operations:
        if operation.route.throttle:
            name = f"{spec.name}-{naming.name_operation(operation)}-settings"
            # AWS writes the slashes of a path as ~1 here.
            path = f"{operation.path.replace('/', '~1')}/{operation.method}"
            throttles.append((name, path, operation.route.throttle))
    for name, path, throttle in throttles:
        aws.apigateway.MethodSettings(
            name,
            rest_api=api.id,
            stage_name=stage.stage_name,
            method_path=path,
            settings=aws.apigateway.MethodSettingsSettingsArgs(
                metrics_enabled=False,
                logging_level=spec.execution_logs,
                # Traces would write whole bodies and headers, secrets among them.
                data_trace_enabled=False,
                throttling_rate_limit=throttle.rate if throttle else None,
                throttling_burst_limit=throttle.burst if throttle else None,
            ),
            # Settings are put by path: the replacement must not be deleted with its predecessor.
            opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
        )
