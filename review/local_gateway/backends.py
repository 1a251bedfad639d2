"""Backends on this machine, in place of the stack's: the user's own, or one that echoes."""

import asyncio
import json
import math
import re
import ssl
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx

from ..graph import Resource
from ..graph.reading import as_text, get_declared_input
from .asgi import Application, make_application
from .network import Verdict
from .request import Request, Response, Say

_CHECK_SECONDS: Final = 5.0
"""Time in which a health check has to pass, and after which it is sent again."""
_OK: Final = "200"
_SIGNED: Final = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")
"""The service in a signature of AWS."""


def make_local_client(seconds: float | None = None) -> httpx.AsyncClient:
    """A client for addresses of this machine without proxies, which keeps no cookies."""
    return httpx.AsyncClient(
        # To read the certificates of this machine takes 20 ms.
        verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
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
        self, backend_urls: Sequence[str], echo: str, names: Mapping[str, Resource], client: httpx.AsyncClient
    ) -> None:
        """`backend_urls` are URLs, one for all backends or `name=URL` for each. `echo` is the address of our own.

        Raises BackendError.
        """
        self._echo, self._client = echo, client
        self._default = ""
        self._by_urn: dict[str, str] = {}
        self._health: dict[tuple[str, str], tuple[float, bool]] = {}
        for argument in backend_urls:
            name, equals, url = argument.partition("=")
            if not equals or "://" in name:
                self._default = _parse_host_port(argument)
            elif name in names:
                self._by_urn[names[name].urn] = _parse_host_port(url)
            else:
                own = f"the stack's backends are {', '.join(names)}" if names else "name a URL alone, http://host:port"
                raise BackendError(f"--backend {name}: {own}")

    def find_address(self, verdict: Verdict) -> str:
        """`host:port` of the backend that a call arrives at."""
        own = next((self._by_urn[backend.urn] for backend in verdict.backends if backend.urn in self._by_urn), "")
        return own or self._default or self._echo

    async def list_unhealthy_groups(self, verdict: Verdict) -> list[str]:
        """Names of the target groups on the way whose health checks fail."""
        return [group.name for group in verdict.groups if not await self._is_healthy(group, self.find_address(verdict))]

    async def _is_healthy(self, group: Resource, backend: str) -> bool:
        """Whether a health check by HTTP passes. One by TCP fails as requests do, so it is not sent."""
        checked, healthy = self._health.get((group.urn, backend), (-math.inf, True))
        # The checks of a group of a network load balancer, which names no protocol for them, are by TCP.
        own = "HTTP" if as_text(get_declared_input(group, "protocol")).upper() in ("HTTP", "HTTPS") else "TCP"
        is_http = (as_text(get_declared_input(group, "healthCheck", "protocol")) or own).upper() != "TCP"
        if not is_http or time.monotonic() - checked < _CHECK_SECONDS:
            return healthy
        path = "/" + as_text(get_declared_input(group, "healthCheck", "path")).removeprefix("/")
        status = 0
        with suppress(httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            async with asyncio.timeout(_CHECK_SECONDS), self._client.stream("GET", f"http://{backend}{path}") as answer:
                status = answer.status_code
        ranges = (
            part.partition("-")
            for part in (as_text(get_declared_input(group, "healthCheck", "matcher")) or _OK).split(",")
        )
        healthy = any(int(first) <= status <= int(last or first) for first, _, last in ranges)
        self._health[group.urn, backend] = (time.monotonic(), healthy)
        return healthy


def _parse_host_port(url: str) -> str:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or 80
    except ValueError as problem:
        raise BackendError(f"--backend {url}: {problem}; give http://host:port") from None
    # A path or a user would be left out.
    wrong = {f"{parts.scheme} is not served": parts.scheme != "http", "no host": parts.hostname is None}
    wrong |= {"no path is allowed": parts.path not in ("", "/"), "no user is allowed": parts.username is not None}
    if reasons := [reason for reason, applies in wrong.items() if applies]:
        raise BackendError(f"--backend {url}: {', '.join(reasons)}; give http://host:port")
    return f"{parts.hostname}:{port}"


@make_application
async def echo(request: Request) -> Response:
    """Answers with the request that it received, as JSON."""
    description = {
        "method": request.method,
        "path": request.raw_path,
        "query": request.raw_query,
        "headers": request.headers,
        "body": request.body.decode(errors="replace"),
    }
    return Response(200, [("content-type", "application/json")], json.dumps(description, indent=2).encode() + b"\n")


def refuse_aws_calls(say: Say) -> Application:
    """Refuses the AWS calls of functions, and names each. The first part of the path is the function's name."""

    @make_application
    async def refused(request: Request) -> Response:
        function, _, path = request.raw_path.lstrip("/").partition("/")
        called = f"{function} calls AWS ({_name_aws_call(request, path)}), which does not answer here"
        say(f"{called}: start an emulator, and name it by --aws-endpoint")
        # An SDK repeats a call that ends with a 5xx.
        body = json.dumps({"__type": "NotServed", "message": called}).encode()
        return Response(400, [("content-type", "application/x-amz-json-1.1")], body)

    return refused


def _name_aws_call(request: Request, path: str) -> str:
    """`secretsmanager GetSecretValue`, or `s3 GET /bucket/key` where the request names no operation."""
    signed = _SIGNED.search(request.find_header("authorization"))
    operation = request.find_header("x-amz-target").rpartition(".")[2]
    if not operation and request.media == "application/x-www-form-urlencoded":
        operation = parse_qs(request.body.decode(errors="replace")).get("Action", [""])[0]
    return " ".join([signed[1] if signed else "", operation or f"{request.method} /{path}"]).strip()
