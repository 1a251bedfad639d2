"""Calls that a change answers with 429 where more of them passed before: lower throttles and quotas.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Iterator
from typing import NamedTuple

from ..aws import types
from ..aws.throttle import loosest, per_second
from ..aws.usage_plans import plan
from ..graph.graph import grouped
from ..graph.prose import listed
from ..reach import Reach
from .side import key_of


class _Limit(NamedTuple):
    """A limit of one call of an API, or of each key of a usage plan."""

    owner: str
    whose: str
    calls: float | None
    """None without a limit."""
    text: str


def fewer_calls(before: Reach, after: Reach) -> Iterator[str]:
    """A sentence for each limit that is new, or lower than before."""
    old = _limits(before)
    pairs = ((key[0], old[key], limit) for key, limit in _limits(after).items() if key in old)
    lower = (
        ((owner, limit.owner, f"429 above {limit.text}{f' ({was.text} before)' if was.text else ''}"), limit.whose)
        for owner, was, limit in pairs
        if limit.calls is not None and (was.calls is None or limit.calls < was.calls)
    )
    yield from (f"{listed(whose)} of {name}: {change}" for (_, name, change), whose in grouped(lower).items())


def _limits(reach: Reach) -> dict[tuple[str, str], _Limit]:
    """Each limit by its owner's key and by what it limits."""
    found: dict[tuple[str, str], _Limit] = {}
    for api in reach.model.apis.all:
        for call in api.calls:
            limit = loosest(api, call)
            key = key_of(api.resource.urn), call.name
            found[key] = _of_rate(api.resource.name, call.name, limit.rate if limit else None)
    for resource in reach.model.graph.of_type(*types.USAGE_PLAN):
        one, name, urn = plan(reach.model.graph, resource), resource.name, key_of(resource.urn)
        found[urn, "rate"] = _of_rate(name, "each key", one.rate)
        found[urn, "quota"] = _Limit(name, "each key", one.quota.a_month if one.quota else None, str(one.quota or ""))
    return found


def _of_rate(owner: str, whose: str, rate: float | None) -> _Limit:
    return _Limit(owner, whose, rate, "" if rate is None else per_second(rate))
