"""API keys, usage plans, quotas and throttles, as API Gateway counts them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from ..aws.catalog import types
from ..facts import limits
from ..graph import Graph, Resource
from ..graph.reading import as_integer, as_list, as_mapping, as_number, as_text, get_declared_input, get_value
from .apis import Route, ServedApi, parse_method_path
from .call import Call
from .errors import GatewayError

Clock = Callable[[], float]
QUOTA: Final = "quota"
_KEY: Final = "aws:apigateway/apiKey:ApiKey"
_MEMBER: Final = "aws:apigateway/usagePlanKey:UsagePlanKey"


@dataclass(frozen=True)
class Throttle:
    """Requests a second in the long run, and how many may come at once."""

    rate: float
    burst: int | None

    def __str__(self) -> str:
        return f"{self.rate:,g}/s" + (f", burst {self.burst}" if self.burst is not None else "")


ACCOUNT: Final = Throttle(limits.ACCOUNT_RATE, limits.ACCOUNT_BURST)


def find_stage_throttle(api: ServedApi, route: Route) -> Throttle | None:
    """The throttle of a route: its own settings, else the stage's. None if there is none."""
    settings = api.throttles.get((route.path.strip("/"), route.method), api.stage_settings)
    # Pulumi sends an unset limit of an HTTP API as 0: https://github.com/pulumi/pulumi/issues/12150
    unset = 0 if not api.is_rest and as_mapping(settings) else None
    values = (get_value(settings, f"throttling{key}Limit") for key in ("Rate", "Burst"))
    rate, burst = (unset if value is None else as_number(value) for value in values)
    most = None if burst is None or burst < 0 else int(burst)
    # A rate of -1 switches throttling off.
    return None if rate is None or rate < 0 else Throttle(rate, most)


class Buckets:
    """A token bucket for each key. A request takes a token from every bucket that applies, or from none."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}
        """Tokens, and when they were counted."""
        self._is_counting = True

    def take(self, throttles: Mapping[Hashable, Throttle]) -> Hashable | None:
        """Take a token from each bucket. Returns the key of an empty bucket, else None."""
        now = self._clock()
        filled: dict[Hashable, float] = {}
        for key, limit in throttles.items():
            burst = int(limit.rate) if limit.burst is None else limit.burst
            tokens, counted = self._buckets.get(key, (burst, now))
            filled[key] = min(burst, tokens + (now - counted) * limit.rate)
        empty = next((key for key, tokens in filled.items() if tokens < 1), None) if self._is_counting else None
        taken = 1 if empty is None and self._is_counting else 0
        self._buckets |= {key: (tokens - taken, now) for key, tokens in filled.items()}
        return empty

    def count_left(self, key: Hashable) -> int:
        """Requests that a bucket admits, as of the last one."""
        return int(self._buckets[key][0])

    @contextmanager
    def stop_counting(self) -> Iterator[None]:
        """Requests of a check take no token, and none is refused."""
        self._is_counting = False
        try:
            yield
        finally:
            self._is_counting = True


class Keys:
    """The keys of a stack: a value for each, made for this run unless the program gives it."""

    def __init__(self, graph: Graph, replaced: Keys | None) -> None:
        """`replaced` are those of an earlier version of the stack, whose values callers use."""
        self._graph = graph
        values = {key.urn: value for value, key in replaced.values.items()} if replaced else {}
        self.values: dict[str, Resource] = {
            as_text(get_declared_input(key, "value")) or values.get(key.urn) or f"try-{secrets.token_urlsafe(18)}": key
            for key in self._list_declared(_KEY)
        }

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
        elif self._find_plan(value, call.api) is None:
            note, setting = f"key {key.name} is in no usage plan of stage {call.api.stage}", "api.plans"
        else:
            return replace(call, api_key=value, api_key_id=as_text(key.id))
        raise GatewayError("INVALID_API_KEY", note, setting=setting)

    def list_limits(self, call: Call) -> dict[Hashable, Throttle]:
        """The throttles of the key's plan that apply to a call, and its quota, a bucket that nothing fills in a run."""
        opened = self._find_plan(call.api_key, call.api)
        if opened is None:
            return {}
        (plan, stage), route = opened, (call.route.path.strip("/"), call.route.method)
        throttles = as_list(get_value(stage, "throttles"))
        own = next((one for one in throttles if parse_method_path(as_text(get_value(one, "path"))) == route), None)
        settings_of: dict[Hashable, Any] = {
            (plan.urn, call.api_key, route): own,
            (plan.urn, call.api_key): get_declared_input(plan, "throttleSettings"),
        }
        found = {
            key: limit for key, settings in settings_of.items() if (limit := _parse_throttle(settings)) is not None
        }
        quota = as_integer(get_declared_input(plan, "quotaSettings", "limit"))
        return found | ({} if quota is None else {(QUOTA, plan.urn, call.api_key): Throttle(0, quota)})

    def _list_declared(self, *kinds: str) -> list[Resource]:
        return [resource for resource in self._graph.list_by_type(*kinds) if resource.is_of_component]

    def _find_plan(self, value: str, api: ServedApi) -> tuple[Resource, Any] | None:
        """The plan by which a key opens an API, and its entry for the stage."""
        key = self.values.get(value)
        for plan in self._list_declared(*types.USAGE_PLAN) if key is not None else ():
            for entry in as_list(get_declared_input(plan, "apiStages")):
                covers = (get_value(entry, "apiId"), get_value(entry, "stage")) == (api.id, api.stage)
                if covers and key in self._list_plan_keys(plan):
                    return plan, entry
        return None

    def _list_plan_keys(self, plan: Resource) -> list[Resource | None]:
        members = (one for one in self._list_declared(_MEMBER) if get_declared_input(one, "usagePlanId") == plan.id)
        return [self._graph.find(get_declared_input(member, "keyId"), _KEY) for member in members]


def _is_disabled(key: Resource) -> bool:
    return get_declared_input(key, "enabled") is False


def _parse_throttle(settings: Any) -> Throttle | None:
    rate, burst = as_number(get_value(settings, "rateLimit")), as_integer(get_value(settings, "burstLimit"))
    return None if rate is None else Throttle(rate, burst)
