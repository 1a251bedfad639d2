"""Answers that an application load balancer gives by itself. API Gateway passes them on.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

import re
from typing import Final

from ..aws.gateway.listener_rules import Sent, fixed, redirected
from ..graph.given import held
from ..graph.reading import integer, text
from .asgi import HOST
from .network import Verdict
from .request import Pairs, Response

_VALID: Final = re.compile(r"[-A-Za-z0-9]+")
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""
_REASONS: Final = {
    400: "Bad Request",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}


def error(status: int) -> Response:
    """An error page of a load balancer."""
    title = f"{status} {_REASONS[status]}"
    body = f"<body>\r\n<center><h1>{title}</h1></center>\r\n</body>"
    page = f"<html>\r\n<head><title>{title}</title></head>\r\n{body}\r\n</html>\r\n"
    return Response(status, [("Server", "awselb/2.0"), ("Content-Type", "text/html")], page.encode())


def received(verdict: Verdict, headers: Pairs) -> Pairs:
    """The headers that a load balancer passes on: with its own, and without those of invalid names, if it drops them.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
    """
    drops = verdict.balancer is not None and held(verdict.balancer, "dropInvalidHeaderFields") is True
    passed = [header for header in headers if not drops or _VALID.fullmatch(header[0])]
    if verdict.listener is None:
        return passed
    protocol = text(held(verdict.listener, "protocol")).lower()
    own = {
        "X-Forwarded-For": ", ".join([*(value for name, value in passed if name.lower() == "x-forwarded-for"), HOST]),
        "X-Forwarded-Port": f"{integer(held(verdict.listener, 'port')) or 80}",
        "X-Forwarded-Proto": protocol,
    }
    replaced = {name.lower() for name in own}
    return [*(header for header in passed if header[0].lower() not in replaced), *own.items()]


def blocked(verdict: Verdict) -> tuple[Response, str]:
    """The answer for a call that no target gets, and how long AWS takes for it."""
    if verdict.empty:
        return error(503), "the load balancer answers so at once"
    return error(504), "the load balancer answers so after 10 s"


def own(verdict: Verdict, sent: Sent) -> Response | None:
    """The answer of an action that ends the request. None if the call is forwarded."""
    choice = verdict.choice
    if choice is None:
        return None
    if choice.kind == "fixed-response":
        status, media, body = fixed(choice.action)
        return Response(status, [("Server", "awselb/2.0"), ("Content-Type", media)], body.encode())
    listener = choice.listener
    status, address = redirected(choice.action, sent, text(held(listener, "protocol")), integer(held(listener, "port")))
    return Response(status, [("Server", "awselb/2.0"), ("Content-Type", "text/html"), ("Location", address)])
