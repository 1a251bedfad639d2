"""Calls that a change answers with 429 where more of them passed before: lower throttles, quotas and concurrency.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Iterator

from ..graph.graph import grouped
from ..graph.prose import listed
from ..reach import Reach
from ..reach.limits import limits
from .engine.side import key_of


def fewer_calls(before: Reach, after: Reach) -> Iterator[str]:
    """A sentence for each limit that is new, or lower than before."""
    old = {(key_of(one.urn), *key): limit for one, *key, limit in limits(before)}
    lower = (
        ((one.name, f"429 above {text}{f' ({was[1]} before)' if was[1] else ''}"), whose)
        for one, kind, whose, (calls, text) in limits(after)
        if (was := old.get((key_of(one.urn), kind, whose))) is not None and calls < was[0]
    )
    yield from (f"{listed(whose)} of {name}: {change}" for (name, change), whose in grouped(lower).items())
