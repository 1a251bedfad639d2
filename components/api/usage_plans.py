"""Usage plans and their API keys, for REST APIs.

A key distinguishes callers and meters them; it is no proof of identity, and limits are best effort.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from ..arguments import named
from .gate import Gate, Opened
from .routes import Throttle


@dataclass(frozen=True)
class Plan:
    """Limits, and the keys that they hold for, each by itself."""

    throttle: Throttle
    quota_limit: int
    quota_period: str
    keys: tuple[str, ...] = ()
    given_keys: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    route_throttles: Mapping[str, Throttle] = field(default_factory=dict)


def declare(
    gate: Gate, opened: Opened, plans: Mapping[str, Plan], parent: pulumi.Resource
) -> dict[str, pulumi.Output[str]]:
    """Declare plans and keys; gives the id of each key by its name."""
    return {
        key: key_id
        for name, plan in plans.items()
        for key, key_id in _plan(f"{gate.name}-{name}", gate, opened, plan, parent).items()
    }


def _plan(name: str, gate: Gate, opened: Opened, plan: Plan, parent: pulumi.Resource) -> dict[str, pulumi.Output[str]]:
    child = pulumi.ResourceOptions(parent=parent)
    usage_plan = aws.apigateway.UsagePlan(
        name,
        api_stages=[
            aws.apigateway.UsagePlanApiStageArgs(
                # The stage's own output, so that the plan waits for the stage.
                api_id=opened.api_id,
                stage=opened.stage_name,
                throttles=list(_method_throttles(gate, plan)),
            )
        ],
        throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
            rate_limit=plan.throttle.rate, burst_limit=plan.throttle.burst
        ),
        quota_settings=aws.apigateway.UsagePlanQuotaSettingsArgs(limit=plan.quota_limit, period=plan.quota_period),
        tags=named(name, gate.tags),
        opts=child,
    )
    ids = {}
    for key in [*plan.keys, *plan.given_keys]:
        api_key = aws.apigateway.ApiKey(
            f"{name}-{key}", value=plan.given_keys.get(key), tags=named(f"{name}-{key}", gate.tags), opts=child
        )
        aws.apigateway.UsagePlanKey(
            f"{name}-{key}-member", key_id=api_key.id, key_type="API_KEY", usage_plan_id=usage_plan.id, opts=child
        )
        ids[key] = api_key.id
    return ids


def _method_throttles(gate: Gate, plan: Plan) -> Iterator[aws.apigateway.UsagePlanApiStageThrottleArgs]:
    """A throttle for each method that a route stands for: its own path, and what lies under it."""
    for operation in gate.operations:
        limit = plan.route_throttles.get(f"{operation.method} {operation.route.path}")
        if limit is not None:
            yield aws.apigateway.UsagePlanApiStageThrottleArgs(
                path=f"{operation.path}/{operation.method}", rate_limit=limit.rate, burst_limit=limit.burst
            )
