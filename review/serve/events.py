"""Events that Lambda functions receive from API Gateway, and the responses that they return to it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote

from .authorization import Identity
from .errors import GatewayError
from .request import Pairs, Request, Response
from .served_api import AuthorizerKind, Route, ServedApi, Stage

_TEXTS: Final = ("application/json", "application/xml", "application/javascript")
"""Media types besides text/* that HTTP APIs pass on as text."""
_FIELD: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+:[^\r\n\0]*")


@dataclass(frozen=True)
class Call:
    """A request with the route that it got."""

    request: Request
    api: ServedApi
    stage: Stage
    route: Route
    variables: Mapping[str, str]
    path: str
    """Encoded path without stage and base path."""
    public_path: str
    """Encoded path as the caller wrote it."""
    account: str
    identity: Identity
    api_key: str = ""
    api_key_id: str = ""

    @property
    def domain_name(self) -> str:
        return self.request.host

    @property
    def resource_id(self) -> str:
        """A stand-in for the resource's id, the same for the same path."""
        return base64.b32encode(self.route.path.encode())[:6].decode().lower()


def event_of(call: Call, payload: str) -> dict[str, Any]:
    """The event of a call in a payload version; only HTTP APIs have 2.0."""
    return event_2(call) if payload == "2.0" and not call.api.is_rest else event_1(call)


def event_1(call: Call) -> dict[str, Any]:
    """An event with payload version 1.0, as a REST API or an HTTP API sends it."""
    request, rest = call.request, call.api.is_rest
    headers = request.seen_by_integrations()
    if not rest:
        headers = [(name.title() if name.islower() else name, value) for name, value in headers]
    query = request.query
    body, encoded = _body(request, call.api)
    event: dict[str, Any] = {
        "resource": call.route.path,
        "path": request.path if rest else call.public_path,
        "httpMethod": request.method,
        "headers": _last(headers) or None,
        "multiValueHeaders": _grouped(headers) or None,
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": _grouped(query) or None,
        "pathParameters": dict(call.variables) or None,
        "stageVariables": dict(call.stage.variables) or None,
        "requestContext": _context_1(call),
        "body": body,
        "isBase64Encoded": encoded,
    }
    if rest:
        event["path"] = _within_stage(call)
        return event
    return {"version": "1.0", **event}


def _within_stage(call: Call) -> str:
    """The path of a REST event: without the stage, but with a custom domain's base path."""
    stage = f"/{call.stage.name}"
    by_default_address = call.request.host_name not in call.stage.domains
    return call.path if by_default_address and call.public_path.startswith(stage) else call.public_path


def _context_1(call: Call) -> dict[str, Any]:
    request, now = call.request, datetime.fromtimestamp(call.request.received, UTC)
    context: dict[str, Any] = {
        "resourceId": call.resource_id,
        "resourcePath": call.route.path,
        "httpMethod": request.method,
        "extendedRequestId": request.request_id.replace("-", "")[:15] + "=",
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "path": call.public_path,
        "accountId": call.account,
        "protocol": "HTTP/1.1",
        "stage": call.stage.name,
        "domainPrefix": call.domain_name.partition(".")[0].partition(":")[0],
        "requestTimeEpoch": int(request.received * 1000),
        "requestId": request.request_id,
        "identity": _identity(call),
        "domainName": call.domain_name,
        "deploymentId": "try",
        "apiId": call.api.id,
    }
    if not call.api.is_rest:
        del context["deploymentId"]
    authorizer = _authorizer_1(call.identity)
    return context | ({"authorizer": authorizer} if authorizer else {})


def _authorizer_1(identity: Identity) -> dict[str, Any]:
    match identity.kind:
        case AuthorizerKind.COGNITO:
            return {"claims": {key: _as_text(value) for key, value in identity.claims.items()}}
        case AuthorizerKind.JWT:
            claims = {key: _as_text(value) for key, value in identity.claims.items()}
            return {"claims": claims, "scopes": list(identity.scopes) or None}
        case AuthorizerKind.TOKEN | AuthorizerKind.REQUEST:
            context = {key: _as_text(value) for key, value in identity.context.items()}
            return {"principalId": identity.principal, **context, "integrationLatency": 0}
    return {}


def _identity(call: Call) -> dict[str, Any]:
    request = call.request
    found: dict[str, Any] = {
        "cognitoIdentityPoolId": None,
        "accountId": None,
        "cognitoIdentityId": None,
        "caller": None,
        "sourceIp": request.source_ip,
        "principalOrgId": None,
        "accessKey": None,
        "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None,
        "userArn": None,
        "userAgent": request.header("user-agent") or None,
        "user": None,
    }
    if call.identity.user_arn:
        name = call.identity.user_arn.rpartition("/")[2]
        found |= {"userArn": call.identity.user_arn, "user": name, "caller": name, "accountId": call.account}
    if call.api_key:
        found |= {"apiKey": call.api_key, "apiKeyId": call.api_key_id}
    if request.vpc_endpoint:
        found |= {"vpceId": request.vpc_endpoint}
    return found


def event_2(call: Call) -> dict[str, Any]:
    """An event with payload version 2.0."""
    request = call.request
    headers = request.seen_by_integrations()
    cookies = [part.strip() for value in request.values("cookie") for part in value.split(";")]
    now = datetime.fromtimestamp(request.received, UTC)
    body, encoded = _body(request, call.api)
    context: dict[str, Any] = {
        "accountId": call.account,
        "apiId": call.api.id,
        "domainName": call.domain_name,
        "domainPrefix": call.domain_name.partition(".")[0].partition(":")[0],
        "http": {
            "method": request.method,
            "path": unquote(call.public_path),
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent"),
        },
        "requestId": request.request_id,
        "routeKey": call.route.key,
        "stage": call.stage.name,
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(request.received * 1000),
    }
    if authorizer := _authorizer_2(call):
        context["authorizer"] = authorizer
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": call.route.key,
        "rawPath": unquote(call.public_path),
        "rawQueryString": request.raw_query,
        **({"cookies": cookies} if cookies else {}),
        "headers": {name.lower(): value for name, value in _joined(headers).items() if name.lower() != "cookie"},
        "requestContext": context,
        "isBase64Encoded": encoded,
    }
    if request.query:
        event["queryStringParameters"] = _joined(request.query)
    if call.variables:
        event["pathParameters"] = dict(call.variables)
    if call.stage.variables:
        event["stageVariables"] = dict(call.stage.variables)
    return event | ({"body": body} if body is not None else {})


def _authorizer_2(call: Call) -> dict[str, Any]:
    identity = call.identity
    match identity.kind:
        case AuthorizerKind.JWT:
            claims = {key: _as_text(value) for key, value in identity.claims.items()}
            return {"jwt": {"claims": claims, "scopes": list(identity.scopes) or None}}
        case AuthorizerKind.REQUEST:
            return {"lambda": identity.context}
        case AuthorizerKind.IAM:
            iam = {"accountId": call.account, "userArn": identity.user_arn, "cognitoIdentity": None}
            return {"iam": iam | {"accessKey": None, "callerId": None, "principalOrgId": None, "userId": None}}
    return {}


# All that a REST API takes in a result.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
_RESULT: Final = frozenset(("isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"))


def response_of(result: Any, call: Call) -> Response:
    """The response that a proxy integration makes of a function's result. Raises GatewayError for any other result."""
    payload = call.route.target.payload if not call.api.is_rest else "1.0"
    if payload == "2.0" and (not isinstance(result, Mapping) or "statusCode" not in result):
        text = result if isinstance(result, str) else json.dumps(result)
        return Response(200, [("Content-Type", "application/json")], text.encode())
    if not isinstance(result, Mapping):
        raise GatewayError("BAD_FUNCTION_RESPONSE", "the function returned no object with a statusCode")
    if call.api.is_rest and (unknown := result.keys() - _RESULT):
        raise GatewayError(
            "BAD_FUNCTION_RESPONSE", f"a REST API takes no {', '.join(sorted(map(str, unknown)))} in a result"
        )
    try:
        status = int(result.get("statusCode", 200))
        headers = [
            (str(name), str(value))
            for name, values in (result.get("multiValueHeaders") or {}).items()
            for value in values
            if payload == "1.0"
        ]
        listed = {name.lower() for name, _ in headers}
        headers += [
            (str(name), _as_text(value))
            for name, value in (result.get("headers") or {}).items()
            if str(name).lower() not in listed
        ]
        headers += [("Set-Cookie", str(cookie)) for cookie in result.get("cookies") or []]
        if not 200 <= status <= 599 or not all(_FIELD.fullmatch(f"{name}:{value}") for name, value in headers):
            raise GatewayError("BAD_FUNCTION_RESPONSE", "the function's status or a header is none of HTTP")
        body = result.get("body")
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        if not isinstance(body, str | None) and payload == "1.0":
            raise GatewayError("BAD_FUNCTION_RESPONSE", "the function's body is not text")
        accepted = call.request.header("accept").partition(",")[0].partition(";")[0].strip().lower()
        decodes = not call.api.is_rest or is_binary(accepted, call.api.binary_types)
        raw = base64.b64decode(text) if result.get("isBase64Encoded") is True and decodes else text.encode()
    except (TypeError, ValueError, AttributeError) as problem:
        raise GatewayError("BAD_FUNCTION_RESPONSE", f"the function's response is malformed ({problem})") from None
    media = "application/json" if payload == "1.0" else "text/plain; charset=utf-8"
    return Response(status, headers, raw).default_type(media)


def _body(request: Request, api: ServedApi) -> tuple[str | None, bool]:
    """The body of an event, and whether it is base64.

    REST APIs encode the media types that they declare as binary, HTTP APIs every type but a few.
    """
    if not request.body:
        return None, False
    media = request.header("content-type").partition(";")[0].strip().lower()
    if api.is_rest:
        binary = is_binary(media, api.binary_types)
    else:
        binary = not media.startswith("text/") and media not in _TEXTS
    if not binary:
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def is_binary(media: str, binary_types: Iterable[str]) -> bool:
    """Whether a REST API declares the media type as binary."""
    return any(kind in ("*/*", media) or (kind.endswith("/*") and media.startswith(kind[:-1])) for kind in binary_types)


def _last(pairs: Pairs) -> dict[str, str]:
    return dict(pairs)


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _joined(pairs: Pairs) -> dict[str, str]:
    return {name: ",".join(values) for name, values in _grouped(pairs).items()}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)
