"""Usage plans and their API keys, for REST APIs.

A key distinguishes callers and meters them; it is no proof of identity, and limits are best effort.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import pulumi
import pulumi_aws as aws

from ..arguments.errors import ArgumentError
from ..resource_options.scope import build_tags
from .api_spec import ApiSpec
from .args.plans import PlanArgs, check_key_values, locate_key_value
from .declared_api import DeclaredApi


def declare(spec: ApiSpec, declared: DeclaredApi, parent: pulumi.Resource) -> dict[str, pulumi.Output[str]]:
    """Declare plans and keys; gives the id of each key by its name."""
    ids: dict[str, pulumi.Output[str]] = {}
    values = _resolve_key_values(spec)
    for plan_name, plan in spec.plans.items():
        usage_plan = _declare_plan(f"{spec.name}-{plan_name}", spec, declared, plan, parent)
        for key in plan.names:
            former = plan.renamed_keys.get(key)
            ids[key] = _declare_key(key, former, usage_plan, values.get(locate_key_value(plan_name, key)), spec, parent)
    return ids


def _resolve_key_values(spec: ApiSpec) -> dict[str, pulumi.Output[str]]:
    """Returns the values of keys that AWS does not generate, by the key's place in the arguments.

    Raises ArgumentError for a value that two keys have, once it is known.
    """
    values = {place: pulumi.Output.secret(value) for place, value in spec.key_values.items()}
    if not values:
        return {}
    checked = pulumi.Output.all(**values).apply(_refuse_repeated)
    return {place: pulumi.Output.secret(checked[place]) for place in values}


def _refuse_repeated(values: dict[str, str]) -> dict[str, str]:
    for fault in check_key_values(values):
        raise ArgumentError("ApiFront", fault.key, fault.got, fault.allowed)
    return values


def _declare_key(
    key: str,
    former: str | None,
    usage_plan: aws.apigateway.UsagePlan,
    value: pulumi.Input[str] | None,
    spec: ApiSpec,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Declares a key of the plan and returns its ID. A renamed key, or one in another plan, stays the same key."""
    name = _key_name(spec, key)
    aliases = [] if former is None else [_key_name(spec, former)]
    api_key = aws.apigateway.ApiKey(
        name,
        value=value,
        tags=build_tags(name, spec.tags),
        opts=pulumi.ResourceOptions(parent=parent, aliases=[pulumi.Alias(name=alias) for alias in aliases]),
    )
    aws.apigateway.UsagePlanKey(
        f"{name}-member",
        key_id=api_key.id,
        key_type="API_KEY",
        usage_plan_id=usage_plan.id,
        # AWS refuses a key in two plans of one stage.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-usage-plans.html
        opts=pulumi.ResourceOptions(
            parent=parent,
            delete_before_replace=True,
            aliases=[pulumi.Alias(name=f"{alias}-member") for alias in aliases],
        ),
    )
    return api_key.id


def _key_name(spec: ApiSpec, key: str) -> str:
    return f"{spec.name}-key-{key}"


def _declare_plan(
    name: str, spec: ApiSpec, declared: DeclaredApi, plan: PlanArgs, parent: pulumi.Resource
) -> aws.apigateway.UsagePlan:
    return aws.apigateway.UsagePlan(
        name,
        api_stages=[
            aws.apigateway.UsagePlanApiStageArgs(
                # The stage's own output, so that the plan waits for the stage.
                api_id=declared.api_id,
                stage=declared.stage_name,
                throttles=list(_list_method_throttles(spec, plan)),
            )
        ],
        throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
            rate_limit=plan.throttle.rate, burst_limit=plan.throttle.burst
        )
        if plan.throttle
        else None,
        quota_settings=aws.apigateway.UsagePlanQuotaSettingsArgs(**asdict(plan.quota)) if plan.quota else None,
        tags=build_tags(name, spec.tags),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _list_method_throttles(spec: ApiSpec, plan: PlanArgs) -> Iterator[aws.apigateway.UsagePlanApiStageThrottleArgs]:
    """Yields a throttle for each method of a route: for its own path, and for everything below it."""
    for operation in spec.operations:
        limit = plan.route_throttles.get(f"{operation.method} {operation.route.path}")
        if limit is not None:
            yield aws.apigateway.UsagePlanApiStageThrottleArgs(
                path=f"{operation.path}/{operation.method}", rate_limit=limit.rate, burst_limit=limit.burst
            )
