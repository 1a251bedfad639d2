"""Errors in the words of API Gateway: status, body and headers by kind of API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx

from .request import Pairs, Response

WEBHOOK: Final = "proxy.webhook"
"""The key of the stack file that makes a forwarder check signatures."""


@dataclass
class GatewayError(Exception):
    """A request that API Gateway answers by itself. `note` is the reason and the remedy, for the terminal."""

    kind: str
    """Type of the gateway response, `MISSING_AUTHENTICATION_TOKEN`."""
    note: str = ""
    message: str | None = None
    """Message of a REST API in place of the type's own."""
    headers: Pairs = field(default_factory=list)
    setting: str = ""
    """The key of the stack file that decides, as `StackLines.find` takes it: `api.policy`, or `route.keyRequired`."""


@contextmanager
def name_setting(setting: str) -> Iterator[None]:
    """Names the setting that decides about the refusals of a step that name none. Other errors have other reasons."""
    try:
        yield
    except GatewayError as error:
        refused = find_status(error, rest=True) in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
        error.setting = error.setting or (setting if refused else "")
        raise


class FunctionFailure(GatewayError):  # noqa: N818 # an error in the words of the gateway, with the function's own
    """A function that ended with an error. `reported` is the message of the function."""

    def __init__(self, note: str, reported: str) -> None:
        super().__init__("BAD_FUNCTION_RESPONSE", note)
        self.reported = reported


_ROWS: Final = json.loads(Path(__file__).with_name("errors.json").read_text(encoding="utf-8"))
"""By type: the status in a REST and in an HTTP API, the exception's name and the REST API's message, if it has one.

The body of a `capital` one comes from another service. Those that are `unlisted` are not among AWS's gateway responses,
and are `DEFAULT_4XX` or `DEFAULT_5XX`. An HTTP API answers with the phrase of its status.
"""


def find_status(error: GatewayError, *, rest: bool) -> int:
    return int(_ROWS[error.kind]["rest" if rest else "http"])


def find_message(error: GatewayError, *, rest: bool) -> str | None:
    """The message that the caller reads."""
    if not rest:
        return httpx.codes.get_reason_phrase(find_status(error, rest=False))
    return _ROWS[error.kind].get("message") if error.message is None else error.message


def make_response(error: GatewayError, *, rest: bool) -> Response:
    """The response that the caller receives."""
    headers = [("Content-Type", "application/json")]
    if rest:
        headers.append(("x-amzn-ErrorType", f"{_ROWS[error.kind]['type']}Exception"))
    key = "Message" if rest and _ROWS[error.kind].get("capital") else "message"
    body = json.dumps({key: find_message(error, rest=rest)}, separators=(",", ":")).encode()
    return Response(find_status(error, rest=rest), [*headers, *error.headers], body)


def add_custom_headers(answer: Response, error: GatewayError, declared: Mapping[str, Any]) -> Response:
    """The response with the fixed headers of the API's gateway responses, which the components declare for CORS.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    """
    default = "DEFAULT_4XX" if answer.status < 500 else "DEFAULT_5XX"
    kind = default if _ROWS[error.kind].get("unlisted") else error.kind
    custom = declared.get(kind) or declared.get(default) or {}
    headers = list(answer.headers)
    for name, source in (custom.get("responseParameters") or {}).items():
        place, value = str(name).removeprefix("gatewayresponse.header."), str(source)
        if place != name and value.startswith("'"):
            headers = [*(header for header in headers if header[0].lower() != place.lower()), (place, value[1:-1])]
    return replace(answer, headers=headers)
