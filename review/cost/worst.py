"""The worst month: calls at the rate that throttles and quotas let through, from its first second to its last."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..aws.catalog.month import SECONDS
from ..aws.compute import functions
from ..aws.gateway.api import Api, ApiKind, Call, Requirement
from ..aws.gateway.throttle import find_loosest, format_rate, list_stage_throttles, route
from ..aws.gateway.usage_plans import Plan, list_plans
from ..facts import limits
from ..graph import Graph
from ..graph.graph import group_pairs
from ..graph.prose import abbreviate_names
from .charge import Context, share_by_authorizer
from .inputs import is_priced
from .usage import Usage

_GREEDY = re.compile(r"\{\w+\+\}$")


@dataclass(frozen=True)
class Worst:
    requests: float
    """Calls that get through in that month."""
    usd: float | None
    """Dollars for them, each taking as long as the usage assumes; None if a part is not known."""
    until_timeout: float | None
    """Dollars if each call runs into its function's timeout instead; None if no function is called."""
    why: str
    """The limit: `100/s for each method (GET /a, GET /a/*)`, `quota: 2 keys × 1000 a day`. Empty without an API."""
    not_counted: tuple[str, ...] = ()
    """Calls that the dollars leave out: `calls of side (FunctionUrl), which no throttle limits`."""


class _Bound(NamedTuple):
    """So many calls in a month, and why no more."""

    requests: float
    why: str


def estimate_worst(
    context: Context, cost: Callable[[Context], float | None], not_counted: tuple[str, ...] = ()
) -> Worst | None:
    """The worst month of a graph's APIs; None if nothing takes calls. `cost` prices the calls of a usage."""
    called = [api for api in context.model.apis.all if api.calls]
    apis = [api for api in called if is_priced(api.resource)]
    if others := [api.resource.name for api in called if api not in apis]:
        not_counted += (f"calls of {abbreviate_names(others)}, which are in none of these sums",)
    if not apis:
        return Worst(0.0, 0.0, None, "", not_counted) if not_counted else None
    bounds = [_find_bound(context.model.graph, api) for api in apis]
    requests, why = _merge_bounds(bounds, apis, "; ")

    def at(usage: Usage) -> float | None:
        shares, authorizers = _compute_shares(apis), share_by_authorizer(context.model, _list_rates(apis))
        counted = replace(usage, requests=requests)
        return cost(replace(context, shares=shares, authorizer_shares=authorizers, usage=counted))

    longest, usage = _find_longest_timeout(apis), context.usage
    at_timeout = at(replace(usage, ms=longest * 1000.0, stream_seconds=longest)) if longest is not None else None
    return Worst(requests, at(usage), at_timeout, why, not_counted)


def _compute_shares(apis: Iterable[Api]) -> dict[str, float]:
    """Share of the calls by function, if each method is called as often as its throttle allows."""
    rates = _list_rates(apis)
    total = sum(rate for *_, rate in rates)
    shares: dict[str, float] = defaultdict(float)
    for _, call, rate in rates:
        if (function := call.integration.function) is not None and total:
            shares[function.urn] += rate / total
    return shares


def _list_rates(apis: Iterable[Api]) -> list[tuple[Api, Call, float]]:
    return [(api, call, _find_rate(api, call)) for api in apis for call in api.calls]


def _find_bound(graph: Graph, api: Api) -> _Bound:
    """Calls without a key as fast as the stages let them; those with one no more than the plans allow as well."""
    keyed = [call for call in api.calls if Requirement.KEY in call.requires]
    free = [call for call in api.calls if Requirement.KEY not in call.requires]
    bounds = [_bound_by_rate(api, free)] if free else []
    if keyed:
        plans = list_plans(graph, api)
        candidates = [_bound_by_rate(api, keyed), *_bound_by_plan_rate(api, keyed, plans), *_bound_by_quota(plans)]
        bounds.append(min(candidates, key=lambda bound: bound.requests))
    return _merge_bounds(bounds, [api])


def _merge_bounds(bounds: Sequence[_Bound], apis: Sequence[Api], between: str = " and ") -> _Bound:
    joined = _Bound(sum(bound.requests for bound in bounds), between.join(dict.fromkeys(bound.why for bound in bounds)))
    rate = max(map(_find_account_rate, apis))
    account = _Bound(rate * SECONDS, f"only the account's {rate:,}/s")
    return min(joined, account, key=lambda bound: bound.requests)


def _find_account_rate(api: Api) -> int:
    return limits.find_account_throttle(api.resource.region)[0]


def _find_rate(api: Api, call: Call) -> float:
    """Calls a second through all stages, each of which has a throttle of its own.

    A REST API throttles each method; whether ANY is one is not documented, so that it counts as all that it stands for.
    """
    throttles = list_stage_throttles(api, call) or [None]
    methods = len(limits.METHODS) if call.method == limits.ANY and api.kind is not ApiKind.HTTP else 1
    return methods * sum(_find_account_rate(api) if throttle is None else throttle.rate for throttle in throttles)


def _bound_by_rate(api: Api, calls: Sequence[Call]) -> _Bound:
    """A stage's rate holds for each of its methods by itself, so what they let through adds up.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
    """
    if any(find_loosest(api, call) is None for call in calls):
        rate = _find_account_rate(api)
        return _Bound(rate * SECONDS, f"no throttle: only the account's {rate:,}/s")
    alike = group_pairs((_find_rate(api, call), call) for call in calls)
    why = " and ".join(_describe_rate(group, rate) for rate, group in sorted(alike.items()))
    return _merge_bounds([_Bound(sum(_find_rate(api, call) for call in calls) * SECONDS, why)], [api])


def _describe_rate(calls: Sequence[Call], rate: float) -> str:
    """`100/s for each method (GET /a, GET /a/*)`: a greedy path has methods of its own."""
    named = abbreviate_names([f"{call.method} {_GREEDY.sub('*', call.path)}" for call in calls])
    return f"{format_rate(rate)} for " + (named if len(calls) == 1 else f"each method ({named})")


def _bound_by_plan_rate(api: Api, calls: Sequence[Call], plans: Sequence[Plan]) -> Iterator[_Bound]:
    """Calls that all keys may make in a second: methods with a rate of their own in a plan, and the others together."""
    if not plans or any(plan.rate is None for plan in plans):
        return
    limited_routes = {name for plan in plans for name in plan.by_route}
    limited = [call for call in calls if route(call) in limited_routes]
    together = [call for call in calls if route(call) not in limited_routes]
    groups = [([call], f" on {call.name}") for call in limited] + ([(together, "")] if together else [])
    pairs = [(_bound_by_rate(api, group), _bound_by_keys(plans, group[0], where)) for group, where in groups]
    yield _merge_bounds([min(pair, key=lambda bound: bound.requests) for pair in pairs], [api])


def _bound_by_keys(plans: Iterable[Plan], call: Call, where: str) -> _Bound:
    rates = [(plan, plan.by_route.get(route(call), plan.rate or 0.0)) for plan in plans]
    why = " and ".join(f"{plan.counted} × {format_rate(rate)}" for plan, rate in rates)
    return _Bound(sum(plan.keys * rate for plan, rate in rates) * SECONDS, why + where)


def _bound_by_quota(plans: Sequence[Plan]) -> Iterator[_Bound]:
    quotas = [(plan, plan.quota) for plan in plans if plan.quota is not None]
    if quotas and len(quotas) == len(plans):
        why = ", ".join(f"{plan.counted} × {quota}" for plan, quota in quotas)
        yield _Bound(sum(plan.keys * quota.a_month for plan, quota in quotas), f"quota: {why}")


def _find_longest_timeout(apis: Iterable[Api]) -> float | None:
    """Seconds that the slowest function may run for a call; None if there is none, or that is not known."""
    called = (call.integration.function for api in apis for call in api.calls)
    seconds = [functions.find_timeout(function) for function in called if function is not None]
    known = [limit for limit in seconds if limit is not None]
    return max(known) if known and len(known) == len(seconds) else None
