"""Calls that a change answers with 429 where more of them passed before: lower throttles and quotas.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

import math
from collections.abc import Iterator

from ..aws import types
from ..aws.throttle import loosest, per_second
from ..aws.usage_plans import plan
from ..graph.graph import grouped
from ..graph.prose import listed
from ..reach import Reach
from .side import key_of


def fewer_calls(before: Reach, after: Reach) -> Iterator[str]:
    """A sentence for each limit that is new, or lower than before."""
    old = dict(_limits(before))
    lower = (
        ((key[:2], f"429 above {text}{f' ({old[key][1]} before)' if old[key][1] else ''}"), key[2])
        for key, (calls, text) in _limits(after)
        if key in old and calls < old[key][0]
    )
    yield from (f"{listed(whose)} of {name}: {change}" for ((_, name), change), whose in grouped(lower).items())


def _limits(reach: Reach) -> Iterator[tuple[tuple[str, str, str], tuple[float, str]]]:
    """Limits by key and name of an API or a plan and what they are of: how many calls, perhaps infinite, in words."""
    for api in reach.model.apis.all:
        for call in api.calls:
            limit = loosest(api, call)
            yield (key_of(api.resource.urn), api.resource.name, call.name), _of_rate(limit.rate if limit else None)
    for resource in reach.model.graph.of_type(*types.USAGE_PLAN):
        one, name, key = plan(reach.model.graph, resource), resource.name, key_of(resource.urn)
        yield (key, name, "each key"), _of_rate(one.rate)
        quota = (one.quota.a_month, str(one.quota)) if one.quota else _of_rate(None)
        yield (f"quota of {key}", name, "each key"), quota


def _of_rate(rate: float | None) -> tuple[float, str]:
    return (math.inf, "") if rate is None else (rate, per_second(rate))
