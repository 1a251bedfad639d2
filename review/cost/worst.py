"""The worst month: calls at the rate that throttles and quotas let through, from its first second to its last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from ..graph import Graph, Resource
from ..reach.api import Api, Asks, Call
from ..reach.guards import rate
from ..reading import peek, pointed, within
from .charge import Context
from .prices import HOURS
from .usage import Usage

SECONDS: Final = HOURS * 3600

ACCOUNT_RATE: Final = 10_000
"""Calls a second that AWS lets one account make in a region, all APIs together.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""

_DAYS: Final = {"DAY": 1.0, "WEEK": 7.0, "MONTH": HOURS / 24}


@dataclass(frozen=True)
class Worst:
    """The most that calls can cost in a month."""

    requests: float
    """Calls that get through in that month."""
    usd: float
    """Dollars for them, each taking as long as the usage says."""
    until_timeout: float | None
    """Dollars if each call runs into its function's timeout instead; None where no function is called."""
    why: str
    """What bounds the number: `8 methods × 100/s`, `quota: 2 keys × 1000 a day`, `nothing but the account's limit`."""


def worst(context: Context, cost: Callable[[Usage], float]) -> Worst | None:
    """The worst month of a graph's APIs; None where it has none. `cost` prices the calls of a usage."""
    apis, usage = context.apis, context.usage
    bounds = [_bound(context.graph, api) for api in apis if api.calls]
    if not bounds:
        return None
    requests = min(sum(bound for bound, _ in bounds), ACCOUNT_RATE * SECONDS)
    longest = _longest(apis)
    at_mean = cost(replace(usage, requests=requests))
    at_timeout = cost(replace(usage, requests=requests, ms=longest * 1000.0)) if longest is not None else None
    return Worst(requests, at_mean, at_timeout, "; ".join(dict.fromkeys(why for _, why in bounds)))


def _bound(graph: Graph, api: Api) -> tuple[float, str]:
    by_rate, why = _by_rate(api)
    by_quota = _by_quota(graph, api)
    if by_quota is not None and by_quota[0] < by_rate:
        return by_quota
    return by_rate, why


def _by_rate(api: Api) -> tuple[float, str]:
    """A stage's rate holds for each of its methods by itself, so what they let through adds up.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
    """
    rates = [rate(api, call) for call in _charged(api)]
    known = [found for found in rates if found is not None]
    if len(known) < len(rates):
        return ACCOUNT_RATE * SECONDS, f"no throttle: only the account's {ACCOUNT_RATE:,}/s"
    total = sum(known)
    what = "methods" if len(rates) > 1 else "method"
    alike = (
        f"{len(rates)} {what} × {known[0]:g}/s" if len(set(known)) == 1 else f"{len(rates)} {what}, {total:g}/s in all"
    )
    return min(total, ACCOUNT_RATE) * SECONDS, alike


def _charged(api: Api) -> list[Call]:
    """Calls that reach an integration; CORS answers of the API itself cost as much as any."""
    return list(api.calls)


def _by_quota(graph: Graph, api: Api) -> tuple[float, str] | None:
    """Where every call needs a key, what the keys of its plans may call in a month."""
    if not all(Asks.KEY in call.asks for call in _charged(api)):
        return None
    plans = [plan for plan in graph.of_type("aws:apigateway/usagePlan:UsagePlan") if _covers(graph, plan, api)]
    quotas = [_quota(graph, plan) for plan in plans]
    if not quotas or any(quota is None for quota in quotas):
        return None
    known = [quota for quota in quotas if quota is not None]
    return sum(calls for calls, _ in known), "quota: " + ", ".join(why for _, why in known)


def _covers(graph: Graph, plan: Resource, api: Api) -> bool:
    return any(hit.urn == api.resource.urn for hit in pointed(graph, plan, "apiStages", "apiId"))


def _quota(graph: Graph, plan: Resource) -> tuple[float, str] | None:
    """A quota is each key's own."""
    limit, period = peek(plan, "quotaSettings", "limit"), peek(plan, "quotaSettings", "period")
    if not isinstance(limit, int) or period not in _DAYS:
        return None
    links = graph.of_type("aws:apigateway/usagePlanKey:UsagePlanKey")
    keys = sum(1 for link in links if plan in pointed(graph, link, "usagePlanId"))
    days = HOURS / 24 / _DAYS[str(period)]
    plural = "s" if keys != 1 else ""
    return keys * limit * days, f"{keys} key{plural} × {limit:,} a {str(period).lower()}"


def _longest(apis: Iterable[Api]) -> float | None:
    """Seconds that the slowest function may run for a call."""
    seconds = [_timeout(function) for function in _functions(apis)]
    return max(seconds) if seconds else None


def _functions(apis: Iterable[Api]) -> Iterator[Resource]:
    for api in apis:
        for call in api.calls:
            if call.integration.function is not None:
                yield call.integration.function


def _timeout(function: Resource) -> float:
    value = within(function.inputs, "timeout")
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html: three seconds where nothing is said.
    return float(value) if isinstance(value, int | float) else 3.0


__all__ = ["ACCOUNT_RATE", "Worst", "worst"]
