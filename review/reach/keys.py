"""API keys by their limits, which are each key's own.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .statements import Part

_DAYS: Final = {"DAY": 1.0, "WEEK": 7.0}


@dataclass(frozen=True)
class Quota:
    """Calls that each key may make in a period."""

    limit: float
    period: str

    def count_in(self, days: float) -> float:
        """Calls in a month of so many days."""
        return self.limit * days / _DAYS.get(self.period, days)

    def __str__(self) -> str:
        return f"{self.limit:,g} a {self.period.lower()}"


@dataclass(frozen=True)
class Keys:
    """Keys with the same limits."""

    count: int
    rate: float | None
    """Calls a second over all routes that have no rate of their own; None without a throttle, or if it is not known."""
    by_route: Mapping[str, float]
    """Rates of single routes, `GET /orders`: of the route's own path, and of each path below it."""
    quota: Quota | None

    def __str__(self) -> str:
        """`2 keys, each 50/s and 1,000 a day`."""
        limits = [f"{self.rate:,g}/s"] if self.rate is not None else []
        limits += [str(self.quota)] if self.quota is not None else []
        each = "each " if self.count > 1 else ""
        return self.counted + (f", {each}{' and '.join(limits)}" if limits else "")

    @property
    def counted(self) -> str:
        """`2 keys`."""
        return f"{self.count} key{'' if self.count == 1 else 's'}"


def group_keys(api: Part) -> list[Keys]:
    """Returns the keys of an API that are limited alike, in the order of the statement."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for key in api.get_map("keys").values():
        limits = {name: key.get(name) for name in ("rate", "routes", "quota")}
        groups.setdefault(json.dumps(limits, sort_keys=True, default=str), []).append(limits)
    return [_read_keys(alike[0], len(alike)) for alike in groups.values()]


def _read_keys(limits: Mapping[str, Any], count: int) -> Keys:
    routes = {call: rate for call, throttle in (limits["routes"] or {}).items() if (rate := read_rate(throttle))}
    quota = limits["quota"]
    limit = read_number(quota["limit"]) if quota else None
    return Keys(count, read_rate(limits["rate"]), routes, None if limit is None else Quota(limit, str(quota["period"])))


def read_rate(throttle: Any) -> float | None:
    """The calls a second of a throttle; None without one, or if the rate is not known."""
    return read_number(throttle["rate"]) if isinstance(throttle, Mapping) else None


def read_number(value: Any) -> float | None:
    """A stated number; None if the deployment decides it."""
    return float(value) if isinstance(value, int | float) else None
