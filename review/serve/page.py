"""The page of a stack that is served: its picture, the last requests with their paths, and a form to send one."""

from __future__ import annotations

import html
import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx

from .asgi import body_of, respond
from .request import Trace
from .stack import Stack

_KEPT: Final = 50
_PAGE: Final = Path(__file__).with_name("page.html")
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; "
    "frame-ancestors 'none'"
)


class Page:
    """An ASGI application on 127.0.0.1. It answers only requests that name its own address (DNS rebinding)."""

    def __init__(self, stack: Stack, name: str) -> None:
        self._stack, self._name = stack, name
        self._requests: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def add(self, trace: Trace, spent: float) -> None:
        """Remember a request."""
        self._requests.appendleft(
            {
                "status": trace.status,
                "method": trace.method,
                "path": trace.path,
                "route": trace.route,
                "hops": [trace.api, *(name for name, _ in trace.hops)],
                "note": trace.note,
                "milliseconds": round(trace.milliseconds),
                "spent": spent,
            }
        )

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        body = await body_of(receive)
        status, kind, told = await self._answer(scope, headers, body)
        fields = [
            (b"content-type", kind.encode()),
            (b"content-security-policy", _POLICY.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"cache-control", b"no-store"),
        ]
        await respond(send, status, fields, told)

    async def _answer(
        self, scope: Mapping[str, Any], headers: Mapping[bytes, str], body: bytes
    ) -> tuple[int, str, bytes]:
        origin, own = headers.get(b"origin"), self._stack.page_url.rstrip("/")
        if f"http://{headers.get(b'host')}" != own or origin not in (None, own):
            return 403, "text/plain", b"this page answers on its own address only\n"
        match (scope["method"], scope["path"]):
            case ("GET", "/"):
                return 200, "text/html; charset=utf-8", self._html().encode()
            case ("GET", "/requests"):
                return 200, "application/json", json.dumps(list(self._requests)).encode()
            case ("POST", "/send") if origin is not None:
                return 200, "application/json", json.dumps(await self._send(json.loads(body))).encode()
        return 404, "text/plain", b"not found\n"

    async def _send(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request of the form to one of the stack's APIs, and to nothing else."""
        base = next(
            (url for url in self._stack.urls.values() if str(wanted.get("url", "")).startswith(f"{url}/")), None
        )
        if base is None:
            return {"status": 0, "body": "the address is none of this stack's APIs"}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            answer = await client.request(
                str(wanted["method"]),
                str(wanted["url"]),
                headers=wanted.get("headers"),
                content=wanted.get("body") or None,
            )
        return {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.text[:20_000]}

    def _html(self) -> str:
        routes = [
            {"method": "GET" if line.method == "ANY" else line.method, "url": line.url, "headers": line.headers}
            for line in self._stack.routes()
        ]
        # A text inside the script must not end it.
        data = json.dumps(routes).replace("<", "\\u003c")
        page = _PAGE.read_text(encoding="utf-8")
        picture = self._stack.picture()
        return (
            page.replace("{{name}}", html.escape(self._name))
            .replace("{{picture}}", picture)
            .replace("{{routes}}", data)
        )
