"""Errors in the words of API Gateway: status, body and headers by kind of API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

import httpx

from .call import filled, references
from .request import Pairs, Response

Value = Callable[[str], str | None]
"""Takes a reference such as `method.request.header.Origin` and gives its value."""


@dataclass
class GatewayError(Exception):
    """A request that API Gateway answers by itself. `note` is the reason and the remedy, for the terminal."""

    kind: str
    """Type of the gateway response, `MISSING_AUTHENTICATION_TOKEN`."""
    note: str = ""
    message: str | None = None
    """Message of a REST API in place of the type's own."""
    headers: Pairs = field(default_factory=list)


class FunctionFailure(GatewayError):  # noqa: N818 # an error in the words of the gateway, with the function's own
    """A function that ended with an error. `reported` is the message of the function."""

    def __init__(self, note: str, reported: str) -> None:
        super().__init__("BAD_FUNCTION_RESPONSE", note)
        self.reported = reported


class _Row(NamedTuple):
    """One type. An HTTP API answers with the phrase of its status."""

    rest: int
    message: str | None
    error_type: str
    http: int


_SIGNATURE: Final = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
    "Key and signing method. Consult the service documentation for details."
)
_INCOMPLETE: Final = "Invalid key=value pair (missing equal-sign) in Authorization header."
"""AWS adds the hash of the header."""
_FAILED: Final = "Internal server error"
_ROWS: Final = {
    "MISSING_AUTHENTICATION_TOKEN": _Row(403, "Missing Authentication Token", "MissingAuthenticationToken", 404),
    "FORBIDDEN": _Row(403, "Forbidden", "Forbidden", 403),
    "INVALID_API_KEY": _Row(403, "Forbidden", "Forbidden", 403),
    "ACCESS_DENIED": _Row(403, "User is not authorized to access this resource", "AccessDenied", 403),
    "INVALID_SIGNATURE": _Row(403, _SIGNATURE, "InvalidSignature", 403),
    "INCOMPLETE_SIGNATURE": _Row(403, _INCOMPLETE, "IncompleteSignature", 403),
    "UNRECOGNIZED_CLIENT": _Row(
        403, "The security token included in the request is invalid.", "UnrecognizedClient", 403
    ),
    "UNAUTHORIZED": _Row(401, "Unauthorized", "Unauthorized", 401),
    "EXPIRED_TOKEN": _Row(401, "The incoming token has expired", "Unauthorized", 401),
    "AUTHORIZER_FAILURE": _Row(500, None, "AuthorizerConfiguration", 500),
    "AUTHORIZER_CONFIGURATION_ERROR": _Row(500, None, "AuthorizerConfiguration", 500),
    "THROTTLED": _Row(429, "Too Many Requests", "TooManyRequests", 429),
    "QUOTA_EXCEEDED": _Row(429, "Limit Exceeded", "LimitExceeded", 429),
    "BAD_REQUEST_BODY": _Row(400, "Invalid request body", "BadRequest", 400),
    "BAD_REQUEST_PARAMETERS": _Row(400, "Missing required request parameters", "BadRequest", 400),
    "REQUEST_TOO_LARGE": _Row(413, "Request Too Long", "RequestTooLarge", 413),
    "API_CONFIGURATION_ERROR": _Row(500, _FAILED, "InternalServerError", 500),
    "BAD_FUNCTION_RESPONSE": _Row(502, _FAILED, "InternalServerError", 500),
    "INTEGRATION_FAILURE": _Row(504, "Network error communicating with endpoint", "InternalServerError", 503),
    "INTEGRATION_TIMEOUT": _Row(504, "Endpoint request timed out", "InternalServerError", 503),
    "HEADERS_TOO_LARGE": _Row(431, "Request Header Fields Too Large", "RequestTooLarge", 431),
    "URL_TOO_LONG": _Row(414, "Request URI Too Long", "RequestTooLarge", 414),
    "UNSUPPORTED_MEDIA_TYPE": _Row(415, "Unsupported Media Type", "BadRequest", 415),
    "FUNCTION_THROTTLED": _Row(500, _FAILED, "InternalServerError", 503),
}
_CAPITAL_MESSAGE: Final = ("ACCESS_DENIED",)
"""Types whose body REST APIs write with a capital: it comes from another service."""
_OWN: Final = (
    "FORBIDDEN", "INCOMPLETE_SIGNATURE", "UNRECOGNIZED_CLIENT", "BAD_FUNCTION_RESPONSE", "HEADERS_TOO_LARGE",
    "URL_TOO_LONG", "FUNCTION_THROTTLED",
)  # fmt: skip
"""Types that AWS's list of gateway responses does not have: they are `DEFAULT_4XX` and `DEFAULT_5XX`."""
_TEMPLATE: Final = references("context", "stageVariables", r"method\.request")


def status_of(error: GatewayError, *, rest: bool) -> int:
    row = _ROWS[error.kind]
    return row.rest if rest else row.http


def error_type(error: GatewayError) -> str:
    """The value of the header x-amzn-ErrorType."""
    return f"{_ROWS[error.kind].error_type}Exception"


def message_of(error: GatewayError, *, rest: bool) -> str | None:
    """The message that the caller reads."""
    row = _ROWS[error.kind]
    if not rest:
        return httpx.codes.get_reason_phrase(row.http)
    return row.message if error.message is None else error.message


def response(error: GatewayError, *, rest: bool) -> Response:
    """The response that the caller receives."""
    headers = [("Content-Type", "application/json")]
    if rest:
        headers.append(("x-amzn-ErrorType", error_type(error)))
    key = "Message" if rest and error.kind in _CAPITAL_MESSAGE else "message"
    body = json.dumps({key: message_of(error, rest=rest)}, separators=(",", ":")).encode()
    return Response(status_of(error, rest=rest), [*headers, *error.headers], body)


def customized(made: Response, error: GatewayError, declared: Mapping[str, Any], value: Value) -> Response:
    """The response with the status, headers and template of the API's gateway responses.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    """
    default = response_type(error, made.status)
    custom = declared.get(error.kind) or declared.get(default) or declared.get(_default(made.status)) or {}
    headers = list(made.headers)
    for name, written in (custom.get("responseParameters") or {}).items():
        place, source = str(name).removeprefix("gatewayresponse.header."), str(written)
        found = source[1:-1] if source.startswith("'") else value(source)
        if place != name and found is not None:
            headers = [*(one for one in headers if one[0].lower() != place.lower()), (place, found)]
    templates = custom.get("responseTemplates") or {}
    body = made.body
    if templates:
        media = "application/json" if "application/json" in templates else next(iter(templates))
        # Gateway responses substitute variables, and evaluate no other part of a template.
        body = filled(_TEMPLATE, str(templates[media]), value).encode()
        headers = [("Content-Type", media) if one[0].lower() == "content-type" else one for one in headers]
    return replace(made, status=int(custom.get("statusCode") or made.status), headers=headers, body=body)


def response_type(error: GatewayError, status: int) -> str:
    """`$context.error.responseType`."""
    return _default(status) if error.kind in _OWN else error.kind


def _default(status: int) -> str:
    return "DEFAULT_4XX" if status < 500 else "DEFAULT_5XX"
