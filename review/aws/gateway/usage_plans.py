"""Usage plans: how fast and how often the keys of an API may call it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ...graph import UNKNOWN, Graph, Resource
from ...graph.evidence import (
    Evidence,
    KnownInput,
    get_deployed_input,
    list_unreferenced_evidence,
    make_input_evidence,
    read_flag,
)
from ...graph.reading import as_list, as_number, as_text, find_referenced, find_referring, get_value
from ..catalog import types
from ..catalog.catalog import make_token
from ..catalog.month import HOURS
from .api import Api
from .throttle import Route, format_rate, parse_method_path

_PLAN_KEY: Final = make_token("apigateway.UsagePlanKey")
_KEYS: Final = (make_token("apigateway.ApiKey"),)
_MEMBERSHIPS: Final = [((_PLAN_KEY,), ("usagePlanId",))]
"""Resources that put a key into a plan, by the input that names the plan."""
_DAYS: Final = {"DAY": 1.0, "WEEK": 7.0, "MONTH": HOURS / 24}


@dataclass(frozen=True)
class Quota:
    """Calls that each key may make in a period."""

    limit: int
    period: str

    @property
    def a_month(self) -> float:
        return self.limit * HOURS / 24 / _DAYS[self.period]

    def __str__(self) -> str:
        return f"{self.limit:,} a {self.period.lower()}"


@dataclass(frozen=True)
class Plan:
    """One plan. Its rates and its quota are each key's own."""

    keys: int
    rate: float | None
    """Calls a second over all methods that have no rate of their own; None without a throttle."""
    by_route: Mapping[Route, float]
    """Rates of single methods."""
    quota: Quota | None

    def __str__(self) -> str:
        """`2 keys, each 50/s and 1,000 a day`."""
        limits = [format_rate(self.rate)] if self.rate is not None else []
        limits += [str(self.quota)] if self.quota is not None else []
        each = "each " if self.keys > 1 else ""
        return self.counted + (f", {each}{' and '.join(limits)}" if limits else "")

    @property
    def counted(self) -> str:
        """`2 keys`."""
        return f"{self.keys} key{'' if self.keys == 1 else 's'}"


def list_plans(graph: Graph, api: Api) -> list[Plan]:
    """The plans that limit the calls with keys of an API. Empty if they may hold more keys than this stack shows."""
    # No variable has the name of the function: Python 3.12.1 takes it for the variable, unbound.
    resources = [found for found in graph.list_by_type(*types.USAGE_PLAN) if any(_list_stages(graph, found, api))]
    if not all(holds_all_keys(graph, resource) for resource in resources):
        return []
    return [plan(graph, resource, api) for resource in resources]


class Members(NamedTuple):
    """The keys of a usage plan: how many, how many of them open it and are disabled for sure, and the evidence."""

    members: int
    usable: int
    disabled: int
    evidence: tuple[Evidence, ...]

    @classmethod
    def read(cls, graph: Graph, plan: Resource) -> Members:
        keys = [key for link in plan_keys(graph, plan) for key in find_referenced(graph, link, "keyId", types=_KEYS)]
        flags = [read_flag(key, "enabled", absent=True) for key in keys]
        # A key that is not in this stack is taken for enabled, as most are.
        outside = len(plan_keys(graph, plan)) - len(keys)
        evidence = (
            *(make_input_evidence(key, "enabled") for key in keys),
            *list_unreferenced_evidence(graph, plan, _MEMBERSHIPS),
        )
        return cls(len(flags) + outside, flags.count(True) + outside, flags.count(False), evidence)


def holds_all_keys(graph: Graph, plan: Resource) -> bool:
    """Whether this stack shows every key of a plan, so that they can be counted."""
    known = all(isinstance(item, KnownInput) for item in list_unreferenced_evidence(graph, plan, _MEMBERSHIPS))
    return bool(plan_keys(graph, plan)) and known


def _to_text(value: Any) -> Any:
    return value if value is UNKNOWN else str(value)


def plan(graph: Graph, resource: Resource, api: Api | None = None) -> Plan:
    """A plan, with the rates of single methods where an API is given."""
    rates: dict[Route, float] = {}
    for stage in _list_stages(graph, resource, api) if api else ():
        for throttle in as_list(get_value(stage, "throttles")):
            if (limit := as_number(get_value(throttle, "rateLimit"))) is not None:
                rates[parse_method_path(as_text(get_value(throttle, "path")))] = limit
    rate = as_number(get_deployed_input(resource, "throttleSettings", "rateLimit"))
    return Plan(len(plan_keys(graph, resource)), rate, rates, read_quota(resource))


def plan_keys(graph: Graph, resource: Resource) -> list[Resource]:
    """The resources that put a key into a plan."""
    return find_referring(graph, resource, (_PLAN_KEY,), "usagePlanId")


def _list_stages(graph: Graph, resource: Resource, api: Api) -> Iterator[object]:
    """Entries of a plan that name a stage of an API."""
    apis = find_referenced(graph, resource, "apiStages", "apiId")
    for entry in as_list(get_deployed_input(resource, "apiStages")):
        named = graph.find(get_value(entry, "apiId"))
        if named is api.resource or (named is None and any(holder.urn == api.resource.urn for holder in apis)):
            yield entry


def read_quota(resource: Resource) -> Quota | None:
    """The quota of a usage plan; None if it has none, or if it is not known."""
    limit = as_number(get_deployed_input(resource, "quotaSettings", "limit"))
    period = as_text(get_deployed_input(resource, "quotaSettings", "period"))
    return Quota(int(limit), period) if limit is not None and period in _DAYS else None
