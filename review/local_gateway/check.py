"""Tries each need of each way once right and once wrong, and compares the gateway's answer with what is stated.

The gateway reads the API's document and resources, and the expectation is the statement of the component: two sources.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import httpx

from ..callers.calls import Pattern, list_patterns
from ..facts import limits
from ..facts.route_paths import PROXY_PART
from .caller_headers import build_headers
from .errors import WEBHOOK
from .matching import fill_path, match
from .needs import Choice, Credentials, choose_right, list_needs
from .request import Request, Trace

if TYPE_CHECKING:
    from .apis import Route, ServedApi
    from .gateway import Gateway
    from .stack import Stack

_REFUSALS: Final = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND)
_ALL: Final = Choice("all needs", True, {})
_UNSERVED: Final = {"certificate": "a client certificate", "firewall": "the rules of the web ACL"}
"""Needs that nothing here checks, in words."""
_BY_FUNCTION: Final = "authorizer"
"""The need that a function decides about."""


@dataclass(frozen=True)
class Row:
    """One call that was tried."""

    api: str
    call: str
    """`GET /orders`."""
    route: str
    """The route that took it, `GET /orders/{proxy+}`; empty if none did."""
    need: str
    """Empty for a call with all needs."""
    choice: str
    is_stated: bool | None
    """Whether the component states that the call is admitted. None if a function decides."""
    is_admitted: bool | None
    """Whether the gateway admits it. None if it was not tried."""
    status: int = 0
    note: str = ""
    setting: str = ""
    """The key of the stack file that refused it."""

    @property
    def agrees(self) -> bool:
        return None in (self.is_stated, self.is_admitted) or self.is_stated is self.is_admitted

    def __str__(self) -> str:
        done = {True: "passes", False: "is refused", None: "is not tried"}[self.is_admitted]
        stated = "" if self.agrees else f", and is stated to be {'admitted' if self.is_stated else 'refused'}"
        who = f"{self.need}: {self.choice}" if self.need else self.choice
        status = f" ({self.status}{stated})" if self.status else ""
        return f"{self.api} {self.call} ({who}) {done}{status}{f': {self.note}' if self.note else ''}"


async def check(stack: Stack) -> list[Row]:
    """Every call that is worth trying, in the order of the statements. Takes no token of a throttle or quota."""
    rows: list[Row] = []
    with stack.buckets.stop_counting():
        for gateway in stack.gateways:
            paths = [*list_patterns(gateway.api.part.statement)]
            for path in paths:
                for call in _list_calls(gateway.api, path):
                    rows += [row async for row in _Way(stack, gateway, paths, path, call).try_all()]
    # Ways of one path lack the same method.
    return [*dict.fromkeys(rows)]


def _list_calls(api: ServedApi, path: Pattern) -> Iterator[str]:
    """A path that is called for one that is stated, and a deeper one if another route of the API takes that."""
    filled = fill_path(path.path)
    yield filled
    deeper = f"{filled}/deeper"
    method = "GET" if path.method == limits.ANY else path.method
    taken = [match(api.routes, method, each, rest=api.is_rest) for each in (filled, deeper)]
    if path.path.endswith(PROXY_PART) and taken[0] and taken[1] and taken[0][0] is not taken[1][0]:
        yield deeper


class _Way:
    """One path of a way that a component states."""

    def __init__(self, stack: Stack, gateway: Gateway, paths: list[Pattern], path: Pattern, call: str) -> None:
        self._stack, self._gateway, self._paths, self._stated = stack, gateway, paths, path
        self._api: ServedApi = gateway.api
        self._path = call

    async def try_all(self) -> AsyncIterator[Row]:
        method = next((one for one in self._list_methods() if self._find_owner(one) is self._stated), None)
        if method is None:
            return  # Ways with more specific paths take all of its calls.
        found = match(self._api.routes, method, self._path, rest=self._api.is_rest)
        route = None if found is None else replace(found[0], way=self._stated.way)
        if route is not None and route.unserved:
            yield self._make_row(method, "", _ALL, Trace("", "", "", note="; ".join(route.unserved)), None)
            return
        needs = [] if route is None else list_needs(self._stack, self._api, route)
        right = choose_right(needs)
        is_decided = any(need.name == _BY_FUNCTION for need in needs)
        first = await self._try(method, route, "", _ALL, right, is_open=is_decided)
        yield first
        for need in needs:
            for choice in need.choices if first.is_admitted or need.name == _BY_FUNCTION else ():
                is_open = is_decided and choice.is_right
                if choice is not need.choices[0]:
                    yield await self._try(
                        method, route, need.name, choice, right.change(choice.changes), is_open=is_open
                    )
        for name in self._list_unserved():
            choice = Choice(_UNSERVED[name], True, {})
            yield self._make_row(method, name, choice, Trace("", "", "", note="it is not served here"), None)
        if other := next((one for one in limits.METHODS if self._is_refused(one)), None):
            choice = Choice(f"{other}, which no way takes", False, {})
            yield await self._try(other, route, "method", choice, right)

    def _list_unserved(self) -> list[str]:
        """Needs that nothing here checks."""
        stated = {*self._stated.way.get("needs", {}), *(["firewall"] if self._api.part.get("firewall") else [])}
        return [name for name in _UNSERVED if name in stated]

    def _list_methods(self) -> tuple[str, ...]:
        return limits.METHODS if self._stated.method == limits.ANY else (self._stated.method,)

    def _find_owner(self, method: str) -> Pattern | None:
        """The way that takes a call of this path by a method."""
        found = match(self._paths, method, self._path, rest=self._api.is_rest)
        return None if found is None else found[0]

    def _is_refused(self, method: str) -> bool:
        is_preflight = method == "OPTIONS" and bool(self._api.part.get("preflight"))
        return self._find_owner(method) is None and not is_preflight

    async def _try(
        self, method: str, route: Route | None, need: str, choice: Choice, who: Credentials, *, is_open: bool = False
    ) -> Row:
        """`is_open`: a function decides."""
        target = f"{who.prefix}{self._path}"
        url = self._stack.urls[self._api.name] + target
        headers = build_headers(self._stack, who, route.function if route else None, method, url)
        sent = {"host": url.split("/")[2], **{name.lower(): value for name, value in headers.items()}}
        answer, trace = await self._gateway.answer(Request(method, target, "", [*sent.items()], b""))
        if answer.stream is not None:
            await answer.stream.aclose()  # type: ignore[attr-defined] # all of them are generators
        return self._make_row(method, need, choice, trace, _is_admitted(trace), is_open=is_open)

    def _make_row(
        self, method: str, need: str, choice: Choice, trace: Trace, is_admitted: bool | None, *, is_open: bool = False
    ) -> Row:
        return Row(
            api=self._api.name,
            call=f"{method} {self._path}",
            route=trace.route,
            need=need,
            choice=choice.label,
            is_stated=None if is_open else choice.is_right,
            is_admitted=is_admitted,
            status=trace.status,
            note=trace.note,
            setting=trace.setting,
        )


def _is_admitted(trace: Trace) -> bool:
    """Whether a call got past all that decides about callers. What is behind may fail by itself."""
    if trace.setting == WEBHOOK:
        return False
    return bool(trace.hops) or trace.status not in _REFUSALS
