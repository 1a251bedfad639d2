"""API keys and usage plans of a REST API."""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..aws.model import AwsModel
from ..aws.throttle import route_of
from ..graph import Resource
from ..graph.reading import items, number, peek, pointed, text, within
from .errors import GatewayError
from .events import Call
from .throttle import Limit, Quotas

_KEY = "aws:apigateway/apiKey:ApiKey"
_PLAN = "aws:apigateway/usagePlan:UsagePlan"
_MEMBER = "aws:apigateway/usagePlanKey:UsagePlanKey"


@dataclass(frozen=True)
class _Plan:
    resource: Resource
    keys: frozenset[str]
    """URNs of its keys."""
    stages: tuple[tuple[str, str, Mapping[tuple[str, str], Limit]], ...]
    """API, stage, and limits of single methods."""
    limit: Limit | None
    quota: tuple[int, str] | None


@dataclass
class Keys:
    """The keys of a stack: a value for each, made for this run unless the program gives it."""

    model: AwsModel
    quotas: Quotas
    values: dict[str, Resource] = field(default_factory=dict)
    _plans: list[_Plan] = field(default_factory=list)

    def __post_init__(self) -> None:
        graph = self.model.graph
        for key in graph.of_type(_KEY):
            value = text(peek(key, "value")) or f"try-{secrets.token_urlsafe(18)}"
            self.values[value] = key
        self._plans = [self._read(plan) for plan in graph.of_type(_PLAN)]

    def _read(self, plan: Resource) -> _Plan:
        graph = self.model.graph
        members = [one for one in graph.of_type(_MEMBER) if plan in pointed(graph, one, "usagePlanId")]
        quota = number(peek(plan, "quotaSettings", "limit"))
        return _Plan(
            resource=plan,
            keys=frozenset(key.urn for one in members for key in pointed(graph, one, "keyId", types=(_KEY,))),
            stages=tuple(self._stage(entry) for entry in items(peek(plan, "apiStages"))),
            limit=_limit(peek(plan, "throttleSettings")),
            quota=(int(quota), text(peek(plan, "quotaSettings", "period"))) if quota is not None else None,
        )

    def _stage(self, entry: Any) -> tuple[str, str, Mapping[tuple[str, str], Limit]]:
        limits = {
            route_of(text(within(one, "path"))): limit
            for one in items(within(entry, "throttles"))
            if (limit := _limit(one)) is not None
        }
        return text(within(entry, "apiId")), text(within(entry, "stage")), limits

    def usable(self, api_id: str, stage: str) -> str:
        """A key value that opens a stage. Empty if there is none."""
        return next((value for value in self.values if self._plan(value, api_id, stage) is not None), "")

    def checked(self, call: Call) -> Call:
        """The call with its key. Raises GatewayError if the key opens nothing here."""
        value = call.request.header("x-api-key")
        if not value:
            raise GatewayError("INVALID_API_KEY", "the route requires a key in the header x-api-key")
        if value not in self.values:
            raise GatewayError("INVALID_API_KEY", "the key is none of this stack's; try printed them")
        key = self.values[value]
        if peek(key, "enabled") is False:
            raise GatewayError("INVALID_API_KEY", f"key {key.name} is disabled")
        if self._plan(value, call.api.id, call.stage.name) is None:
            raise GatewayError("INVALID_API_KEY", f"key {key.name} is in no usage plan of stage {call.stage.name}")
        return replace(call, api_key=value, api_key_id=text(key.id))

    def limits(self, call: Call) -> dict[Hashable, Limit]:
        """The throttles of the key's plan that apply to a call."""
        plan = self._plan(call.api_key, call.api.id, call.stage.name) if call.api_key else None
        if plan is None:
            return {}
        found: dict[Hashable, Limit] = {}
        route = (call.route.path.strip("/"), call.route.method)
        for api_id, stage, own in plan.stages:
            if (api_id, stage) == (call.api.id, call.stage.name) and route in own:
                found[plan.resource.urn, call.api_key, route] = own[route]
        if plan.limit is not None:
            found[plan.resource.urn, call.api_key] = plan.limit
        return found

    def count(self, call: Call) -> None:
        """Count a call against its key's quota. Raises GatewayError if the quota is used up."""
        plan = self._plan(call.api_key, call.api.id, call.stage.name) if call.api_key else None
        if plan is None or plan.quota is None:
            return
        limit, period = plan.quota
        if not self.quotas.take((plan.resource.urn, call.api_key), limit, period):
            raise GatewayError("QUOTA_EXCEEDED", f"the quota is {limit:,} per {period.lower()}")

    def _plan(self, value: str, api_id: str, stage: str) -> _Plan | None:
        urn = self.values[value].urn
        return next(
            (
                plan
                for plan in self._plans
                if urn in plan.keys and any(one[:2] == (api_id, stage) for one in plan.stages)
            ),
            None,
        )


def _limit(settings: Any) -> Limit | None:
    rate, burst = number(within(settings, "rateLimit")), number(within(settings, "burstLimit"))
    return None if rate is None else Limit(rate, int(rate if burst is None else burst))
