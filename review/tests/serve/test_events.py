"""Events have the fields that AWS documents, with their types, for each kind of API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import asyncio
from typing import Any

import pytest

from review.serve import integrations
from review.serve.apis import Authorizer, AuthorizerKind
from review.serve.authorization import Authorization
from review.serve.issuer import Issuer
from review.serve.proxy import event_of
from review.serve.request import Request
from review.serve.testing import Served
from review.tests.graph_builder import REGION
from review.tests.serve.conftest import Shared, call_of
from tests import plain_http

pytestmark = pytest.mark.xdist_group("serve")

REST = {
    "resource": str, "path": str, "httpMethod": str, "headers": dict, "multiValueHeaders": dict,
    "queryStringParameters": dict, "multiValueQueryStringParameters": dict, "pathParameters": dict,
    "stageVariables": type(None), "requestContext": dict, "body": str, "isBase64Encoded": bool,
}  # fmt: skip
REST_CONTEXT = {
    "resourceId": str, "resourcePath": str, "httpMethod": str, "extendedRequestId": str, "requestTime": str,
    "path": str, "accountId": str, "protocol": str, "stage": str, "domainPrefix": str, "requestTimeEpoch": int,
    "requestId": str,
    "identity": dict, "domainName": str, "deploymentId": str, "apiId": str,
}  # fmt: skip
IDENTITY = {
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp", "principalOrgId", "accessKey",
    "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "userAgent", "user",
}  # fmt: skip
HTTP = {
    "version": str, "routeKey": str, "rawPath": str, "rawQueryString": str, "cookies": list, "headers": dict,
    "queryStringParameters": dict, "requestContext": dict, "body": str, "pathParameters": dict, "isBase64Encoded": bool,
}  # fmt: skip
HTTP_CONTEXT = {
    "accountId": str, "apiId": str, "authorizer": dict, "domainName": str, "domainPrefix": str, "http": dict,
    "requestId": str, "routeKey": str, "stage": str, "time": str, "timeEpoch": int,
}  # fmt: skip


def shape(event: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in event.items()}


def event(monkeypatch: pytest.MonkeyPatch, served: Served, method: str, path: str, **sent: Any) -> dict[str, Any]:
    """The event of one call of an example."""
    seen: list[dict[str, Any]] = []

    def kept(call: Any, payload: str) -> Any:
        seen.append(event_of(call, payload))
        return seen[-1]

    monkeypatch.setattr(integrations, "event_of", kept)
    line = served.route(method, path)
    headers = {**line.headers, **sent.pop("headers", {})}
    assert plain_http.request(method, line.url + "?a=1&a=2", headers=headers, **sent).status_code == 200
    return seen[-1]


def test_of_a_rest_api(monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    # No endpoint is in front of a public API.
    posed = {"X-Gatehouse-Vpc-Endpoint": "vpce-1 in vpc-1"}
    found = event(monkeypatch, shared("dev"), "POST", "/forward/{proxy+}", content=b"x", headers=posed)
    assert shape(found) == REST
    assert shape(found["requestContext"]) == REST_CONTEXT
    assert found["requestContext"]["identity"].keys() == IDENTITY
    assert (found["queryStringParameters"], found["multiValueQueryStringParameters"]) == ({"a": "2"}, {"a": ["1", "2"]})
    assert (found["path"], found["requestContext"]["path"]) == ("/forward/proxy", "/live/forward/proxy")
    assert (found["pathParameters"], found["body"], found["isBase64Encoded"]) == ({"proxy": "proxy"}, "eA==", True)
    assert "connection" not in found["headers"]


def test_of_an_http_api(monkeypatch: pytest.MonkeyPatch, shared: Shared) -> None:
    headers = {"Cookie": "a=1; b=2", "Content-Type": "text/plain"}
    found = event(
        monkeypatch, shared("examples/jwt-http.yaml"), "POST", "/orders/{proxy+}", content=b"x", headers=headers
    )
    assert shape(found) == HTTP
    assert shape(found["requestContext"]) == HTTP_CONTEXT
    assert found["requestContext"]["http"].keys() == {"method", "path", "protocol", "sourceIp", "userAgent"}
    assert found["requestContext"]["authorizer"]["jwt"]["scopes"] == ["orders/read"]
    assert (found["cookies"], found["queryStringParameters"]) == (["a=1", "b=2"], {"a": "1,2"})
    assert (found["body"], found["isBase64Encoded"]) == ("x", False)
    assert "cookie" not in found["headers"]


REQUEST_1 = {
    "type", "methodArn", "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
    "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext",
}  # fmt: skip
REQUEST_2 = {
    "version", "type", "routeArn", "identitySource", "routeKey", "rawPath", "rawQueryString", "headers",
    "requestContext",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "rest", "payload", "fields"),
    [
        (AuthorizerKind.TOKEN, True, "1.0", {"type", "methodArn", "authorizationToken"}),
        (AuthorizerKind.REQUEST, True, "1.0", REQUEST_1),
        (AuthorizerKind.REQUEST, False, "1.0", REQUEST_1 | {"version", "identitySource", "authorizationToken"}),
        # A field that is empty is left out of version 2.0.
        (AuthorizerKind.REQUEST, False, "2.0", REQUEST_2),
    ],
)
def test_of_an_authorizer(kind: AuthorizerKind, rest: bool, payload: str, fields: set[str]) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html"""
    seen: list[Any] = []

    async def invoke(_: Any, __: Any, sent: Any) -> Any:
        seen.append(sent)
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
        return {"principalId": "ann", "policyDocument": {"Statement": [statement]}}

    source = f"{'method.' if rest else '$'}request.header.X-Token"
    authorizer = Authorizer(name="a", kind=kind, sources=(source,), payload=payload)
    call = call_of(Request("GET", "/", "", [("x-token", "t")], b""), authorizer, rest=rest)
    asyncio.run(Authorization(Issuer(), invoke, REGION).identify(call))
    assert seen[0].keys() == fields
    assert seen[0]["type"] == ("TOKEN" if kind is AuthorizerKind.TOKEN else "REQUEST")
