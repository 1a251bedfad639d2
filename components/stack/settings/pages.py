"""Methods and headers that web pages need to call routes. https://fetch.spec.whatwg.org/#http-cors-protocol"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from ...facts.limits import ANY, METHODS


class Authorizer(Protocol):
    """The part of an authorizer that pages must know."""

    @property
    def identity_headers(self) -> Sequence[str]: ...


class Route(Protocol):
    """The part of a route that pages must know."""

    @property
    def methods(self) -> Sequence[str]: ...
    @property
    def authorization(self) -> str: ...
    @property
    def key_required(self) -> bool: ...


BROWSER_METHODS: Final = tuple(method for method in METHODS if method != "OPTIONS")
"""Methods of calls; OPTIONS is the browser's own, for preflight requests."""
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
_SIGNATURE: Final = ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
CONTENT_TYPE: Final = "Content-Type"


def list_called_methods(routes: Iterable[Route]) -> list[str]:
    """Returns methods that routes take, without the preflight request's."""
    taken = {method for route in routes for method in route.methods}
    return [method for method in BROWSER_METHODS if method in taken or ANY in taken]


def list_headers(routes: Iterable[Route], authorizers: Mapping[str, Authorizer]) -> list[str]:
    """Returns headers that calls of routes need, by the routes' authorization and methods."""
    headers: list[str] = []
    for route in routes:
        authorizer = authorizers.get(route.authorization)
        headers += _SIGNATURE if route.authorization == "iam" else ()
        headers += authorizer.identity_headers if authorizer else ()
        headers += ["X-Api-Key"] if route.key_required else ()
        headers += [CONTENT_TYPE] if {"POST", "PUT", "PATCH", ANY} & set(route.methods) else ()
    return list(dict.fromkeys(headers))
