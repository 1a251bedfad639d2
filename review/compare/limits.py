"""Calls that a change ends sooner or later: by other throttles, quotas and concurrency, or by shorter time-outs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.compute.functions import timeout
from ..graph import Resource
from ..graph.given import held
from ..graph.graph import grouped
from ..graph.prose import listed
from ..graph.reading import number
from ..reach import Reach
from ..reach.limits import limits
from .engine.side import key_of

_TIME: Final = "time"


def other_limits(before: Reach, after: Reach) -> tuple[list[str], list[str]]:
    """Sentences on limits that are new or lower and on shorter time-outs, and on limits that are higher or gone."""
    old = {(key_of(resource.urn), *key): limit for resource, *key, limit in _limits(before)}
    found = list[tuple[tuple[bool, str, str], str]]()
    for resource, kind, whose, (has, text, words) in _limits(after):
        had, _, was = old.get((key_of(resource.urn), kind, whose), (has, "", ""))
        if has < had:
            found.append(((True, resource.name, f"{text}{f' ({was} before)' if was else ''}"), whose))
        elif has > had and kind != _TIME:
            found.append(((False, resource.name, f"{text if words else 'not limited any more'} ({was} before)"), whose))
    said = [(lower, f"{listed(of)} of {name}: {change}") for (lower, name, change), of in grouped(found).items()]
    return [text for lower, text in said if lower], [text for lower, text in said if not lower]


def _limits(reach: Reach) -> Iterator[tuple[Resource, str, str, tuple[float, str, str]]]:
    """Limits and time-outs: their holder, kind and calls, the amount, a sentence on it and the amount in words."""
    for resource, kind, whose, (calls, text) in limits(reach):
        # Callers of an API see another status for it: 5xx.
        refused = "throttled by Lambda" if kind == "concurrency" else "429"
        yield resource, kind, whose, (calls, f"{refused} above {text}", text)
    model, waits = reach.model, list[tuple[Resource, str, str, float | None]]()
    for api in model.apis.all:
        # A stream that has begun ends without a status.
        ends = ((call, "ended" if call.integration.streams else "504") for call in api.calls)
        waits += [(api.resource, does, call.name, call.integration.seconds) for call, does in ends]
    waits += [(function, "ended", "calls", timeout(function)) for function in model.graph.of_type(*types.FUNCTION)]
    for load_balancer in model.graph.of_type(*types.LOAD_BALANCER):
        waits.append((load_balancer, "504", "calls that stay silent", number(held(load_balancer, "idleTimeout") or 60)))
    for resource, does, whose, seconds in waits:
        if seconds is not None:
            yield resource, _TIME, whose, (seconds, f"{does} after {seconds:g} s", f"{seconds:g} s")
