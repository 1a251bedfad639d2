"""Mock integrations: their templates make the response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import airspeed

from .call import Call
from .request import Response

_OVERRIDE: Final = re.compile(r"\$context\.responseOverride\.header\.[A-Za-z0-9-]+")
_HYPHEN: Final = "_HYPHEN_"


def mocked(call: Call) -> Response:
    """The response of a mock: its request template picks the status, and the response's templates write it."""
    route = call.route
    overrides: dict[str, Any] = {"header": {}, "status": None}
    scope = {
        "context": {**call.context, "responseOverride": overrides},
        "input": _Input(call),
        "stageVariables": dict(call.stage.variables),
    }
    request_template = next(iter(route.templates.values()), '{"statusCode": 200}')
    status = int(json.loads(_rendered(request_template, scope)).get("statusCode", 200))
    chosen: Mapping[str, Any] = route.responses.get(str(status)) or route.responses.get("default") or {}
    media, template = next(iter((chosen.get("responseTemplates") or {}).items()), ("application/json", ""))
    body = _rendered(template, scope).strip() if template else ""
    overridden = {name.replace(_HYPHEN, "-"): str(value) for name, value in overrides["header"].items()}
    replaced = {name.lower() for name in overridden}
    headers = [
        (name, str(value).strip("'"))
        for parameter, value in (chosen.get("responseParameters") or {}).items()
        if (name := parameter.removeprefix("method.response.header.")).lower() not in replaced
    ]
    made = Response(int(overrides["status"] or chosen.get("statusCode") or status), headers, body.encode())
    made.headers += overridden.items()
    return made.default_type(media)


def _rendered(template: str, scope: dict[str, Any]) -> str:
    """The template's text. airspeed takes no hyphen in a name, and names of headers have them."""
    plain = _OVERRIDE.sub(lambda found: found[0].replace("-", _HYPHEN), template)
    return str(airspeed.Template(plain).merge(scope))


class _Input:
    """`$input` of mapping templates."""

    def __init__(self, call: Call) -> None:
        headers = {name: call.request.header(name) for name, _ in call.request.headers}
        spelled = headers | {name.title(): value for name, value in headers.items()}
        self._parameters = {"header": spelled, "path": dict(call.variables), "querystring": dict(call.request.query)}
        self.body = call.request.body.decode(errors="replace")

    def params(self, name: str = "") -> Any:
        if not name:
            return self._parameters
        return next((found[name] for found in self._parameters.values() if name in found), "")
