"""The calls of an API that need the same and lead to the same place, as one hop."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..callers.calls import get_needs
from ..facts.route_paths import name_below
from .statements import Part

_BELOW: Final = " (and below)"


@dataclass(frozen=True)
class Call:
    """A method and a path of an API, with what it needs from end to end."""

    method: str
    path: str
    way: Mapping[str, Any]
    needs: Mapping[str, Any]

    @property
    def is_below(self) -> bool:
        """Whether the paths below take the same way."""
        return bool(self.way.get("below"))

    @property
    def name(self) -> str:
        """`GET /orders`, by which `protection.acknowledgePublic` names it."""
        return f"{self.method} {self.path}"

    @property
    def methods(self) -> tuple[str, ...]:
        """Its one method, as `list_operations` asks for it."""
        return (self.method,)

    @property
    def paths(self) -> list[str]:
        return [self.path, name_below(self.path)] if self.is_below else [self.path]


@dataclass(frozen=True)
class CallGroup:
    """Calls that need the same and lead to the same place."""

    calls: tuple[Call, ...]
    target: Mapping[str, Any]
    is_all: bool
    """Whether the API has no others."""

    @property
    def needs(self) -> Mapping[str, Any]:
        return self.calls[0].needs

    @property
    def routes(self) -> str:
        """`GET HEAD /forward`, `GET /a and POST /b`, `5 routes`; empty if it is all that the API has."""
        names = group_by_path(self.calls)
        return "" if self.is_all else " and ".join(names) if len(names) <= 2 else f"{len(self.calls)} routes"

    def describe_rate(self, kind: str, *, burst: bool = False) -> str:
        """`100/s a method`, `5/s to 100/s by route`; empty without a throttle. `burst` adds `, burst 50`."""
        rates = [call.way["rate"]["rate"] for call in self.calls if "rate" in call.way]
        known = sorted({rate for rate in rates if isinstance(rate, int | float)})
        if not known or len(rates) < len(self.calls):
            return ""
        if len(known) > 1:
            return f"{known[0]:,g}/s to {known[-1]:,g}/s by route"
        several = sum(len(call.paths) for call in self.calls) > 1
        unit = (" a route" if kind == "http" else " a method") if several else ""
        bursts = {call.way["rate"]["burst"] for call in self.calls if isinstance(call.way["rate"]["burst"], int)}
        most = f", burst {bursts.pop()}" if burst and len(bursts) == 1 else ""
        return f"{known[0]:,g}/s{most}{unit}"


def list_calls(api: Part, find_checks: Any) -> Iterator[Call]:
    """Yields the calls of an API. `find_checks` gives the signature that the target of a way asks for."""
    for key, way in api.get_map("ways").items():
        method, _, path = key.partition(" ")
        yield Call(method, path, way, complete_needs(api, way, find_checks(api, way)))


def complete_needs(api: Part, way: Mapping[str, Any], checks: Mapping[str, Any] | None) -> dict[str, Any]:
    """All that a caller needs from end to end: of the API, its firewall, and what the target checks."""
    needs = dict(get_needs(api.statement, way))
    if firewall := api.get("firewall"):
        needs["firewall"] = firewall
    if checks:
        needs["signature"] = checks
    return needs


def group_calls(api: Part, calls: Iterable[Call]) -> list[CallGroup]:
    """Returns the calls by needs and target, in the order of the statement."""
    groups: dict[str, list[Call]] = {}
    for call in calls:
        key = json.dumps([call.needs, api.get("to", call.way["to"])], sort_keys=True, default=str)
        groups.setdefault(key, []).append(call)
    return [
        CallGroup(tuple(alike), api.get_map("to", alike[0].way["to"]), len(groups) == 1) for alike in groups.values()
    ]


def group_by_path(calls: Iterable[Call], below: str = "") -> list[str]:
    """`GET HEAD /forward`: methods by path. `below` is put behind one whose paths below are called as well."""
    methods: dict[tuple[str, bool], list[str]] = {}
    for call in calls:
        methods.setdefault((call.path, call.is_below), []).append(call.method)
    return [f"{' '.join(sorted(its))} {path}{below * is_below}" for (path, is_below), its in methods.items()]
