"""Errors in the words of API Gateway: status, body and headers by kind of API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Final

from .request import Pairs, Response


@dataclass
class GatewayError(Exception):
    """A request that API Gateway answers by itself. `note` is the reason and the remedy, for the terminal."""

    kind: str
    """Type of the gateway response, `MISSING_AUTHENTICATION_TOKEN`."""
    note: str = ""
    message: str | None = None
    headers: Pairs = field(default_factory=list)


_REST: Final[dict[str, tuple[int, str, str]]] = {
    "MISSING_AUTHENTICATION_TOKEN": (403, "Missing Authentication Token", "MissingAuthenticationTokenException"),
    "FORBIDDEN": (403, "Forbidden", "ForbiddenException"),
    "INVALID_API_KEY": (403, "Forbidden", "ForbiddenException"),
    "ACCESS_DENIED": (403, "User is not authorized to access this resource", "AccessDeniedException"),
    "INVALID_SIGNATURE": (
        403,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.",
        "InvalidSignatureException",
    ),
    "UNRECOGNIZED_CLIENT": (
        403,
        "The security token included in the request is invalid.",
        "UnrecognizedClientException",
    ),
    "UNAUTHORIZED": (401, "Unauthorized", "UnauthorizedException"),
    "EXPIRED_TOKEN": (401, "The incoming token has expired", "UnauthorizedException"),
    "AUTHORIZER_FAILURE": (500, "null", "AuthorizerConfigurationException"),
    "THROTTLED": (429, "Too Many Requests", "TooManyRequestsException"),
    "QUOTA_EXCEEDED": (429, "Limit Exceeded", "LimitExceededException"),
    "BAD_REQUEST_BODY": (400, "Invalid request body", "BadRequestException"),
    "BAD_REQUEST_PARAMETERS": (400, "Missing required request parameters", "BadRequestException"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Unsupported Media Type", "UnsupportedMediaTypeException"),
    "REQUEST_TOO_LARGE": (413, "Request Too Long", "RequestTooLargeException"),
    "API_CONFIGURATION_ERROR": (500, "Internal server error", "InternalServerErrorException"),
    "BAD_FUNCTION_RESPONSE": (502, "Internal server error", "InternalServerErrorException"),
    "INTEGRATION_FAILURE": (504, "Network error communicating with endpoint", "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": (504, "Endpoint request timed out", "InternalServerErrorException"),
    "FUNCTION_THROTTLED": (500, "Internal server error", "InternalServerErrorException"),
}
_HTTP: Final[dict[str, tuple[int, str]]] = {
    "MISSING_AUTHENTICATION_TOKEN": (404, "Not Found"),
    "FORBIDDEN": (403, "Forbidden"),
    "INVALID_API_KEY": (403, "Forbidden"),
    "ACCESS_DENIED": (403, "Forbidden"),
    "INVALID_SIGNATURE": (403, "Forbidden"),
    "UNRECOGNIZED_CLIENT": (403, "Forbidden"),
    "UNAUTHORIZED": (401, "Unauthorized"),
    "EXPIRED_TOKEN": (401, "Unauthorized"),
    "AUTHORIZER_FAILURE": (500, "Internal Server Error"),
    "THROTTLED": (429, "Too Many Requests"),
    "REQUEST_TOO_LARGE": (413, "Request Entity Too Large"),
    "API_CONFIGURATION_ERROR": (500, "Internal Server Error"),
    "BAD_FUNCTION_RESPONSE": (500, "Internal Server Error"),
    "INTEGRATION_FAILURE": (503, "Service Unavailable"),
    "INTEGRATION_TIMEOUT": (503, "Service Unavailable"),
    "FUNCTION_THROTTLED": (503, "Service Unavailable"),
}
_CAPITAL_MESSAGE: Final = ("ACCESS_DENIED",)
"""Types whose body REST APIs write with a capital: it comes from another service."""


def response(error: GatewayError, *, rest: bool) -> Response:
    """The response that the caller receives."""
    if rest:
        status, message, error_type = _REST[error.kind]
        headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", error_type)]
    else:
        status, message = _HTTP[error.kind]
        headers = [("Content-Type", "application/json")]
    text: str | None = message if error.message is None or not rest else error.message
    key = "Message" if rest and error.kind in _CAPITAL_MESSAGE else "message"
    if error.kind == "AUTHORIZER_FAILURE" and rest:
        text = None
    body = json.dumps({key: text}, separators=(",", ":")).encode()
    return Response(status, [*headers, *error.headers], body)
