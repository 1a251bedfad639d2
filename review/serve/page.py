"""The page of a stack that is served: its picture, the last requests with their paths, and a form to send one."""

import functools
import html
import json
import re
import secrets
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import h11
import httpx

from ..aws.catalog import types
from ..graph.json_text import parsed
from .printed_calls import route_lines
from .request import Request, Response, Trace
from .stack import Stack

_KEPT: Final = 50
_MOST_TEXT: Final = 20_000
_OF_A_CONNECTION: Final = ("host", "connection", "content-length", "transfer-encoding", "accept-encoding")
_PAGE: Final = Path(__file__).with_name("page.html")
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'; "
    "script-src 'nonce-"
)
_FIELDS: Final = (("x-content-type-options", "nosniff"), ("cache-control", "no-store"))


class Page:
    """The page. It answers only requests that name its own address (DNS rebinding)."""

    def __init__(self, stack: Stack, name: str) -> None:
        self._stack, self._name, self._nonce = stack, name, secrets.token_urlsafe()
        # The picture calls a function of a component by the component's name.
        self._drawn = {one.name: stack.model.names.of(one) for one in stack.graph.of_type(*types.FUNCTION)}
        self._requests: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    @functools.cached_property
    def _parts(self) -> set[str]:
        """Names of the parts that the picture shows."""
        titles = re.findall("<title>(.*?)</title>", self._stack.picture())
        return {html.unescape(title).partition(";")[0] for title in titles}

    def add(self, trace: Trace) -> None:
        """Remember a request."""
        hops = [self._drawn.get(name, name) for name in (trace.api, *(name for name, _ in trace.hops))]
        stopped = self._drawn.get(trace.stopped_at, trace.stopped_at)
        # A call that the gateway refuses goes no further than the API.
        refused = hops[0] if len(hops) == 1 and trace.note else ""
        at = stopped or refused
        # A part that no call reaches is not drawn: the last one before it is marked then.
        before = hops[: hops.index(at)] if at in hops else []
        marked = next((name for name in (at, *reversed(before)) if name in self._parts), "") if at else ""
        shown = {"hops": hops, "stoppedAt": at, "marked": marked, "milliseconds": round(trace.milliseconds)}
        self._requests.appendleft({**trace.told(), **shown, "sent": self._sent(trace)})

    def _sent(self, trace: Trace) -> dict[str, Any]:
        """The request as the form sends it again."""
        request = trace.request
        if request is None:
            return {}
        query = f"?{request.raw_query}" if request.raw_query else ""
        headers = [(name, value) for name, value in request.headers if name not in _OF_A_CONNECTION]
        return {
            "method": request.method,
            "url": f"{self._stack.urls.get(trace.api, '')}{request.raw_path}{query}",
            "headers": [*request.poses.items(), *headers],
            "body": request.body[:_MOST_TEXT].decode(errors="replace"),
        }

    async def answer(self, request: Request) -> Response:
        """The page, the last requests, or the answer to one of the form."""
        status, kind, told = await self._answer(request)
        policy = ("content-security-policy", f"{_POLICY}{self._nonce}'")
        return Response(status, [("content-type", kind), policy, *_FIELDS], told.encode())

    async def _answer(self, request: Request) -> tuple[int, str, str]:
        origin, own = request.header("origin") or None, self._stack.page_url.rstrip("/")
        if f"http://{request.host}" != own or origin not in (None, own):
            return 403, "text/plain", "this page answers on its own address only\n"
        match (request.method, request.path):
            case ("GET", "/"):
                return 200, "text/html; charset=utf-8", self._html()
            case ("GET", "/requests"):
                return 200, "application/json", json.dumps(list(self._requests))
            case ("POST", "/send") if origin is not None:
                try:
                    return 200, "application/json", json.dumps(await self._send(dict(parsed(request.body))))
                except (ValueError, TypeError, KeyError):
                    return 400, "text/plain", "send an object with method, url, headers and body\n"
        return 404, "text/plain", "not found\n"

    async def _send(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request of the form to one of the stack's APIs, and to nothing else."""
        if not str(wanted.get("url", "")).startswith(tuple(f"{url}/" for url in self._stack.urls.values())):
            return {"status": 0, "body": "no API of this stack has this address"}
        method, url, body = str(wanted["method"]), str(wanted["url"]), wanted.get("body") or None
        headers = [(str(name).encode(), str(value).encode()) for name, value in wanted.get("headers") or []]
        if not isinstance(body, str | None):
            raise TypeError("the body is no text")
        try:
            async with self._stack.client(60) as client:
                answer = await client.request(method, url, headers=headers, content=body)
        except (httpx.HTTPError, httpx.InvalidURL, h11.ProtocolError, ValueError) as problem:
            return {"status": 0, "body": str(problem)}
        return {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.text[:_MOST_TEXT]}

    def _html(self) -> str:
        routes = [
            {"method": "GET" if line.method == "ANY" else line.method, "url": line.url, "headers": line.headers}
            for line in route_lines(self._stack)
        ]
        # A text inside the script must not end it.
        data = json.dumps(routes).replace("<", "\\u003c")
        parts = {
            "name": html.escape(self._name),
            "picture": self._stack.picture(),
            "routes": data,
            "nonce": self._nonce,
        }
        # In one pass: a name in one part may be the mark of another.
        return re.sub(r"{{(\w+)}}", lambda mark: parts[mark[1]], _PAGE.read_text(encoding="utf-8"))
