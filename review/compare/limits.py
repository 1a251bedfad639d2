"""Calls that a change answers with 429 where more of them passed before: lower throttles and quotas.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..aws import types
from ..aws.throttle import loosest
from ..aws.usage_plans import plan
from ..graph.graph import grouped
from ..graph.prose import listed
from ..reach import Reach
from .egress_changes import key_of

Limit = tuple[float, str]
"""A number of calls, and its words."""


def fewer_calls(before: Reach, after: Reach) -> Iterator[str]:
    """A sentence for each limit that is new, or lower than before."""
    old, new = _by_call(before), _by_call(after)
    lower = (((api, _change(old[api, call], limit)), call) for (api, call), limit in new.items() if (api, call) in old)
    for (api, change), calls in grouped(one for one in lower if one[0][1]).items():
        yield f"{listed(calls)} of {api}: {change}"
    plans = _by_plan(before)
    for key, (name, limits) in _by_plan(after).items():
        for was, limit in zip(plans[key][1] if key in plans else (), limits, strict=False):
            if change := _change(was, limit):
                yield f"each key of {name}: {change}"


def _change(before: Limit | None, after: Limit | None) -> str:
    """How a limit fell. Empty if it did not."""
    if after is None or (before is not None and before[0] <= after[0]):
        return ""
    return f"429 above {after[1]}{f' ({before[1]} before)' if before else ''}"


def _by_call(reach: Reach) -> Mapping[tuple[str, str], Limit | None]:
    found = ((api.resource.name, call.name, loosest(api, call)) for api in reach.model.apis.all for call in api.calls)
    return {(api, call): (limit.rate, limit.rate_text) if limit else None for api, call, limit in found}


def _by_plan(reach: Reach) -> Mapping[str, tuple[str, tuple[Limit | None, Limit | None]]]:
    """The rate and the quota of each usage plan, with its name."""
    found = {}
    for resource in reach.model.graph.of_type(*types.USAGE_PLAN):
        one = plan(reach.model.graph, resource)
        rate = (one.rate, f"{one.rate:,g}/s") if one.rate is not None else None
        quota = (one.quota.a_month, str(one.quota)) if one.quota is not None else None
        found[key_of(resource.urn)] = resource.name, (rate, quota)
    return found
