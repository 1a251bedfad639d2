"""The worst month: calls at the rate that throttles and quotas let through, from its first second to its last."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from ..aws.catalog import types
from ..aws.catalog.month import HOURS, SECONDS
from ..aws.compute import functions
from ..graph.graph import group_pairs
from ..graph.ignored import is_ignored
from ..graph.prose import abbreviate_names
from ..reach.keys import Keys
from .calls import Api, Call
from .charge import Context
from .inputs import is_priced
from .usage import Usage

_DAYS: Final = HOURS / 24
_DECIDES_RATES: Final = (*types.METHOD_SETTINGS, *types.HTTP_STAGE, *types.USAGE_PLAN)
_RATES: Final = frozenset(
    {
        *("settings", "methodPath", "routeSettings", "defaultRouteSettings"),
        *("throttleSettings", "quotaSettings", "apiStages"),
    }
)
"""Resources of an API, and their inputs, that decide how many calls get through."""


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


_Flow = tuple[Sequence[Call], _Bound]
"""Calls that are bounded together."""


def estimate_worst(
    context: Context, cost: Callable[[Context], float | None], not_counted: tuple[str, ...] = ()
) -> Worst | None:
    """The worst month of a graph's APIs; None if nothing takes calls. `cost` prices the calls of a usage."""
    not_counted = (*not_counted, *_list_not_counted(context))
    apis = [api for api in context.apis if api.calls]
    if not apis:
        return Worst(0.0, 0.0, None, "", not_counted) if not_counted else None
    flows = [(api, [*_list_flows(api)]) for api in apis]
    merged = (_merge_bounds([bound for _, bound in its], [api]) for api, its in flows)
    requests, why = _merge_bounds(merged, apis, "; ")

    def at(usage: Usage) -> float | None:
        every = [flow for _, its in flows for flow in its]
        taken, decided = (_compute_shares(every, key) for key in ("function", "authorizer"))
        counted = replace(usage, requests=requests)
        return cost(replace(context, shares=taken, authorizer_shares=decided, usage=counted))

    longest, usage = _find_longest_timeout(apis), context.usage
    at_timeout = at(replace(usage, ms=longest * 1000.0, stream_seconds=longest)) if longest is not None else None
    return Worst(requests, at(usage), at_timeout, why, not_counted)


def _list_not_counted(context: Context) -> Iterator[str]:
    """APIs that no component declares, and those of which something else may decide the rates."""
    graph = context.model.graph
    apis = graph.list_by_type(*types.REST_API, *types.HTTP_API)
    if others := [api.name for api in apis if not (is_priced(api) or api.existing)]:
        yield f"calls of {abbreviate_names(others)}, which are in none of these sums"
    for api in context.apis:
        members = context.statements.list_members(api.part)
        deciding = [each for each in graph.list_by_type(*_DECIDES_RATES) if each.urn in members]
        changed = [
            each.name for each in deciding if each.altered & _RATES or any(is_ignored(each, key) for key in _RATES)
        ]
        if changed:
            yield f"calls of {api.part.name}, whose rates {abbreviate_names(changed)} may have otherwise than is stated"


def _compute_shares(flows: Sequence[_Flow], key: str) -> Mapping[str, float]:
    """Share of the calls by function, if calls that are bounded together divide by what their throttles allow."""
    total = sum(bound.requests for _, bound in flows)
    shares: dict[str, float] = defaultdict(float)
    for calls, bound in flows:
        rate = sum(call.rate for call in calls)
        for call in calls:
            if (function := getattr(call, key)) is not None and rate and total:
                shares[function.urn] += bound.requests / total * call.rate / rate
    return shares


def _list_flows(api: Api) -> Iterator[_Flow]:
    """Calls without a key as fast as the stage lets them; those with one no more than the plans allow as well."""
    keyed = [call for call in api.calls if call.needs_key]
    free = [call for call in api.calls if not call.needs_key]
    if free:
        yield free, _bound_by_rate(api, free)
    if keyed:
        candidates = [_bound_by_rate(api, keyed), *_bound_by_key_rate(api, keyed), *_bound_by_quota(api.keys)]
        yield keyed, min(candidates, key=lambda bound: bound.requests)


def _merge_bounds(bounds: Iterable[_Bound], apis: Sequence[Api], between: str = " and ") -> _Bound:
    listed = [*bounds]
    joined = _Bound(sum(bound.requests for bound in listed), between.join(dict.fromkeys(bound.why for bound in listed)))
    rate = max(api.account_rate for api in apis)
    account = _Bound(rate * SECONDS, f"only the account's {rate:,}/s")
    return min(joined, account, key=lambda bound: bound.requests)


def _bound_by_rate(api: Api, calls: Sequence[Call]) -> _Bound:
    """A stage's rate holds for each of its methods by itself, so what they let through adds up.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
    """
    if not all(call.is_limited for call in calls):
        return _Bound(api.account_rate * SECONDS, f"no throttle: only the account's {api.account_rate:,}/s")
    alike = group_pairs((call.rate, call.name) for call in calls)
    why = " and ".join(_describe_rate(names, rate) for rate, names in sorted(alike.items()))
    return _merge_bounds([_Bound(sum(call.rate for call in calls) * SECONDS, why)], [api])


def _describe_rate(names: Sequence[str], rate: float) -> str:
    """`100/s for each method (GET /a, GET /a/*)`."""
    named = abbreviate_names(names)
    return f"{rate:,g}/s for " + (named if len(names) == 1 else f"each method ({named})")


def _bound_by_key_rate(api: Api, calls: Sequence[Call]) -> Iterator[_Bound]:
    """Calls that all keys may make in a second: methods with a rate of their own in a plan, and the others together."""
    if not api.keys or any(keys.rate is None for keys in api.keys):
        return
    own = {route for keys in api.keys for route in keys.by_route}
    together = [call for call in calls if call.route not in own]
    groups = [([call], f" on {call.name}") for call in calls if call.route in own]
    groups += [(together, "")] if together else []
    pairs = [(_bound_by_rate(api, group), _bound_by_keys(api.keys, group[0], where)) for group, where in groups]
    yield _merge_bounds([min(pair, key=lambda bound: bound.requests) for pair in pairs], [api])


def _bound_by_keys(limited: Iterable[Keys], call: Call, where: str) -> _Bound:
    rates = [(keys, keys.by_route.get(call.route, keys.rate or 0.0)) for keys in limited]
    why = " and ".join(f"{keys.counted} × {rate:,g}/s" for keys, rate in rates)
    return _Bound(sum(keys.count * rate for keys, rate in rates) * SECONDS, why + where)


def _bound_by_quota(limited: Sequence[Keys]) -> Iterator[_Bound]:
    quotas = [(keys, keys.quota) for keys in limited if keys.quota is not None]
    if quotas and len(quotas) == len(limited):
        why = ", ".join(f"{keys.counted} × {quota}" for keys, quota in quotas)
        yield _Bound(sum(keys.count * quota.count_in(_DAYS) for keys, quota in quotas), f"quota: {why}")


def _find_longest_timeout(apis: Iterable[Api]) -> float | None:
    """Seconds that the slowest function may run for a call; None if there is none, or that is not known."""
    called = (call.function for api in apis for call in api.calls)
    seconds = [functions.find_timeout(function) for function in called if function is not None]
    known = [limit for limit in seconds if limit is not None]
    return max(known) if known and len(known) == len(seconds) else None
