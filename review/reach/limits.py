"""Limits on calls: throttles and quotas of APIs and plans, and functions that run only so many calls at once."""

import math
from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.compute.functions import reserved
from ..aws.gateway.throttle import loosest, per_second
from ..aws.gateway.usage_plans import plan
from ..facts import limits as published
from ..graph import Resource
from ..graph.given import held_input
from ..graph.reading import as_number
from .trace import Reach

Limit = tuple[float, str]
"""How many calls, perhaps infinite, and in words; empty words for no limit."""


def limits(reach: Reach) -> Iterator[tuple[Resource, str, str, Limit]]:
    """Limits with their holder, a word for their kind, and the calls that they are of."""
    for api in reach.model.apis.all:
        for call in api.calls:
            throttle = loosest(api, call)
            yield api.resource, "", call.name, _of_rate(throttle.rate if throttle else None)
            yield api.resource, "burst", call.name, _of_burst(throttle.burst if throttle else None)
    for resource in reach.model.graph.of_type(*types.USAGE_PLAN):
        usage = plan(reach.model.graph, resource)
        yield resource, "", "each key", _of_rate(usage.rate)
        yield (
            resource,
            "burst",
            "each key",
            _of_burst(as_number(held_input(resource, "throttleSettings", "burstLimit"))),
        )
        yield resource, "quota", "each key", (usage.quota.a_month, str(usage.quota)) if usage.quota else _of_rate(None)
    for function in reach.model.graph.of_type(*types.FUNCTION):
        calls = reserved(function)
        yield function, "concurrency", "calls", (_of_rate(None) if calls is None else (calls, f"{calls} at once"))


def _of_rate(rate: float | None) -> Limit:
    return (math.inf, "") if rate is None or rate >= published.ACCOUNT_RATE else (rate, per_second(rate))


def _of_burst(calls: float | None) -> Limit:
    return (math.inf, "") if calls is None else (calls, f"a burst of {calls:g}")
