"""Preflight requests of REST APIs, which the components declare as mock integrations.

The mapping template of a preflight returns the caller's origin if it is one of those that the stack allows. Other
templates are not evaluated.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

import json
import re
from typing import Any, Final

from ..graph.reading import as_mapping, as_text
from .apis import Route
from .call import Call
from .errors import GatewayError
from .proxy import to_client
from .request import Response

_JSON: Final = "application/json"
_ANY_ORIGIN: Final = "#set($context.responseOverride.header.Access-Control-Allow-Origin = '*')"
_ORIGINS: Final = re.compile(r"\$origin == '([^']*)'")
_HEADER: Final = "method.response.header."


def describe_unserved(route: Route) -> str:
    """Why a mock is not served. Empty for a preflight, and for one that answers without a template."""
    response = _find_default_response(route)
    template = _find_template(response, "responseTemplates")
    if "default" not in route.responses:
        return "a mock without a default response"
    if template and template != _ANY_ORIGIN and not _ORIGINS.search(template):
        return "a mapping template of a mock"
    if _read_status(route) is None:
        return "a request template of a mock that is more than a status code"
    return ""


def answer_mock(call: Call) -> Response:
    """The response of a preflight. Raises GatewayError if the mock is not served."""
    if reason := describe_unserved(call.route):
        raise GatewayError("API_CONFIGURATION_ERROR", f"{reason} is not served")
    response = _find_default_response(call.route)
    template = _find_template(response, "responseTemplates")
    headers = [
        (name.removeprefix(_HEADER), str(value).strip("'"))
        for name, value in as_mapping(response.get("responseParameters")).items()
    ]
    origin = call.request.find_header("origin")
    if template == _ANY_ORIGIN:
        headers.append(("Access-Control-Allow-Origin", "*"))
    elif origin in _ORIGINS.findall(template):
        headers.append(("Access-Control-Allow-Origin", origin))
    status = response.get("statusCode") or _read_status(call.route)
    return to_client(Response(int(status or 200), headers), rest=True)


def _find_default_response(route: Route) -> Any:
    return as_mapping(route.responses.get("default"))


def _find_template(holder: Any, key: str) -> str:
    return as_text(as_mapping(holder.get(key)).get(_JSON))


def _read_status(route: Route) -> int | None:
    """The status code of the request template, which picks the response. None for any other template."""
    written = as_text(route.templates.get(_JSON)) or "{}"
    try:
        return int(json.loads(written).get("statusCode", 200))
    except (ValueError, AttributeError):
        return None
