"""Events that Lambda functions receive from API Gateway.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote

from .call import Call
from .request import Pairs
from .served_api import AuthorizerKind

_TEXTS: Final = ("application/json", "application/xml", "application/javascript")
"""Media types besides text/* that HTTP APIs pass on as text."""
_CONTEXT_2: Final = ("accountId", "apiId", "domainName", "domainPrefix", "requestId", "routeKey", "stage")


def event_of(call: Call, payload: str) -> dict[str, Any]:
    """The event of a call in a payload version; only HTTP APIs have 2.0."""
    return _event_2(call) if payload == "2.0" and not call.api.is_rest else _event_1(call)


def _event_1(call: Call) -> dict[str, Any]:
    """An event with payload version 1.0, as a REST API or an HTTP API sends it."""
    request, rest = call.request, call.api.is_rest
    headers = request.seen_by_integrations()
    if not rest:
        headers = [(name.title() if name.islower() else name, value) for name, value in headers]
    # A REST event's path has no stage, but a custom domain's base path.
    within_stage = request.host_name not in call.stage.domains and request.raw_path.startswith(f"/{call.stage.name}")
    body, encoded = _body(call)
    return {
        **({} if rest else {"version": "1.0"}),
        "resource": call.route.path,
        "path": call.path if rest and within_stage else request.raw_path,
        "httpMethod": request.method,
        "headers": dict(headers) or None,
        "multiValueHeaders": _grouped(headers) or None,
        "queryStringParameters": dict(request.query) or None,
        "multiValueQueryStringParameters": _grouped(request.query) or None,
        "pathParameters": dict(call.variables) or None,
        "stageVariables": dict(call.stage.variables) or None,
        "requestContext": {name: value for name, value in call.context.items() if name != "routeKey"},
        "body": body,
        "isBase64Encoded": encoded,
    }


def _event_2(call: Call) -> dict[str, Any]:
    """An event with payload version 2.0."""
    request, path = call.request, unquote(call.request.raw_path)
    headers = {name.lower(): value for name, value in _joined(request.seen_by_integrations()).items()}
    headers.pop("cookie", None)
    body, encoded = _body(call)
    context: dict[str, Any] = {
        **{name: call.context[name] for name in _CONTEXT_2},
        "http": {
            "method": request.method,
            "path": path,
            "protocol": call.context["protocol"],
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent"),
        },
        "time": call.context["requestTime"],
        "timeEpoch": call.context["requestTimeEpoch"],
    }
    optional = {
        "cookies": [part.strip() for value in request.values("cookie") for part in value.split(";")],
        "queryStringParameters": _joined(request.query),
        "pathParameters": dict(call.variables),
        "stageVariables": dict(call.stage.variables),
    }
    return {
        "version": "2.0",
        "routeKey": call.route.name,
        "rawPath": path,
        "rawQueryString": request.raw_query,
        "headers": headers,
        "requestContext": context | _authorizer_2(call),
        "isBase64Encoded": encoded,
        **{name: value for name, value in optional.items() if value},
        **({"body": body} if body is not None else {}),
    }


def _authorizer_2(call: Call) -> dict[str, Any]:
    identity = call.identity
    match identity.kind:
        case AuthorizerKind.JWT:
            return {"authorizer": {"jwt": call.context["authorizer"]}}
        case AuthorizerKind.REQUEST:
            return {"authorizer": {"lambda": identity.context}}
        case AuthorizerKind.IAM:
            unknown = dict.fromkeys(("cognitoIdentity", "accessKey", "callerId", "principalOrgId", "userId"))
            return {"authorizer": {"iam": {"accountId": call.account, "userArn": identity.user_arn, **unknown}}}
    return {}


def _body(call: Call) -> tuple[str | None, bool]:
    """The body of an event, and whether it is base64.

    REST APIs encode the media types that they declare as binary, HTTP APIs every type but a few.
    """
    body, media = call.request.body, call.request.media
    if not body:
        return None, False
    if call.api.is_rest:
        binary = is_binary(media, call.api.binary_types)
    else:
        binary = not media.startswith("text/") and media not in _TEXTS
    if not binary:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def is_binary(media: str, binary_types: Iterable[str]) -> bool:
    """Whether a REST API declares the media type as binary."""
    return any(kind in ("*/*", media) or (kind.endswith("/*") and media.startswith(kind[:-1])) for kind in binary_types)


def _grouped(pairs: Pairs) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _joined(pairs: Pairs) -> dict[str, str]:
    return {name: ",".join(values) for name, values in _grouped(pairs).items()}
