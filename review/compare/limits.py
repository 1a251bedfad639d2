"""Calls that a change ends sooner: with 429 by lower throttles, quotas and concurrency, or by shorter time-outs.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Iterator

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


def lower_limits(before: Reach, after: Reach) -> Iterator[str]:
    """A sentence for each limit that is new or lower than before, and for each time-out that is shorter."""
    old = {(key_of(one.urn), *key): found for one, *key, found in _limits(before)}
    lower = (
        ((one.name, f"{text}{f' ({was[2]} before)' if was[2] else ''}"), whose)
        for one, kind, whose, (amount, text, _) in _limits(after)
        if (was := old.get((key_of(one.urn), kind, whose))) is not None and amount < was[0]
    )
    yield from (f"{listed(whose)} of {name}: {change}" for (name, change), whose in grouped(lower).items())


def _limits(reach: Reach) -> Iterator[tuple[Resource, str, str, tuple[float, str, str]]]:
    """Limits and time-outs: their holder, kind and calls, the amount, a sentence on it and the amount in words."""
    for one, kind, whose, (calls, text) in limits(reach):
        yield one, kind, whose, (calls, f"429 above {text}", text)
    model, waits = reach.model, list[tuple[Resource, str, str, float | None]]()
    for api in model.apis.all:
        waits += [(api.resource, "504", call.name, call.integration.seconds) for call in api.calls]
    waits += [(one, "ended", "calls", timeout(one)) for one in model.graph.of_type(*types.FUNCTION)]
    for one in model.graph.of_type(*types.LOAD_BALANCER):
        waits.append((one, "504", "calls that stay silent", number(held(one, "idleTimeout") or 60)))
    for one, does, whose, seconds in waits:
        if seconds is not None:
            yield one, does, whose, (seconds, f"{does} after {seconds:g} s", f"{seconds:g} s")
