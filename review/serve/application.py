"""One API as an ASGI application: a gateway behind a server."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from ipaddress import ip_address
from typing import Any, Final

from .asgi import received, send_response
from .gateway import Gateway
from .notices import Told
from .request import NOWHERE, POSES, PRINCIPAL, SOURCE_IP, VPC, VPC_ENDPOINT, Request, Response

_FREE: Final = (401, 403, 429)
"""AWS charges nothing for calls that it refuses for credentials, keys or throttles.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-pricing.html"""


class Application:
    """One API as an ASGI application."""

    def __init__(self, gateway: Gateway, told: Told, cost: float | None) -> None:
        self._gateway, self._told, self._cost = gateway, told, cost

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        request = await received(scope, receive)
        if request is None:
            return
        if malformed := _posed(request) or self._gateway.callers.contradiction(request):
            refused = Response(400, [("content-type", "text/plain")], f"{malformed}\n".encode())
            await send_response(send, refused)
            return
        answer, trace = await self._gateway.handle(request)
        if not answer.header("date"):
            answer.headers.append(("date", formatdate(usegmt=True)))
        trace.cost = 0.0 if self._cost and answer.status in _FREE and not trace.hops else self._cost

        def ended(length: int) -> None:
            trace.end(length)
            self._told(trace)

        await send_response(send, answer, ended)


def _posed(request: Request) -> str:
    """Turn the headers of POSES into the caller. Returns why no gateway can take the request; empty if one can."""
    posed = [(name, value) for name, value in request.headers if name in POSES]
    request.poses = pose = dict(posed)
    request.headers = [(name, value) for name, value in request.headers if name not in POSES]
    request.source_ip = pose.get(SOURCE_IP, request.source_ip)
    request.vpc, request.vpc_endpoint = pose.get(VPC, ""), pose.get(VPC_ENDPOINT, "")
    request.principal = pose.get(PRINCIPAL, "")
    if not request.raw_path.startswith("/"):
        # Behind the backend's `host:port` it would become part of the address.
        return "the request's target must be a path that begins with /"
    for name in pose:
        if [one for one, _ in posed].count(name) > 1:
            return f"send {name.title()} once"
    try:
        ip_address(request.source_ip)
    except ValueError:
        return f"{SOURCE_IP.title()} must be one IP address"
    if request.vpc and request.vpc_endpoint == NOWHERE:
        return f"{VPC_ENDPOINT.title()}: {NOWHERE} is a caller on the internet; leave {VPC.title()} out"
    return ""
