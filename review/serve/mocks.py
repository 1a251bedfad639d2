"""Mock integrations: their templates make the response.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

import airspeed

from ..graph.reading import text, within
from .call import Call
from .errors import GatewayError
from .request import Response

_OVERRIDE: Final = re.compile(r"\$context\.responseOverride\.header\.[A-Za-z0-9-]+")
NOT_SERVED: Final = re.compile(r"\$input\.(?!params\b)\w+")
"""Parts of templates that are named at the start."""
_UTIL: Final = {
    "base64Decode": lambda text: base64.b64decode(text).decode(),
    "base64Encode": lambda text: base64.b64encode(text.encode()).decode(),
    "escapeJavaScript": lambda text: json.dumps(text)[1:-1].replace("'", "\\'"),
    "parseJson": json.loads,
    "urlDecode": unquote_plus,
    "urlEncode": quote_plus,
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html"""
_JSON: Final = "application/json"
_DEFAULT: Final = '{"statusCode": 200}'
_HYPHEN: Final = "_HYPHEN_"
_SINGLE_QUOTED: Final = re.compile(r"'([^'\"]*)'")
_BARE_KEY: Final = re.compile(r"([{,]\s*)([A-Za-z_]\w*)\s*:")


def mocked(call: Call) -> Response:
    """The response of a mock: its request template picks the status, and the response's templates write it."""
    route = call.route
    overrides: dict[str, Any] = {"header": {}, "status": None}
    scope = {
        # What a mock's request template writes here, the response's template can read.
        "context": {**call.context, "responseOverride": overrides, "requestOverride": defaultdict(dict)},
        "input": _Input(call),
        "util": _UTIL,
        "stageVariables": dict(call.stage.variables),
    }
    written = _request_template(call)
    try:
        status = int(_lenient(_rendered(written, scope)).get("statusCode", 200))
    except (ValueError, AttributeError, RecursionError):
        raise GatewayError("API_CONFIGURATION_ERROR", "the mock's request template makes no JSON object") from None
    patterns = (one for one in route.responses if one != "default" and re.fullmatch(one, str(status)))
    chosen: Mapping[str, Any] | None = route.responses.get(next(patterns, "default"))
    if chosen is None:
        raise GatewayError("API_CONFIGURATION_ERROR", f"no integration response of the mock is for status {status}")
    media, template = next(iter((chosen.get("responseTemplates") or {}).items()), ("application/json", ""))
    body = _rendered(template, scope).strip() if template else ""
    overridden = {name.replace(_HYPHEN, "-"): str(value) for name, value in overrides["header"].items()}
    replaced = {name.lower() for name in overridden}
    mapped = {
        parameter.removeprefix("method.response.header."): source[1:-1] if source[:1] == "'" else call.value(source)
        for parameter, source in (chosen.get("responseParameters") or {}).items()
    }
    headers = [(name, value) for name, value in mapped.items() if value is not None and name.lower() not in replaced]
    made = Response(int(overrides["status"] or chosen.get("statusCode") or status), headers, body.encode())
    made.headers += overridden.items()
    return made.default_type(media)


def _lenient(text: str) -> Any:
    """JSON as API Gateway reads it: keys without quotes, and single quotes, as the CDK writes them for CORS."""
    try:
        return json.loads(text)
    except ValueError:
        quoted = _SINGLE_QUOTED.sub(lambda found: json.dumps(found[1]), text)
        return json.loads(_BARE_KEY.sub(r'\1"\2":', quoted))


def _request_template(call: Call) -> str:
    """The template for the request's media type. Raises GatewayError if the integration passes nothing else on."""
    templates, media = call.route.templates, call.request.media or _JSON
    behaviour = text(within(call.route.integration.written, "passthroughBehavior")).upper()
    strict = behaviour == "NEVER" or (behaviour == "WHEN_NO_TEMPLATES" and templates)
    if media not in templates and strict:
        raise GatewayError("UNSUPPORTED_MEDIA_TYPE", f"no request template is for {media}, and nothing is passed on")
    return str(templates.get(media) or next(iter(templates.values()), _DEFAULT))


def _rendered(template: str, scope: dict[str, Any]) -> str:
    """The template's text. airspeed takes no hyphen in a name, and names of headers have them."""
    plain = _OVERRIDE.sub(lambda found: found[0].replace("-", _HYPHEN), template)
    try:
        return str(airspeed.Template(plain).merge(scope))
    except airspeed.TemplateError as problem:
        said = " ".join(str(problem).split())
        raise GatewayError("API_CONFIGURATION_ERROR", f"the mock's template fails: {said}") from None


class _Input:
    """`$input` of mapping templates."""

    def __init__(self, call: Call) -> None:
        headers = {name: call.request.header(name) for name, _ in call.request.headers}
        spelled = headers | {name.title(): value for name, value in headers.items()}
        self._parameters = {"header": spelled, "path": dict(call.variables), "querystring": dict(call.request.query)}

    def params(self, name: str = "") -> Any:
        if not name:
            return self._parameters
        return next((found[name] for found in self._parameters.values() if name in found), "")
