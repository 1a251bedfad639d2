"""Proxy integrations: events that Lambda functions receive, and responses that the gateway makes of their results.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import re
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any, Final
from urllib.parse import unquote

from ..graph.graph import group_pairs
from .call import Call, as_text
from .errors import GatewayError
from .request import HEADERS, Pairs, Response

_TEXTS: Final = ("application/json", "application/xml", "application/javascript")
"""Media types besides text/* that HTTP APIs pass on as text."""
_CONTEXT_2: Final = ("accountId", "apiId", "domainName", "domainPrefix", "requestId", "routeKey", "stage")
_KNOWN: Final = frozenset(("isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"))
"""All that a REST API takes in a result."""
STATUSES: Final = range(200, 600)
NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE: Final = re.compile(r"[^\r\n\v\f\0]*")


def build_event(call: Call) -> dict[str, Any]:
    """The event of a call: with payload version 1.0 of a REST API, and with 2.0 of an HTTP API."""
    return _build_event_1(call) if call.api.is_rest else _build_event_2(call)


def _build_event_1(call: Call) -> dict[str, Any]:
    """An event with payload version 1.0. Header names keep the client's spelling."""
    request = call.request
    seen = _decode_headers(request.list_passed_headers(spelled=True))
    headers = [header for header in seen if header[0].lower() not in HEADERS["withheldByRest"]]
    body, encoded = _encode_body(call)
    return {
        "resource": call.route.path,
        # The path has no stage, but a custom domain's base path.
        "path": request.raw_path if call.api.find_base_paths(request.host_name) else call.path,
        "httpMethod": request.method,
        "headers": dict(headers) or None,
        "multiValueHeaders": group_pairs(headers) or None,
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": group_pairs(request.query) or None,
        "pathParameters": dict(call.variables) or None,
        "stageVariables": dict(call.api.variables) or None,
        "requestContext": {name: value for name, value in call.context.items() if name != "routeKey"},
        "body": body,
        "isBase64Encoded": encoded,
    }


def _build_event_2(call: Call) -> dict[str, Any]:
    """An event with payload version 2.0, whose `rawPath` has no base path."""
    request = call.request
    path = unquote(call.path if call.api.find_base_paths(request.host_name) else request.raw_path)
    headers = {
        name.lower(): value for name, value in _join_pairs(_decode_headers(request.list_passed_headers())).items()
    }
    headers.pop("cookie", None)
    body, encoded = _encode_body(call)
    context: dict[str, Any] = {
        **{name: call.context[name] for name in _CONTEXT_2},
        "http": {
            "method": request.method,
            "path": path,
            "protocol": call.context["protocol"],
            "sourceIp": request.source_ip,
            "userAgent": request.find_header("user-agent"),
        },
        "time": call.context["requestTime"],
        "timeEpoch": call.context["requestTimeEpoch"],
        **({"authorizer": call.identity.context_2} if call.identity.context_2 else {}),
    }
    optional = {
        "cookies": [part.strip() for value in request.list_values("cookie") for part in value.split(";")],
        "queryStringParameters": _join_pairs(request.query),
        "pathParameters": dict(call.variables),
    }
    return {
        "version": "2.0",
        "routeKey": call.route.name,
        "rawPath": path,
        "rawQueryString": request.raw_query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": encoded,
        **{name: value for name, value in optional.items() if value},
        **({"body": body} if body is not None else {}),
    }


def _encode_body(call: Call) -> tuple[str | None, bool]:
    """The body of an event, and whether it is base64.

    REST APIs encode the media types that they declare as binary, HTTP APIs every type but a few.
    """
    body, media = call.request.body, call.request.media
    if not body:
        return None, False
    if call.api.is_rest:
        binary = is_binary(media, call.api.binary_types)
    else:
        binary = not media.startswith("text/") and media not in _TEXTS
    if not binary:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def is_binary(media: str, binary_types: Collection[str]) -> bool:
    """Whether a REST API declares the media type as binary: by its name, or by a range that ends with `/*`."""
    ranges = (kind[:-1] for kind in binary_types if kind.endswith("/*"))
    named = media in binary_types and not media.startswith("*/")
    return named or any(kind == "*/" or media.startswith(kind) for kind in ranges)


def _decode_headers(headers: Pairs) -> Pairs:
    """Headers as an event has them: values in UTF-8 are decoded. handlers/forwarder has what is known of it."""
    return [(name, _from_utf_8(value)) for name, value in headers]


def _from_utf_8(value: str) -> str:
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _join_pairs(pairs: Pairs) -> dict[str, str]:
    return {name: ",".join(values) for name, values in group_pairs(pairs).items()}


def make_response(result: Any, call: Call) -> Response:
    """The response that a proxy integration makes of a function's result. Raises GatewayError for any other result."""
    is_rest = call.api.is_rest
    without_status = not (isinstance(result, Mapping) and "statusCode" in result)
    # LocalStack's tests against AWS have measured an HTTP API's answer to an error.
    failed = isinstance(result, Mapping) and "errorMessage" in result
    if result == {} if is_rest else without_status and failed:
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the API takes no such result without a statusCode")
    if without_status and not is_rest:
        return Response(200, [("Content-Type", "application/json")], as_text(result).encode())
    status, headers = _parse_head(result, lists=is_rest)
    if is_rest and (unknown := result.keys() - _KNOWN):
        names = ", ".join(sorted(map(str, unknown)))
        raise GatewayError("BAD_FUNCTION_RESPONSE", f"a REST API takes no {names} in a result")
    body = result.get("body")
    if not isinstance(body, str | None) and is_rest:
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function's body is not text")
    try:
        accepted = call.request.find_header("accept").partition(",")[0].partition(";")[0].strip().lower()
        decodes = not is_rest or is_binary(accepted, call.api.binary_types)
        text = "" if body is None else as_text(body)
        raw = base64.b64decode(text) if result.get("isBase64Encoded") is True and decodes else text.encode()
    except ValueError as problem:
        raise GatewayError("API_CONFIGURATION_ERROR", f"the function's body is malformed ({problem})") from None
    media = "application/json" if is_rest else "text/plain; charset=utf-8"
    return to_client(Response(status, headers, raw).set_default_type(media), rest=is_rest)


def make_stream_response(prelude: Any, stream: AsyncIterator[bytes]) -> Response:
    """The response of a function that streams, which only REST APIs pass on. Raises GatewayError."""
    return to_client(Response(*_parse_head(prelude, lists=True), stream=stream), rest=True)


def _parse_head(result: Any, *, lists: bool) -> tuple[int, Pairs]:
    """Status and headers of a result. Raises GatewayError if HTTP does not have them."""
    if not isinstance(result, Mapping):
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function returned no object with a statusCode")
    try:
        status, headers = int(result.get("statusCode", 200)), _parse_headers(result, lists=lists)
    except (TypeError, ValueError, OverflowError, AttributeError) as problem:
        raise GatewayError("BAD_FUNCTION_RESPONSE", f"the function's response is malformed ({problem})") from None
    if not is_sendable(status, headers):
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function's status or a header is none of HTTP")
    return status, headers


def is_sendable(status: int, headers: Pairs) -> bool:
    """Whether HTTP has such an answer."""
    named = all(NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in headers)
    return named and status in STATUSES


def _parse_headers(result: Mapping[str, Any], *, lists: bool) -> Pairs:
    """The headers of a result. A name of both has the values of `multiValueHeaders` first, and each value once.

    AWS documents no header that is null. It is left out here.
    """
    several = (result.get("multiValueHeaders") or {}) if lists else {}
    listed = {(str(name).lower(), as_text(value)) for name, values in several.items() for value in values}
    spelled = {str(name).lower(): str(name) for name in several}
    single = (result.get("headers") or {}).items()
    cookies = result.get("cookies") or []
    if not all(isinstance(values, list) for values in (cookies, *several.values())):
        raise TypeError("cookies and each of multiValueHeaders must be lists")
    headers = [
        *((str(name), as_text(value)) for name, values in several.items() for value in values if value is not None),
        *(
            (spelled.get(str(name).lower(), str(name)), as_text(value))
            for name, value in single
            if value is not None and (str(name).lower(), as_text(value)) not in listed
        ),
        *(("Set-Cookie", str(cookie)) for cookie in cookies),
    ]
    return [(name, value.strip(" \t")) for name, value in headers]


def to_client(answer: Response, *, rest: bool) -> Response:
    """The response as the gateway passes it on. A REST API renames a length that it drops otherwise."""
    renamed = HEADERS["renamed"] if rest else ()
    answer.headers = [
        (f"x-amzn-remapped-{name.lower()}" if name.lower() in renamed else name, value)
        for name, value in answer.headers
        if name.lower() in renamed or name.lower() not in HEADERS["dropped"]
    ]
    return answer.set_default_type("application/json") if rest else answer


_PATH: Final = re.compile(r"(?i)(?:^|;\s*(?:url|path)\s*=\s*|<)(/(?!/)[^\s;,>?#]*)")


def describe_outside_paths(fields: Pairs, call: Call) -> str:
    """Says which headers of an HTTP integration's response name paths that the stage does not serve; empty if none."""
    prefix = call.request.raw_path.removesuffix(call.path)
    named = {
        name.title(): found[1]
        for name, value in fields
        if name.lower() in ("location", "content-location", "link", "refresh", "set-cookie")
        # A cookie for the root is also sent below it.
        if (found := _PATH.search(value)) and not (name.lower() == "set-cookie" and found[1] == "/")
    }
    lost = [name for name, path in named.items() if not f"{path}/".startswith(f"{prefix.rstrip('/')}/")]
    if not lost:
        return ""
    return (
        f"{' and '.join(lost)} name paths outside {prefix}: nothing is rewritten behind a VPC link or for an HTTP URI"
    )
