"""API keys, usage plans, quotas and throttles, as API Gateway counts them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any, Final

from ..aws.gateway.throttle import Throttle, parse_method_path
from ..aws.gateway.throttle import route as route_named
from ..aws.gateway.usage_plans import plan_keys, read_quota
from ..aws.model.model import AwsModel
from ..facts import limits
from ..graph import Resource
from ..graph.evidence import read_flag
from ..graph.reading import as_list, as_number, as_text, find_referenced, get_declared_input, get_value
from .call import Call
from .errors import GatewayError

Clock = Callable[[], float]
ACCOUNT: Final = Throttle(limits.ACCOUNT_RATE, limits.ACCOUNT_BURST)
QUOTA: Final = "quota"
_KEY: Final = "aws:apigateway/apiKey:ApiKey"
_PLAN: Final = "aws:apigateway/usagePlan:UsagePlan"


class Buckets:
    """A token bucket for each key. A request takes a token from every bucket that applies, or from none."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}
        """Tokens, and when they were counted."""

    def take(self, throttles: Mapping[Hashable, Throttle]) -> Hashable | None:
        """Take a token from each bucket. Returns the key of an empty bucket, else None."""
        now = self._clock()
        filled: dict[Hashable, float] = {}
        for key, limit in throttles.items():
            burst = int(limit.rate) if limit.burst is None else limit.burst
            tokens, counted = self._buckets.get(key, (burst, now))
            filled[key] = min(burst, tokens + (now - counted) * limit.rate)
        empty = next((key for key, tokens in filled.items() if tokens < 1), None)
        taken = 1 if empty is None else 0
        self._buckets |= {key: (tokens - taken, now) for key, tokens in filled.items()}
        return empty

    def count_left(self, key: Hashable) -> int:
        """Requests that a bucket admits, as of the last one."""
        return int(self._buckets[key][0])


class Keys:
    """The keys of a stack: a value for each, made for this run unless the program gives it."""

    def __init__(self, model: AwsModel, replaced: Keys | None) -> None:
        """`replaced` are those of an earlier version of the stack, whose values callers use."""
        self._graph = model.graph
        values = {key.urn: value for value, key in replaced.values.items()} if replaced else {}
        self.values: dict[str, Resource] = {
            as_text(get_declared_input(key, "value")) or values.get(key.urn) or f"try-{secrets.token_urlsafe(18)}": key
            for key in self._graph.list_by_type(_KEY)
        }

    def find_usable_key(self, api_id: str, stage: str) -> str:
        """A key value that opens a stage. Empty if there is none."""
        opening = (value for value in self.values if self._plan(value, api_id, stage) is not None)
        return next((value for value in opening if not _is_disabled(self.values[value])), "")

    def check_key(self, call: Call) -> Call:
        """The call with its key. Raises GatewayError if the key opens nothing here."""
        value = call.request.find_header("x-api-key")
        key = self.values.get(value)
        if not value:
            note, setting = "the route requires a key in the header x-api-key", "route.keyRequired"
        elif key is None:
            note, setting = "the stack has no such key; try printed its keys", "api.plans"
        elif _is_disabled(key):
            note, setting = f"key {key.name} is disabled", "api.plans"
        elif self._plan(value, call.api.id, call.stage.name) is None:
            note, setting = f"key {key.name} is in no usage plan of stage {call.stage.name}", "api.plans"
        else:
            return replace(call, api_key=value, api_key_id=as_text(key.id))
        raise GatewayError("INVALID_API_KEY", note, setting=setting)

    def list_limits(self, call: Call) -> dict[Hashable, Throttle]:
        """The throttles of the key's plan that apply to a call, and its quota, a bucket that nothing fills in a run."""
        opened = self._plan(call.api_key, call.api.id, call.stage.name)
        if opened is None:
            return {}
        (plan, stage), route = opened, route_named(call.route)
        throttles = as_list(get_value(stage, "throttles"))
        own = next(
            (throttle for throttle in throttles if parse_method_path(as_text(get_value(throttle, "path"))) == route),
            None,
        )
        settings_of: dict[Hashable, Any] = {
            (plan.urn, call.api_key, route): own,
            (plan.urn, call.api_key): get_declared_input(plan, "throttleSettings"),
        }
        limits = {
            key: limit for key, settings in settings_of.items() if (limit := _parse_throttle(settings)) is not None
        }
        quota = read_quota(plan)
        return limits | ({(QUOTA, plan.urn, call.api_key): Throttle(0, quota.limit)} if quota else {})

    def _plan(self, value: str, api_id: str, stage: str) -> tuple[Resource, Any] | None:
        """The plan by which a key opens a stage, and its entry for the stage."""
        key = self.values.get(value)
        for plan in self._graph.list_by_type(_PLAN) if key is not None else ():
            for entry in as_list(get_declared_input(plan, "apiStages")):
                covers = (get_value(entry, "apiId"), get_value(entry, "stage")) == (api_id, stage)
                if covers and key in self._list_plan_keys(plan):
                    return plan, entry
        return None

    def _list_plan_keys(self, plan: Resource) -> list[Resource]:
        links = plan_keys(self._graph, plan)
        return [key for link in links for key in find_referenced(self._graph, link, "keyId")]


def _is_disabled(key: Resource) -> bool:
    return read_flag(key, "enabled", absent=True) is False


def _parse_throttle(settings: Any) -> Throttle | None:
    rate, burst = as_number(get_value(settings, "rateLimit")), as_number(get_value(settings, "burstLimit"))
    return None if rate is None else Throttle(rate, None if burst is None else int(burst))
