"""Values of `$context` and of request parameters: mappings of integrations, access log lines and mock responses.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import airspeed

from .events import Call
from .request import Request, Response

_REFERENCE: Final = re.compile(r"\$\{?(?:context|stageVariables|request)\.[A-Za-z0-9_.\-]+\}?")
_OVERRIDE: Final = re.compile(r"\$context\.responseOverride\.header\.[A-Za-z0-9-]+")
_HYPHEN: Final = "_HYPHEN_"
_CONTEXT: Final = re.compile(r"\$context\.([A-Za-z0-9_.]+)")


def context_of(request: Request, call: Call | None, api_id: str) -> dict[str, str]:
    """Values of `$context` by name. A name that is not here is written `-` in access logs."""
    moment = datetime.fromtimestamp(request.received, UTC)
    found = {
        "requestId": request.request_id,
        "extendedRequestId": request.request_id.replace("-", "")[:15] + "=",
        "requestTime": moment.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": str(int(request.received * 1000)),
        "identity.sourceIp": request.source_ip,
        "identity.userAgent": request.header("user-agent"),
        "identity.vpcId": request.vpc,
        "identity.vpceId": request.vpc_endpoint,
        "domainName": request.host,
        "domainPrefix": request.host.partition(".")[0].partition(":")[0],
        "httpMethod": request.method,
        "path": request.raw_path,
        "protocol": "HTTP/1.1",
        "apiId": api_id,
    }
    if call is None:
        return found
    identity = call.identity
    found |= {
        "stage": call.stage.name,
        "routeKey": call.route.key,
        "resourcePath": call.route.path,
        "accountId": call.account,
        "identity.apiKeyId": call.api_key_id,
        "identity.apiKey": call.api_key,
        "identity.userArn": identity.user_arn,
        "identity.caller": identity.user_arn.rpartition("/")[2],
        "identity.user": identity.user_arn.rpartition("/")[2],
        "authorizer.principalId": identity.principal,
    }
    found |= {f"authorizer.claims.{key}": _text(value) for key, value in identity.claims.items()}
    found |= {f"authorizer.{key}": _text(value) for key, value in identity.context.items()}
    if identity.claims:
        found["authorizer.claims"] = json.dumps(identity.claims)
    return {name: value for name, value in found.items() if value}


def log_line(log_format: str, context: Mapping[str, str]) -> str:
    """A line of the access log in the stage's own format."""
    return _CONTEXT.sub(lambda found: context.get(found[1], "-").replace('"', '\\"'), log_format)


def parameter(source: str, call: Call, context: Mapping[str, str]) -> str | None:
    """The value that a REST integration takes from the method's request. None if the request has none."""
    if source.startswith("'") and source.endswith("'"):
        return source[1:-1]
    if source.startswith("context."):
        return context.get(source.removeprefix("context."))
    if source.startswith("stageVariables."):
        return call.stage.variables.get(source.removeprefix("stageVariables."))
    place, _, name = source.removeprefix("method.request.").partition(".")
    match place:
        case "path":
            return call.variables.get(name)
        case "header":
            return call.request.header(name) or None
        case "querystring":
            return next((value for key, value in call.request.query if key == name), None)
    return None


def filled(value: str, call: Call, context: Mapping[str, str]) -> str:
    """The value of an HTTP API's parameter mapping, with its references replaced."""

    def replaced(found: re.Match[str]) -> str:
        name = found[0].strip("${}")
        kind, _, rest = name.partition(".")
        if kind == "context":
            return context.get(rest, "")
        if kind == "stageVariables":
            return call.stage.variables.get(rest, "")
        place, _, key = rest.partition(".")
        match place:
            case "path":
                return call.variables.get(key, "") if key else call.path
            case "header":
                return call.request.header(key)
            case "querystring":
                return next((one for named, one in call.request.query if named == key), "")
        return ""

    return _REFERENCE.sub(replaced, value)


def _rendered(template: str, scope: dict[str, Any]) -> str:
    """The template's text. airspeed takes no hyphen in a name, and names of headers have them."""
    plain = _OVERRIDE.sub(lambda found: found[0].replace("-", _HYPHEN), template)
    return str(airspeed.Template(plain).merge(scope))


def mocked(call: Call, context: Mapping[str, str]) -> Response:
    """The response of a mock integration: its template picks the status, and the response's templates write it."""
    request_template = next(iter(call.route.target.templates.values()), '{"statusCode": 200}')
    scope = _scope(call, context)
    status = int(json.loads(_rendered(request_template, scope)).get("statusCode", 200))
    responses = call.route.target.responses
    chosen: Mapping[str, Any] = responses.get(str(status)) or responses.get("default") or {}
    overrides: dict[str, Any] = scope["context"]["responseOverride"]
    media, template = next(iter((chosen.get("responseTemplates") or {}).items()), ("application/json", ""))
    body = _rendered(template, scope).strip() if template else ""
    headers = [
        (name.removeprefix("method.response.header."), str(value).strip("'"))
        for name, value in (chosen.get("responseParameters") or {}).items()
    ]
    overridden = {name.replace(_HYPHEN, "-"): str(value) for name, value in overrides["header"].items()}
    replaced = {name.lower() for name in overridden}
    headers = [(name, value) for name, value in headers if name.lower() not in replaced]
    headers += overridden.items()
    made = Response(int(overrides.get("status") or chosen.get("statusCode") or status), headers, body.encode())
    return made.default_type(media)


def _scope(call: Call, context: Mapping[str, str]) -> dict[str, Any]:
    headers = {name: call.request.header(name) for name, _ in call.request.headers}
    spelled = headers | {name.title(): value for name, value in headers.items()}
    parameters = {"header": spelled, "path": dict(call.variables), "querystring": dict(call.request.query)}
    nested: dict[str, Any] = {"responseOverride": {"header": {}, "status": None}}
    nested |= {name: value for name, value in context.items() if "." not in name}
    return {"context": nested, "input": _Input(call, parameters), "stageVariables": dict(call.stage.variables)}


class _Input:
    """`$input` of mapping templates."""

    def __init__(self, call: Call, parameters: Mapping[str, Mapping[str, str]]) -> None:
        self._parameters = parameters
        self.body = call.request.body.decode(errors="replace")

    def params(self, name: str = "") -> Any:
        if not name:
            return self._parameters
        return next((found[name] for found in self._parameters.values() if name in found), "")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
