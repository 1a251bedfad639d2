"""Responses that the gateway makes of a function's result or of a backend's answer.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from .call import Call, as_text
from .errors import GatewayError
from .events import is_binary
from .request import Pairs, Response

_KNOWN: Final = frozenset(("isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"))
"""All that a REST API takes in a result."""
_FIELD: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+:[^\r\n\0]*")
_DROPPED: Final = frozenset(
    ("content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
     "te", "trailer", "transfer-encoding", "upgrade")
)  # fmt: skip
_REMAPPED: Final = frozenset(("authorization", "connection", "date", "server", "user-agent", "www-authenticate"))
"""Response headers that REST APIs rename."""


def response_of(result: Any, call: Call) -> Response:
    """The response that a proxy integration makes of a function's result. Raises GatewayError for any other result."""
    rest = call.api.is_rest
    payload = "1.0" if rest else call.route.payload
    if payload == "2.0" and (not isinstance(result, Mapping) or "statusCode" not in result):
        return Response(200, [("Content-Type", "application/json")], as_text(result).encode())
    if not isinstance(result, Mapping):
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function returned no object with a statusCode")
    if rest and (unknown := result.keys() - _KNOWN):
        names = ", ".join(sorted(map(str, unknown)))
        raise GatewayError("BAD_FUNCTION_RESPONSE", f"a REST API takes no {names} in a result")
    body = result.get("body")
    if not isinstance(body, str | None) and payload == "1.0":
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function's body is not text")
    try:
        status, headers = int(result.get("statusCode", 200)), _headers(result, lists=payload == "1.0")
        accepted = call.request.header("accept").partition(",")[0].partition(";")[0].strip().lower()
        decodes = not rest or is_binary(accepted, call.api.binary_types)
        text = "" if body is None else as_text(body)
        raw = base64.b64decode(text) if result.get("isBase64Encoded") is True and decodes else text.encode()
    except (TypeError, ValueError, AttributeError) as problem:
        raise GatewayError("BAD_FUNCTION_RESPONSE", f"the function's response is malformed ({problem})") from None
    if not 200 <= status <= 599 or not all(_FIELD.fullmatch(f"{name}:{value}") for name, value in headers):
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function's status or a header is none of HTTP")
    media = "application/json" if payload == "1.0" else "text/plain; charset=utf-8"
    return to_client(Response(status, headers, raw).default_type(media), rest=rest)


def streamed(prelude: Mapping[str, Any], stream: AsyncIterator[bytes]) -> Response:
    """The response of a function that streams, which only REST APIs pass on."""
    answer = Response(int(prelude.get("statusCode", 200)), _headers(prelude, lists=True), stream=stream)
    return to_client(answer, rest=True)


def _headers(result: Mapping[str, Any], *, lists: bool) -> Pairs:
    """The headers of a result. A name among `multiValueHeaders` has their values only."""
    several = (result.get("multiValueHeaders") or {}) if lists else {}
    listed = {str(name).lower() for name in several}
    single = (result.get("headers") or {}).items()
    return [
        *((str(name), str(value)) for name, values in several.items() for value in values),
        *((str(name), as_text(value)) for name, value in single if str(name).lower() not in listed),
        *(("Set-Cookie", str(cookie)) for cookie in result.get("cookies") or []),
    ]


def to_client(answer: Response, *, rest: bool) -> Response:
    """The response as the gateway passes it on."""
    answer.headers = [
        (f"x-amzn-remapped-{name.lower()}" if rest and name.lower() in _REMAPPED else name, value)
        for name, value in answer.headers
        if name.lower() not in _DROPPED
    ]
    return answer.default_type("application/json") if rest else answer
