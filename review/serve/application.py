"""One API as an ASGI application: a gateway behind a server."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from ipaddress import ip_address
from typing import Any, Final

from .asgi import body_of, respond
from .gateway import Gateway
from .notices import Told
from .request import NOWHERE, POSES, PRINCIPAL, SOURCE_IP, VPC, VPC_ENDPOINT, Request, Response, Trace

_STRANGER: Final = "198.51.100.7"
"""Address of a caller on the internet, from a range for documents (RFC 5737)."""

_FREE: Final = (401, 403, 429)
"""AWS charges nothing for calls that it refuses for credentials, keys or throttles.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-pricing.html"""


class Application:
    """One API as an ASGI application."""

    def __init__(self, gateway: Gateway, told: Told, cost: float | None) -> None:
        self._gateway, self._told, self._cost = gateway, told, cost

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        request = await _request_of(scope, receive)
        if malformed := _malformed(request) or self._gateway.contradiction(request):
            await respond(send, 400, [(b"content-type", b"text/plain")], f"{malformed}\n".encode())
            return
        answer, trace = await self._gateway.handle(request)
        trace.cost = 0.0 if self._cost and answer.status in _FREE and not trace.hops else self._cost
        await self._respond(answer, trace, scope["method"], send)

    async def _respond(self, answer: Response, trace: Trace, method: str, send: Any) -> None:
        headers = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in answer.headers]
        if not answer.header("date"):
            headers.append((b"date", formatdate(usegmt=True).encode()))
        empty = answer.status in (204, 304) or answer.status < 200
        if answer.stream is None and not empty:
            headers.append((b"content-length", str(len(answer.body)).encode()))
        head = {"type": "http.response.start", "status": answer.status, "headers": headers}
        length = len(answer.body)
        try:
            if answer.stream is not None:
                await send(head)
                async for part in answer.stream:
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                    length += len(part)
        finally:
            # Before the last part, so that a caller who has the whole answer finds it in the log.
            self._gateway.ended(trace, length)
            self._told(trace)
        if answer.stream is None:
            await send(head)
        await send({"type": "http.response.body", "body": b"" if empty or method == "HEAD" else answer.body})


async def _request_of(scope: Mapping[str, Any], receive: Any) -> Request:
    """The request of an ASGI scope, with the caller that it poses as."""
    body = await body_of(receive)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    pose = {name: value for name, value in headers if name in POSES}
    return Request(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("latin-1"),
        raw_query=scope["query_string"].decode("latin-1"),
        headers=[(name, value) for name, value in headers if name not in POSES],
        body=body,
        source_ip=pose.get(SOURCE_IP, _STRANGER),
        vpc=pose.get(VPC, ""),
        vpc_endpoint=pose.get(VPC_ENDPOINT, ""),
        principal=pose.get(PRINCIPAL, ""),
        poses=pose,
    )


def _malformed(request: Request) -> str:
    """Why no gateway can take the request. Empty if it is well-formed."""
    if not request.raw_path.startswith("/"):
        # Behind the backend's `host:port` it would become part of the address.
        return "the request's target must be a path that begins with /"
    try:
        ip_address(request.source_ip)
    except ValueError:
        return f"{SOURCE_IP.title()} must be one IP address"
    if request.vpc and request.vpc_endpoint == NOWHERE:
        return f"{VPC_ENDPOINT.title()}: {NOWHERE} is a caller on the internet; leave {VPC.title()} out"
    return ""
