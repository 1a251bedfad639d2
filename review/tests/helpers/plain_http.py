"""Calls of plain HTTP on this machine. httpx reads the machine's certificates for each call otherwise: 20 ms."""

import ssl
from functools import partial
from typing import Any, Final

import httpx

# A machine that is busy may take any time to answer.
_OPTIONS: Final[dict[str, Any]] = {
    "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "trust_env": False, "timeout": None,
}  # fmt: skip


def request(method: str, url: str, **given: Any) -> httpx.Response:
    return httpx.request(method, url, **_OPTIONS, **given)


get, post, options, delete = (partial(request, method) for method in ("GET", "POST", "OPTIONS", "DELETE"))
