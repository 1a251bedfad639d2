"""The API of a stack's settings."""

from collections.abc import Mapping
from typing import Any, cast

import pulumi

from components import ApiFront
from components.api_front_args import (
    AlarmsArgs,
    ApiFrontArgs,
    DomainArgs,
    PlanArgs,
    RouteArgs,
    TargetArgs,
    ThrottleArgs,
)
from components.argument_types import Method
from settings import Settings
from settings.api import Domain, Plan, Route, Throttle
from settings.protection import Alarms, Waf

from .functions import authorizers


def front(
    settings: Settings,
    targets: Mapping[str, TargetArgs],
    *,
    alarm_topic_arn: pulumi.Input[str] | None = None,
    more: ApiFrontArgs | Mapping[str, Any] | None = None,
) -> ApiFront:
    """Declare the API with `targets` for its routes; `more` are arguments of one topology alone."""
    api, protection = settings.api, settings.protection
    args: dict[str, Any] = {
        "kind": api.kind.value,
        "stage": api.stage,
        "strip_prefix": api.stripped_prefix,
        "routes": [_route(route) for route in api.routes],
        "streaming": api.streaming,
        "timeout_quota_milliseconds": api.timeout_quota_milliseconds,
        "targets": {name: targets[name] for name in dict.fromkeys(route.target for route in api.routes)},
        "throttle": api.throttle and _throttle(api.throttle),
        "plans": {name: _plan(plan) for name, plan in api.plans.items()},
        "minimum_tls": api.minimum_tls.value,
        "log_retention_days": api.logs.retention_days,
        "execution_logs": api.logs.execution.value,
        "account_log_role": api.logs.account_role,
        "tracing": api.tracing,
        "identity": api.identity,
        "authorizers": authorizers(settings),
        "cors": api.cors and api.cors.model_dump(exclude={"backend_answers"}),
        "domain": api.domain and _domain(api.domain),
        "allow_cidrs": list(api.policy.allow) if api.policy else [],
        "deny_cidrs": list(api.policy.deny) if api.policy else [],
        "caller_account_ids": list(api.caller_account_ids),
        "firewall": protection.waf and _firewall(protection.waf),
        "alarms": protection.alarms and alarm_topic_arn and _alarms(protection.alarms, alarm_topic_arn),
        **(more or {}),
    }
    given = {key: value for key, value in args.items() if value not in (None, [], {}, "")}
    return ApiFront("front", cast(ApiFrontArgs, given))


def _throttle(throttle: Throttle) -> ThrottleArgs:
    return {"rate": throttle.rate, "burst": throttle.burst}


def _route(route: Route) -> RouteArgs:
    args: RouteArgs = {
        "path": route.path,
        "methods": cast(list[Method], route.methods),
        "target": route.target,
        "under": route.under,
        "key_required": route.key_required,
        "authorization": route.authorization or "none",
        "scopes": list(route.scopes),
    }
    if route.timeout_milliseconds is not None:
        args["timeout_milliseconds"] = route.timeout_milliseconds
    if route.streaming is not None:
        args["streaming"] = route.streaming
    if route.throttle is not None:
        args["throttle"] = _throttle(route.throttle)
    if route.body_schema is not None:
        args["body_schema"] = route.body_schema
    return args


def _plan(plan: Plan) -> PlanArgs:
    return {
        "throttle": _throttle(plan.throttle),
        "quota_limit": plan.quota.limit,
        "quota_period": plan.quota.period.value,
        "keys": list(plan.keys),
        "given_keys": dict(plan.given_keys),
        "route_throttles": {route: _throttle(throttle) for route, throttle in plan.route_throttles.items()},
    }


def _domain(domain: Domain) -> DomainArgs:
    args: DomainArgs = {"name": domain.name, "base_path": domain.base_path, "only_door": domain.only_door}
    if domain.certificate_arn:
        args["certificate_arn"] = domain.certificate_arn
    if domain.zone_id:
        args["zone_id"] = domain.zone_id
    if domain.truststore:
        args["truststore"] = domain.truststore
    if domain.truststore_version:
        args["truststore_version"] = domain.truststore_version
    if domain.ownership_verification_certificate_arn:
        args["ownership_verification_certificate_arn"] = domain.ownership_verification_certificate_arn
    return args


def _firewall(waf: Waf) -> dict[str, Any]:
    return {
        "requests_per_five_minutes": waf.requests_per_five_minutes,
        "managed_rules": [rule.value for rule in waf.managed_rules],
        "allow": list(waf.allow),
        "large_bodies": bool(waf.large_bodies),
    }


def _alarms(alarms: Alarms, topic_arn: pulumi.Input[str]) -> AlarmsArgs:
    return {
        "topic_arn": topic_arn,
        "server_error_percent": alarms.server_error_percent,
        "client_error_percent": alarms.client_error_percent,
        "latency_milliseconds": alarms.latency_milliseconds,
        "requests_per_five_minutes": alarms.requests_per_five_minutes,
    }
