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
from . import naming
from .gate import Gate, Opened
from .routes import Throttle


@dataclass(frozen=True)
class Plan:
    """Limits, and the keys that they hold for, each by itself."""

    throttle: Throttle
    quota_limit: int
    quota_period: str
    keys: tuple[str, ...] = ()
    key_values: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    route_throttles: Mapping[str, Throttle] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Names of all its keys."""
        return [*self.keys, *self.key_values]


def declare(
    gate: Gate, opened: Opened, plans: Mapping[str, Plan], parent: pulumi.Resource
) -> dict[str, pulumi.Output[str]]:
    """Declare plans and keys; gives the id of each key by its name."""
    ids: dict[str, pulumi.Output[str]] = {}
    names = {(plan, key): f"{gate.name}-{naming.joined(plan, key)}" for plan in plans for key in plans[plan].names}
    aliases = naming.aliases({name: f"{gate.name}-{plan}-{key}" for (plan, key), name in names.items()})
    for plan_name, plan in plans.items():
        usage_plan = _plan(f"{gate.name}-{plan_name}", gate, opened, plan, parent)
        for key in plan.names:
            name = names[plan_name, key]
            ids[key] = _key(name, usage_plan, plan.key_values.get(key), gate, aliases[name], parent)
    return ids


def _key(
    name: str,
    usage_plan: aws.apigateway.UsagePlan,
    value: pulumi.Input[str] | None,
    gate: Gate,
    aliases: list[pulumi.Alias],
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """A key that belongs to the plan; gives its id."""
    api_key = aws.apigateway.ApiKey(
        name, value=value, tags=named(name, gate.tags), opts=pulumi.ResourceOptions(parent=parent, aliases=aliases)
    )
    members = [pulumi.Alias(name=f"{alias.name}-member") for alias in aliases]
    aws.apigateway.UsagePlanKey(
        f"{name}-member",
        key_id=api_key.id,
        key_type="API_KEY",
        usage_plan_id=usage_plan.id,
        opts=pulumi.ResourceOptions(parent=parent, aliases=members),
    )
    return api_key.id


def _plan(name: str, gate: Gate, opened: Opened, plan: Plan, parent: pulumi.Resource) -> aws.apigateway.UsagePlan:
    return aws.apigateway.UsagePlan(
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
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _method_throttles(gate: Gate, plan: Plan) -> Iterator[aws.apigateway.UsagePlanApiStageThrottleArgs]:
    """A throttle for each method that a route stands for: its own path, and what lies under it."""
    for operation in gate.operations:
        limit = plan.route_throttles.get(f"{operation.method} {operation.route.path}")
        if limit is not None:
            yield aws.apigateway.UsagePlanApiStageThrottleArgs(
                path=f"{operation.path}/{operation.method}", rate_limit=limit.rate, burst_limit=limit.burst
            )
