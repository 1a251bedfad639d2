"""Origins whose pages cannot read the errors that a REST API answers by itself, such as 401, 403 and 429.

The CORS header of a gateway response is a fixed text, or a header of the request that nobody checks. So it holds
one allowed origin.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from ..graph.reading import as_mapping

_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"
_INTEGRATION: Final = "x-amazon-apigateway-integration"
_ALLOW_ORIGIN: Final = "gatewayresponse.header.access-control-allow-origin"
_ORIGIN: Final = re.compile(r"'(https?://[^']+)'")


def list_origins_without_errors(body: Mapping[str, Any]) -> list[str]:
    """Returns the origins that preflight responses of an API's document allow, and its error responses do not."""
    allowed: set[str] = set()
    for operations in as_mapping(body.get("paths")).values():
        preflight = as_mapping(as_mapping(operations).get("options")).get(_INTEGRATION)
        allowed |= set(_ORIGIN.findall(json.dumps(preflight)))
    readable = _list_error_origins(body, "DEFAULT_4XX") & _list_error_origins(body, "DEFAULT_5XX")
    return [] if "*" in readable else sorted(allowed - readable)


def _list_error_origins(body: Mapping[str, Any], kind: str) -> set[str]:
    response = as_mapping(as_mapping(body.get(_RESPONSES)).get(kind))
    parameters = as_mapping(response.get("responseParameters"))
    return {str(value).strip("'") for name, value in parameters.items() if str(name).lower() == _ALLOW_ORIGIN}
