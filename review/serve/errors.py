"""Errors in the words of API Gateway: status, body and headers by kind of API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import httpx

from .request import Pairs, Response


@dataclass
class GatewayError(Exception):
    """A request that API Gateway answers by itself. `note` is the reason and the remedy, for the terminal."""

    kind: str
    """Type of the gateway response, `MISSING_AUTHENTICATION_TOKEN`."""
    note: str = ""
    message: str | None = None
    """Message of a REST API in place of the type's own."""
    headers: Pairs = field(default_factory=list)


class FunctionFailure(GatewayError):  # noqa: N818 - an error in the words of the gateway, with the function's own
    """A function that ended with an error. `told` is the function's message."""

    def __init__(self, note: str, told: str) -> None:
        super().__init__("BAD_FUNCTION_RESPONSE", note)
        self.told = told


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
_FAILED: Final = "Internal server error"
_ROWS: Final = {
    "MISSING_AUTHENTICATION_TOKEN": _Row(403, "Missing Authentication Token", "MissingAuthenticationToken", 404),
    "FORBIDDEN": _Row(403, "Forbidden", "Forbidden", 403),
    "INVALID_API_KEY": _Row(403, "Forbidden", "Forbidden", 403),
    "ACCESS_DENIED": _Row(403, "User is not authorized to access this resource", "AccessDenied", 403),
    "INVALID_SIGNATURE": _Row(403, _SIGNATURE, "InvalidSignature", 403),
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
    "FUNCTION_THROTTLED": _Row(500, _FAILED, "InternalServerError", 503),
}
_CAPITAL_MESSAGE: Final = ("ACCESS_DENIED",)
"""Types whose body REST APIs write with a capital: it comes from another service."""


def response(error: GatewayError, *, rest: bool) -> Response:
    """The response that the caller receives."""
    row = _ROWS[error.kind]
    headers = [("Content-Type", "application/json")]
    if rest:
        headers.append(("x-amzn-ErrorType", f"{row.error_type}Exception"))
        message = row.message if error.message is None else error.message
    else:
        message = httpx.codes.get_reason_phrase(row.http)
    key = "Message" if rest and error.kind in _CAPITAL_MESSAGE else "message"
    body = json.dumps({key: message}, separators=(",", ":")).encode()
    return Response(row.rest if rest else row.http, [*headers, *error.headers], body)
