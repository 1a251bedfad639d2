"""Backends on this machine, in place of the stack's: the user's own, or one that echoes."""

import json
import ssl
import time
from collections.abc import Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import httpx

from ..graph import Resource
from ..graph.reading import number, peek, text
from .asgi import application
from .network import Verdict
from .relays import CHECK_SECONDS, accepts
from .request import Request, Response, Say

_INTERVAL_SECONDS: Final = 30.0
_OK: Final = "200"


def local_client(seconds: float | None = None, trusted: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """A client for addresses of this machine without proxies, which keeps no cookies; `trusted` for those by TLS."""
    return httpx.AsyncClient(
        # To read the certificates of this machine takes 20 ms.
        verify=trusted or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        limits=httpx.Limits(max_connections=None),
        trust_env=False,
        timeout=seconds,
    )


class BackendError(ValueError):
    """A backend that the stack does not have, or that cannot run here. The text gives the reason and the remedy."""


class Backends:
    """Addresses of the local backends, and their health."""

    def __init__(
        self, given: Sequence[str], echo: str, names: Mapping[str, Resource], client: httpx.AsyncClient, say: Say
    ) -> None:
        """`given` are URLs, one for all backends or `name=URL` for each. `echo` is the address of our own.

        Raises BackendError.
        """
        self._echo, self._client, self._say = echo, client, say
        self._default = ""
        self._by_urn: dict[str, str] = {}
        self._health: dict[tuple[str, str], tuple[float, bool]] = {}
        for one in given:
            name, equals, url = one.partition("=")
            if not equals or "://" in name:
                self._default = _host_port(one)
            elif name in names:
                self._by_urn[names[name].urn] = _host_port(url)
            else:
                raise BackendError(f"--backend {name}: the stack's backends are {', '.join(names) or 'none'}")

    def address(self, verdict: Verdict) -> str:
        """`host:port` of the backend that a call arrives at."""
        own = next((self._by_urn[one.urn] for one in verdict.backends if one.urn in self._by_urn), "")
        return own or self._default or self._echo

    async def unhealthy(self, verdict: Verdict) -> list[str]:
        """Names of the target groups on the way whose health checks fail."""
        return [group.name for group in verdict.groups if not await self._passes(group, self.address(verdict))]

    async def _passes(self, group: Resource, backend: str) -> bool:
        interval = number(peek(group, "healthCheck", "interval")) or _INTERVAL_SECONDS
        checked, healthy = self._health.get((group.urn, backend), (0.0, True))
        if checked and time.monotonic() - checked < min(interval, CHECK_SECONDS):
            return healthy
        now = await self._check(group, backend)
        if now != healthy or (not checked and not now):
            self._say(f"{group.name}: {backend} is {'healthy' if now else 'unhealthy: its health check fails'}")
        self._health[group.urn, backend] = (time.monotonic(), now)
        return now

    async def _check(self, group: Resource, backend: str) -> bool:
        if text(peek(group, "healthCheck", "protocol")).upper() in ("", "TCP"):
            return await accepts(backend)
        path = text(peek(group, "healthCheck", "path")) or "/"
        wanted = text(peek(group, "healthCheck", "matcher")) or _OK
        try:
            answer = await self._client.get(f"http://{backend}{path}", timeout=CHECK_SECONDS)
        except httpx.HTTPError:
            return False
        return any(_within(answer.status_code, part) for part in wanted.split(","))


def _within(status: int, wanted: str) -> bool:
    first, _, last = wanted.partition("-")
    return int(first) <= status <= int(last or first)


def _host_port(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or 80
    except ValueError as problem:
        raise BackendError(f"--backend {url}: {problem}; give http://host:port") from None
    # A path or a user would be left out.
    if parts.hostname is None or parts.scheme != "http" or parts.path not in ("", "/") or parts.username is not None:
        raise BackendError(f"--backend {url}: give http://host:port")
    return f"{parts.hostname}:{port}"


@application
async def echo(request: Request) -> Response:
    """Answers with the request that it received, as JSON."""
    told = {
        "method": request.method,
        "path": request.raw_path,
        "query": request.raw_query,
        "headers": request.headers,
        "body": request.body.decode(errors="replace"),
    }
    return Response(200, [("content-type", "application/json")], json.dumps(told, indent=2).encode() + b"\n")
