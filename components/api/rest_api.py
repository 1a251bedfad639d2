"""A REST API, regional or private: one OpenAPI body, one stage, and a new deployment if the body or settings change.

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
    permissions = allow_invocations(spec, api.execution_arn, spec.stage, parent)
    deployment = aws.apigateway.Deployment(
        f"{spec.name}-deployment",
        rest_api=api.id,
        triggers={"shape": _hash_inputs(body, settings)},
        # The stage changes to the new deployment, so all permissions to invoke functions must exist before.
        opts=pulumi.ResourceOptions(parent=parent, depends_on=permissions.all),
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
    """Another name for a private API, so that a change of the kind creates another API.

    An update in place fails: where the program gives no endpoints, the provider sends those of the state, and AWS
    refuses them for the other kind. https://github.com/hashicorp/terraform-provider-aws/issues/42169
    """
    return f"{spec.name}-private-api" if spec.kind == "private" else f"{spec.name}-api"


def _api_settings(spec: ApiSpec) -> dict[str, Any]:
    """Inputs besides the body that also require a new deployment."""
    # Without a type, AWS creates an edge-optimized API, which is called through CloudFront.
    private = spec.kind == "private"
    endpoint = aws.apigateway.RestApiEndpointConfigurationArgs(
        types="PRIVATE" if private else "REGIONAL",
        # AWS accepts only dualstack for a private API. For a regional API we choose IPv4, so that every caller has an
        # IPv4 address, which policies can list. It must be written: otherwise a value in the state would stay.
        ip_address_type="dualstack" if private else "ipv4",
        vpc_endpoint_ids=list(spec.endpoint_ids) or None,
    )
    settings: dict[str, Any] = {
        "endpoint_configuration": endpoint,
        "disable_execute_api_endpoint": spec.disable_default_endpoint,
        # Overwrite removes the routes that the body no longer has. It would also remove the endpoints and the policy,
        # so the body has them too.
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
    streaming_variable = streaming.build_stage_variable(spec.operations, spec.functions)
    return aws.apigateway.Stage(
        f"{spec.name}-stage",
        rest_api=api.id,
        deployment=deployment.id,
        # Plain text, and never an output: an unknown name would replace the stage, which would then lose its usage
        # plans and its web ACL.
        stage_name=spec.stage,
        variables={streaming.VARIABLE: streaming_variable} if streaming_variable else None,
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
    """The log group of the execution logs. Without it, AWS would create one that keeps its logs for ever."""
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
            # AWS identifies settings by their path. If the old settings were deleted after the new ones are created,
            # the new ones would be deleted.
            opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
        )
