"""Token buckets and quotas as API Gateway counts them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Final

from ..aws.throttle import Throttle
from ..aws.usage_plans import Quota
from ..facts import limits

Clock = Callable[[], float]
_DAY: Final = 86_400
_PERIOD_SECONDS: Final = {"DAY": _DAY, "WEEK": 7 * _DAY, "MONTH": 30 * _DAY}


ACCOUNT: Final = Throttle(limits.ACCOUNT_RATE, limits.ACCOUNT_BURST)


class Buckets:
    """A token bucket for each key. A request takes a token from every bucket that applies, or from none."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}
        """Tokens, and when they were counted."""

    def take(self, wanted: Mapping[Hashable, Throttle]) -> Hashable | None:
        """Take a token from each bucket. Returns the key of an empty bucket, else None."""
        now = self._clock()
        filled: dict[Hashable, float] = {}
        for key, limit in wanted.items():
            burst = int(limit.rate) if limit.burst is None else limit.burst
            tokens, counted = self._buckets.get(key, (burst, now))
            filled[key] = min(burst, tokens + (now - counted) * limit.rate)
        empty = next((key for key, tokens in filled.items() if tokens < 1), None)
        taken = 1 if empty is None else 0
        self._buckets |= {key: (tokens - taken, now) for key, tokens in filled.items()}
        return empty


class Quotas:
    """Requests of each API key in the current period of its plan."""

    def __init__(self, clock: Clock = time.time) -> None:
        self._clock = clock
        self._used: dict[Hashable, tuple[int, int]] = {}

    def take(self, key: Hashable, quota: Quota) -> bool:
        """Count one request. Returns False if the quota of the period is used up."""
        current = int(self._clock() // _PERIOD_SECONDS[quota.period])
        started, used = self._used.get(key, (current, 0))
        used = used if started == current else 0
        if used >= quota.limit:
            return False
        self._used[key] = (current, used + 1)
        return True
