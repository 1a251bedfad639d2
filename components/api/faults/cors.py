"""Mistakes of CORS that a browser would refuse."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from ...arguments.faults import Fault
from ..args.cors import CorsArgs

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
_ORIGIN_PREFIXES: Final = ("http://*", "https://*")
# https://fetch.spec.whatwg.org/#origin-header
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?")
_PORT_OF_SCHEME: Final = {"http": 80, "https": 443}


def check_cors(cors: CorsArgs, *, http: bool) -> Iterator[Fault]:
    """Refuses origins that no browser sends, and wildcards that browsers take literally."""
    for origin in cors.origins:
        everybody = origin == "*" or (http and origin in _ORIGIN_PREFIXES)
        if everybody and cors.credentials:
            allowed = "origins by name with credentials: any page could call in its visitors' names"
            yield Fault("cors.origins", origin, allowed, "name the pages' origins")
        elif not everybody and not _is_origin(origin):
            patterns = "*, http://* or https://*" if http else "* (a REST API compares other patterns literally)"
            allowed = f"an origin as browsers send it, such as https://app.example.com, or {patterns}"
            yield Fault("cors.origins", origin, allowed, _suggest_origin(origin))
    if cors.expose_headers and not http:
        allowed = "only with kind http: a REST API's real answers are the backend's"
        got, remedy = ", ".join(cors.expose_headers), "let the backend send Access-Control-Expose-Headers"
        yield Fault("cors.expose_headers", got, allowed, remedy)
    for key, values in (("headers", cors.headers), ("expose_headers", cors.expose_headers)):
        if cors.credentials and "*" in values:
            allowed = "headers by name with credentials: browsers then take * for a header's name"
            yield Fault(f"cors.{key}", "*", allowed, "name the headers")


def _is_origin(origin: str) -> bool:
    if not _ORIGIN.fullmatch(origin):
        return False
    parts = urlsplit(origin)
    return _PORT_OF_SCHEME.get(parts.scheme, 0) != parts.port


def _suggest_origin(origin: str) -> str:
    """Returns a question with the origin that may be meant. Empty if there is none."""
    try:
        parts = urlsplit(origin if "://" in origin else f"https://{origin}")
        port = "" if parts.port in (None, _PORT_OF_SCHEME.get(parts.scheme)) else f":{parts.port}"
    except ValueError:
        return ""
    guess = f"{parts.scheme}://{parts.hostname}{port}"
    return f"did you mean {guess}?" if _is_origin(guess) else ""
