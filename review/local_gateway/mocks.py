"""Preflight requests of REST APIs, which the components declare as mock integrations.

The mapping template of a preflight returns the caller's origin if it is one of those that the stack allows.
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

import re
from typing import Final

from ..graph.reading import as_mapping, as_text, get_value
from .call import Call
from .proxy import to_client
from .request import Response

_ANY_ORIGIN: Final = "Access-Control-Allow-Origin = '*'"
_ORIGINS: Final = re.compile(r"\$origin == '([^']*)'")
_HEADER: Final = "method.response.header."


def answer_mock(call: Call) -> Response:
    """The response of a preflight."""
    response = call.route.response
    template = as_text(get_value(response, "responseTemplates", "application/json"))
    headers = [
        (name.removeprefix(_HEADER), str(value).strip("'"))
        for name, value in as_mapping(response.get("responseParameters")).items()
    ]
    origin = call.request.find_header("origin")
    if _ANY_ORIGIN in template or origin in _ORIGINS.findall(template):
        headers.append(("Access-Control-Allow-Origin", "*" if _ANY_ORIGIN in template else origin))
    return to_client(Response(int(response.get("statusCode") or 200), headers), rest=True)
